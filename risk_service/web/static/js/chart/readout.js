// The figures under the pointer, else of the newest day.

import { byId, fill, h, span } from "../dom.js";
import { NAMES, SIGNS, THEMES, day, number, signed } from "../format.js";
import { placeOf } from "./data.js";

export function showReadout(view, seen, state) {
	const columns = state.shown;
	if (!columns?.time.length) return;
	const pointed = seen?.time !== undefined;
	const place = pointed ? placeOf(columns.time, seen.time) : columns.time.length - 1;
	if (place < 0) return;
	const at = new Date(columns.time[place] * 1000).toISOString();
	const when = state.hours ? `${day(at)}, ${at.slice(11, 16)} UTC` : day(at);
	const event = seen?.point && view.marks.visible ? view.marks.at(seen.point.x, seen.point.y) : null;
	const levels = pointed ? [...view.overlays].flatMap(([name, made]) => {
		const value = seen.seriesData.get(made)?.value;
		return value === undefined ? [] : [` · ${name === "defense" ? "defence" : name} ${number(value)}`];
	}) : [];
	fill(byId("readout"), event ? told(event) : [span(`${when}  `), figures(state.measure, columns, place), levels]);
}

const told = (event) => [h("b", {}, `${SIGNS[event.score.direction]} ${NAMES[event.score.direction]} `), `${day(event.published_at)}  ${event.text || event.event_code}`];

function figures(measure, columns, i) {
	if (measure === "index") return [h("b", {}, number(columns.risk_index[i])), `  interval ${number(columns.low[i])} to ${number(columns.high[i])}`];
	if (measure === "pair") return ["escalation ", h("b", {}, number(columns.escalation_index[i], 0)), ", thaw ", h("b", {}, number(columns.thaw_index[i], 0))];
	const shares = Object.entries(THEMES).map(([name, label]) => [label, columns[name][i]]).filter(([, value]) => Math.abs(value) >= 0.05);
	shares.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
	return shares.length ? shares.map(([label, value], n) => `${n ? " · " : ""}${label} ${signed(value)}`) : "no theme weighs anything";
}
