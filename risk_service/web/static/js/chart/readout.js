// The figures under the pointer, else of the newest day.

import { byId, fill, h, span } from "../dom.js";
import { NAMES, SIGNS, THEMES, day, number, signed, when } from "../format.js";
import { placeOf } from "./data.js";

export function showReadout(view, seen, state) {
	const columns = state.shown, place = columns ? placeOf(columns.time, seen?.time ?? Infinity) : -1;
	if (place < 0) return;
	const event = view.marks.at(seen?.point);
	const levels = [...view.overlays].map(([name, made]) => {
		const value = seen?.seriesData.get(made)?.value;
		return value && ` · ${name === "defense" ? "defence" : name} ${number(value)}`;
	});
	fill(byId("readout"), event ? told(event) : [span(`${when(columns.time[place], state)}  `), figures(state.measure, columns, place), levels]);
}

const told = ({ score: { direction: way }, ...event }) => [h("b", {}, `${SIGNS[way]} ${NAMES[way]} `), `${day(event.published_at)}  ${event.text || event.event_code}`];

function figures(measure, columns, i) {
	if (measure === "index") return [h("b", {}, number(columns.risk_index[i])), `  interval ${number(columns.low[i])} to ${number(columns.high[i])}`];
	if (measure === "pair") return ["escalation ", h("b", {}, number(columns.escalation_index[i], 0)), ", thaw ", h("b", {}, number(columns.thaw_index[i], 0))];
	const shares = Object.keys(THEMES).filter((name) => Math.abs(columns[name][i]) >= 0.05).sort((a, b) => Math.abs(columns[b][i]) - Math.abs(columns[a][i]));
	return shares.map((name) => `${THEMES[name]} ${signed(columns[name][i])}`).join(" · ") || "no theme weighs anything";
}
