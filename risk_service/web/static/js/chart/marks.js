// Stories below the line, ▲ escalation above ▼ thaw; of those that fall together, the gravest.

import { placeOf } from "./data.js";

const APART = 13, ROWS = { escalation: 36, thaw: 15 }, REACH = 11;

export class Marks {
	constructor() {
		this.events = this.places = this.shown = [];
		this.visible = true;
		const renderer = { draw: (target) => this.draw(target) };
		this.views = [{ zOrder: () => "top", renderer: () => renderer }];
	}

	paneViews() { return this.views; }
	attached({ chart, requestUpdate }) { Object.assign(this, { chart, requestUpdate }); }

	/** Events with score and relevance; times are those of the chart's bars. */
	set(events, times) {
		this.events = events.map((event) => {
			const moment = Date.parse(event.published_at) / 1000, place = moment > times.at(-1) + 86400 ? -1 : placeOf(times, moment);
			return { event, place, way: event.score.direction, weight: event.score.severity * event.relevance.weight };
		}).filter(({ way, place }) => way in ROWS && place >= 0).sort((a, b) => a.place - b.place);
		this.places = this.events.map((one) => one.place);
		this.requestUpdate?.();
	}

	/** Events of the bars between two places, both included. */
	between(from, to) {
		return this.events.slice(placeOf(this.places, from - 1) + 1, placeOf(this.places, to) + 1);
	}

	/** The story whose mark is at a point, if one is. */
	at(point) {
		const away = (one) => Math.max(Math.abs(one.x - point.x), Math.abs(one.y - point.y));
		const near = point && this.visible ? this.shown.filter((one) => away(one) <= REACH) : [];
		return near.sort((a, b) => away(a) - away(b))[0]?.event;
	}

	hitTest(x, y) {
		const found = this.at({ x, y });
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
				if (!(best[one.way].get(slot)?.weight >= one.weight)) best[one.way].set(slot, { ...one, x });
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
