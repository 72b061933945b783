// Draws columns of numbers itself: an object a bar, as the library keeps, takes longer to make.

import { placeOf } from "./data.js";

/** More bars in sight than this are looked at from far. */
const FAR = 1100;

export class Drawing {
	/** Times of the rows, and of the chart's bars, among which they are. */
	constructor(time, times) {
		this.time = time;
		this.place(times);
		this.views = [{ renderer: () => this }];
	}

	/** Where each row stands among the bars, or between two. */
	place(times) {
		let bar = 0;
		this.places = this.time.map((at) => {
			while (times[bar + 1] <= at) bar++;
			return at > times[bar] ? bar + (at - times[bar]) / (times[bar + 1] - times[bar]) || bar : bar;
		});
	}

	paneViews() { return this.views; }
	attached({ chart, series }) { this.scale = chart.timeScale(); this.series = series; }

	/** The rows in sight: the first, and the one after the last. */
	sight() {
		const range = this.scale.getVisibleLogicalRange(), { places } = this;
		return range ? [Math.max(0, placeOf(places, range.from)), Math.min(places.length, placeOf(places, Math.ceil(range.to)) + 1)] : [0, 0];
	}

	draw(target) {
		const left = this.scale.logicalToCoordinate(0), zero = this.series.priceToCoordinate(0), [from, to] = this.sight();
		if (left === null || zero === null || to <= from) return;
		const wide = (this.scale.logicalToCoordinate(1000) - left) / 1000, high = (this.series.priceToCoordinate(100) - zero) / 100;
		target.useBitmapCoordinateSpace(({ context: pen, horizontalPixelRatio: across, verticalPixelRatio: down, bitmapSize: size }) => {
			this.far = to - from > FAR;
			this.dense = wide * across * (this.places[to - 1] - this.places[from]) < 0.7 * (to - from);
			this.cut = this.columns(from, to, left * across, wide * across, this.far ? this.coarse * across : 1);
			this.y = (value) => (zero + high * value) * down;
			pen.save();
			pen.lineJoin = "round";
			this.paint(pen, across, size);
			pen.restore();
		});
	}

	/** Days that share a pixel: its x, their first row and the one after the last. */
	columns(from, to, left, wide, width) {
		const made = [], place = (row) => Math.round((left + wide * this.places[row]) / width) * width;
		let x = place(from);
		for (let row = from, start = from; row < to; row++) {
			const next = row + 1 < to ? place(row + 1) : NaN;
			if (next === x) continue;
			made.push([x, start, row + 1]);
			start = row + 1;
			x = next;
		}
		return made;
	}

	/** Least and most of columns of numbers in sight. */
	extent(lowest, highest = lowest) {
		const [from, to] = this.sight();
		return [ends(lowest, from, to)[0], ends(highest, from, to)[1]];
	}
}

/** Least and most of some rows. */
export function ends(values, from, to) {
	let least = Infinity, most = -Infinity;
	for (let row = from; row < to; row++) {
		if (values[row] < least) least = values[row];
		if (values[row] > most) most = values[row];
	}
	return [least, most];
}
