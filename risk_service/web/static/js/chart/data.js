// What the chart is made of, asked for: columns from CSV, and events.

import { ask, get, query } from "../api.js";

const MOST_MARKS = 20_000;

/** {time: seconds, name: numbers …} of a CSV of numbers by time; unknown is NaN. */
function columnsOf(csv, names) {
	const end = csv.indexOf("\n"), head = JSON.parse(`[${csv.slice(0, end)}]`), wide = head.length;
	// All cells as one list: the browser reads that faster than a loop would.
	const cells = JSON.parse(`[${csv.slice(end + 1, -1).replaceAll("\n", ",").replaceAll(/,(?=,|$)/g, ",null")}]`);
	const made = new Map([["time", 0], ...names.map((name) => [name, head.indexOf(name)])]);
	for (const [name, place] of made) {
		const column = new Float64Array(cells.length / wide);
		column.forEach((_, row) => { const cell = cells[row * wide + place]; column[row] = place ? cell ?? NaN : Date.parse(cell) / 1000; });
		made.set(name, column);
	}
	return Object.fromEntries(made);
}

const table = async (address, names) => columnsOf(await (await ask(address)).text(), names);

/** The history of an index: days, or hours of a span, now or as known at a moment. */
export const historyOf = (names, { asOf, ...span } = {}) => table(`/v1/index/history${query({ format: "csv", columns: names.join(","), as_of: asOf, ...span })}`, names);

/** Levels of a sector at the close each day meets. */
export const sectorOf = (name, { asOf, from }) => table(`/v1/sectors/${name}${query({ format: "csv", from, as_of: asOf })}`, ["level"]);

/** Pages of events that weigh, newest first, handed to a call as they come. */
export async function marksOf(filter, onPage, signal) {
	let next = `/v1/events${query({ dyad: "USA-RUS", limit: 500, ...filter })}`;
	for (let many = 0; next && many < MOST_MARKS;) {
		const { events, next: more } = await get(next, { signal, quiet: true });
		onPage(events.filter((event) => event.score && event.relevance));
		many += events.length;
		next = more;
	}
}

/** Place of the last time that is not after a moment; -1 before the first. */
export function placeOf(times, moment) {
	let low = 0, high = times.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (times[middle] <= moment) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}
