// A strip of time with a tick for each day on which a rule would have told: ▲ up, ▼ down.

import { svg } from "./dom.js";

const WIDTH = 900, HEIGHT = 74, MIDDLE = 30;

export function strip(rows, first, last) {
	const start = Date.parse(first), all = Date.parse(last) - start || 1;
	const x = (iso) => 8 + (WIDTH - 16) * (Date.parse(iso) - start) / all;
	const years = [];
	for (let year = Number(first.slice(0, 4)) + 1; year <= Number(last.slice(0, 4)); year++) if (year % 5 === 0) years.push(year);
	return svg("svg", { class: "strip", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${rows.length} firings, in the table below` },
		svg("line", { x1: 8, x2: WIDTH - 8, y1: MIDDLE, y2: MIDDLE, class: "axis" }),
		years.map((year) => svg("g", {}, svg("line", { x1: x(`${year}-01-01`), x2: x(`${year}-01-01`), y1: MIDDLE - 3, y2: MIDDLE + 3, class: "axis" }),
			svg("text", { x: x(`${year}-01-01`), y: HEIGHT - 6, class: "year" }, String(year)))),
		rows.map((row) => {
			const at = x(row.day), up = row.direction === "escalation", way = up ? -1 : 1;
			const tip = MIDDLE + way * 20, foot = MIDDLE + way * 10;
			return svg("g", { class: up ? "esc-fill" : "thaw-fill" },
				svg("rect", { x: at - 0.75, y: Math.min(MIDDLE, foot), width: 1.5, height: 10 }),
				svg("path", { d: `M${at} ${tip}L${at - 4} ${foot}L${at + 4} ${foot}Z` }));
		}));
}
