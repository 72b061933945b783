// Stories below the line, ▲ escalation above ▼ thaw; of those that fall together, the gravest.

import { placeOf } from "./data.js";

const APART = 13, ROWS = { escalation: 36, thaw: 15 }, REACH = 11;

export class Marks {
	constructor(chart) {
		this.chart = chart;
		this.events = [];
		this.shown = [];
		this.times = [];
		this.colours = { escalation: "#ad4207", thaw: "#0b5fa5" };
		this.visible = true;
		const renderer = { draw: (target) => this.draw(target) };
		this.views = [{ zOrder: () => "top", renderer: () => renderer }];
	}

	paneViews() { return this.views; }
	attached({ requestUpdate }) { this.requestUpdate = requestUpdate; }

	/** Events with score and relevance; times are those of the chart's bars. */
	set(events, times) {
		this.times = times;
		const placed = [];
		for (const event of events) {
			const way = event.score.direction;
			if (way === "neutral") continue;
			const moment = Date.parse(event.published_at) / 1000;
			const place = placeOf(times, moment);
			if (place < 0 || moment > times.at(-1) + 86400) continue;
			placed.push({ event, way, place, weight: event.score.severity * event.relevance.weight });
		}
		this.events = placed.sort((a, b) => a.place - b.place);
		this.places = this.events.map((one) => one.place);
		this.requestUpdate?.();
	}

	/** Events of the bars between two places, both included. */
	between(from, to) {
		return this.events.slice(placeOf(this.places, from - 1) + 1, placeOf(this.places, to) + 1);
	}

	/** The mark at a point, or null. */
	at(x, y) {
		const near = this.shown.filter((one) => Math.abs(one.x - x) <= REACH && Math.abs(one.y - y) <= REACH);
		near.sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x));
		return near[0]?.event ?? null;
	}

	hitTest(x, y) {
		const found = this.visible && this.at(x, y);
		return found ? { externalId: String(found.id), zOrder: "top", cursorStyle: "pointer" } : null;
	}

	draw(target) {
		this.shown = [];
		const scale = this.chart.timeScale(), range = scale.getVisibleLogicalRange();
		if (!this.visible || !range || !this.events.length) return;
		const left = scale.logicalToCoordinate(0);
		const step = (scale.logicalToCoordinate(1000) - left) / 1000;
		target.useMediaCoordinateSpace(({ context: pen, mediaSize }) => {
			const best = { escalation: new Map(), thaw: new Map() };
			for (const one of this.between(Math.floor(range.from), Math.ceil(range.to))) {
				const x = left + step * one.place, slot = Math.floor(x / APART);
				const before = best[one.way].get(slot);
				if (!before || one.weight > before.weight) best[one.way].set(slot, { ...one, x });
			}
			for (const [way, row] of Object.entries(ROWS)) {
				pen.fillStyle = this.colours[way];
				for (const one of best[way].values()) {
					const y = mediaSize.height - row;
					this.shown.push({ x: one.x, y, event: one.event });
					triangle(pen, one.x, y, 2.4 + 1.5 * one.event.score.severity, way === "escalation" ? -1 : 1);
				}
			}
		});
	}
}

function triangle(pen, x, y, size, way) {
	pen.beginPath();
	pen.moveTo(x, y + way * size * 0.85);
	pen.lineTo(x - size * 0.85, y - way * size * 0.6);
	pen.lineTo(x + size * 0.85, y - way * size * 0.6);
	pen.fill();
}
