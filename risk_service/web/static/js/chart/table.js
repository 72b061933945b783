// The chart as a table, to read or to hear: the span in sight, in some dozens of rows.

import { byId, fill, small, table } from "../dom.js";
import { THEMES, number, upper, when } from "../format.js";
import { placeOf } from "./data.js";

const MOST = 60;
const head = (name) => upper((THEMES[name] || name).replace("_", " "));

export function showTable(view, state) {
	const sight = view.sight();
	const columns = state.shown;
	if (!sight || !columns) return;
	const from = Math.max(0, placeOf(columns.time, view.times[sight.from])), to = placeOf(columns.time, view.times[sight.to]);
	const step = Math.max(1, Math.ceil((to - from + 1) / MOST));
	const places = [];
	for (let i = to; i >= from; i -= step) places.push(i);
	const names = Object.keys(columns).filter((name) => name !== "time");
	const unit = state.hours ? "hour" : "day";
	fill(byId("chart-table").querySelector("div"),
		small(step === 1 ? `Each ${unit} in sight.` : `One ${unit} in ${step}, newest first; zoom in for all.`),
		table("The chart as a table", [state.hours ? "Hour, UTC" : "Day", ...names.map(head)],
			places.map((i) => [when(columns.time[i], state), ...names.map((name) => number(columns[name][i]))])));
}
