// What the chart is made of, asked for: columns from CSV, and events.

import { ask, get, query } from "../api.js";

const MOST_MARKS = 20_000;

/** {time: seconds[], name: number[] …} of a CSV whose first column is a day or a moment. */
export function columnsOf(text, names) {
	const lines = text.split("\n");
	const head = lines[0].replaceAll('"', "").split(",");
	const places = names.map((name) => head.indexOf(name));
	const made = { time: [], ...Object.fromEntries(names.map((name) => [name, []])) };
	for (let n = 1; n < lines.length; n++) {
		if (!lines[n]) continue;
		const cells = lines[n].split(",");
		const first = cells[0];
		made.time.push(Date.parse(first.charCodeAt(0) === 34 ? first.slice(1, -1) : first) / 1000);
		for (let i = 0; i < names.length; i++) {
			const cell = cells[places[i]];
			made[names[i]].push(cell === "" || cell === undefined ? NaN : Number(cell));
		}
	}
	return made;
}

/** The history of an index: days, or hours of a span, now or as known at a moment. */
export async function historyOf(names, { asOf, resolution, from, to } = {}) {
	const told = query({ format: "csv", columns: names.join(","), as_of: asOf, resolution, from, to });
	const answer = await ask(`/v1/index/history${told}`);
	return columnsOf(await answer.text(), names);
}

/** Levels of a sector at the close each day meets. */
export async function sectorOf(name, { asOf, from }) {
	const answer = await ask(`/v1/sectors/${name}${query({ format: "csv", from, as_of: asOf })}`);
	return columnsOf(await answer.text(), ["level"]);
}

/** Pages of events that weigh, newest first, handed to a call as they come. */
export async function marksOf(filter, onPage, signal) {
	let next = `/v1/events${query({ dyad: "USA-RUS", limit: 500, ...filter })}`;
	for (let many = 0; next && many < MOST_MARKS;) {
		const page = await get(next, { signal, quiet: true });
		const scored = page.events.filter((event) => event.score && event.relevance);
		onPage(scored);
		many += page.events.length;
		next = page.next;
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
