// What the chart is made of, asked for: columns from CSV, and events.

import { ask, get, query } from "../api.js";

const MOST_MARKS = 20_000;
const LINE = 10, QUOTE = 34, COMMA = 44, MINUS = 45, POINT = 46, ZERO = 48;

/** {time: seconds, name: numbers …} of a CSV by days or moments, byte by byte; unknown is NaN. */
function columnsOf(bytes, names) {
	const text = (from, to) => String.fromCharCode(...bytes.subarray(from, to));
	const end = bytes.indexOf(LINE);
	const head = text(0, end).replaceAll('"', "").split(",");
	let rows = 0;
	for (let at = end; (at = bytes.indexOf(LINE, at + 1)) > 0;) rows++;
	const made = Object.fromEntries(["time", ...names].map((name) => [name, new Float64Array(rows).fill(NaN)]));
	const places = head.map((name, n) => made[n ? name : "time"]);
	for (let row = 0, cell = 0, from = end + 1, at = from; row < rows; at++) {
		const byte = bytes[at];
		if (byte !== COMMA && byte !== LINE) continue;
		if (places[cell] && at > from) places[cell][row] = cell ? numberAt(bytes, from, at, text) : timeAt(bytes, from, at);
		from = at + 1;
		cell++;
		if (byte === COMMA) continue;
		row++;
		cell = 0;
	}
	return made;
}

function numberAt(bytes, from, to, text) {
	let digits = 0, scale = 0;
	for (let at = bytes[from] === MINUS ? from + 1 : from; at < to; at++) {
		const digit = bytes[at] - ZERO;
		if (digit >= 0 && digit <= 9) {
			digits = 10 * digits + digit;
			scale *= 10;
		} else if (bytes[at] === POINT) scale = 1;
		else return Number(text(from, to));
	}
	return (bytes[from] === MINUS ? -digits : digits) / (scale || 1);
}

function timeAt(bytes, from, to) {
	const at = bytes[from] === QUOTE ? from + 1 : from;
	const two = (place) => 10 * (bytes[at + place] - ZERO) + bytes[at + place + 1] - ZERO;
	const clock = to - at > 18 ? 3600 * two(11) + 60 * two(14) + two(17) : 0;
	return Date.UTC(100 * two(0) + two(2), two(5) - 1, two(8)) / 1000 + clock;
}

const table = async (address, names) => columnsOf(new Uint8Array(await (await ask(address)).arrayBuffer()), names);

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
