// Lines over time, and the interval of the first: the risk index is orange above 50, blue below.
// From far the days fade, and the mean of the year before each stands for them.

import { customSeriesDefaultOptions } from "../../vendor/lightweight-charts.mjs";
import { eachColumn, inSight } from "./columns.js";

/** More bars in sight than this are looked at from far. */
export const FAR = 1100;
const YEAR = 365, LEAST = 180, DASHES = [[], [6, 4]];

/** Means of the year before each day, from its days alone; NaN until half a year is there. */
export function yearMeans(values) {
	let sum = 0;
	return values.map((value, i) => {
		sum += value - (i >= YEAR ? values[i - YEAR] : 0);
		return i + 1 < LEAST ? NaN : sum / Math.min(i + 1, YEAR);
	});
}

/** Rows of {time, values: [of each line], means, low, high}; options: colours, split, band, ink. */
export class Curves {
	renderer() { return this; }
	update(data, options) { this.data = data; this.options = options; }
	priceValueBuilder({ values, low, high }) {
		return low === undefined ? [Math.min(...values), Math.max(...values), values[0]] : [low, high, values[0]];
	}
	isWhitespace(row) { return row.values === undefined; }
	defaultOptions() { return { ...customSeriesDefaultOptions, colours: [], priceLineVisible: false }; }

	draw(target, toY) {
		if (!inSight(this.data)) return;
		target.useBitmapCoordinateSpace(({ context: pen, horizontalPixelRatio: across, verticalPixelRatio: down, bitmapSize: size }) => {
			const { bars, visibleRange } = this.data, { colours, split, band, ink } = this.options;
			const y = (value) => (toY(value) ?? 0) * down;
			const far = visibleRange.to - visibleRange.from > FAR && bars[visibleRange.to - 1].originalData.means;
			pen.save();
			pen.lineJoin = "round";
			if (band) {
				pen.fillStyle = band;
				pen.fill(this.band(across, y));
			}
			for (let n = 0; n < (split ? 1 : colours.length); n++) {
				const dash = DASHES[n].map((one) => one * across), days = this.days(n, across, y);
				pen.globalAlpha = far ? 0.4 : 1;
				pen.lineWidth = (far ? 1 : 1.7) * across;
				pen.setLineDash(far ? [] : dash);
				if (split) {
					part(pen, days, colours[0], 0, y(50), size.width);
					part(pen, days, colours[1], y(50), size.height, size.width);
				} else stroke(pen, days, colours[n]);
				if (!far) continue;
				pen.globalAlpha = 1;
				pen.lineWidth = 2.2 * across;
				pen.setLineDash(dash);
				stroke(pen, this.means(n, across, y), split ? ink : colours[n]);
			}
			pen.restore();
		});
	}

	each(across, call) { eachColumn(this.data.bars, this.data.visibleRange, across, call); }

	/** First, lowest, highest and last of what shares a column. */
	days(n, across, y) {
		const { bars } = this.data, line = new Path2D();
		const value = (i) => bars[i].originalData.values[n];
		this.each(across, (x, start, end) => {
			line.lineTo(x, y(value(start)));
			if (end - start === 1) return;
			let least = Infinity, most = -Infinity;
			for (let i = start; i < end; i++) {
				const one = value(i);
				if (one < least) least = one;
				if (one > most) most = one;
			}
			for (const one of [least, most, value(end - 1)]) line.lineTo(x, y(one));
		});
		return line;
	}

	means(n, across, y) {
		const line = new Path2D();
		this.each(across, (x, _, end) => {
			const value = this.data.bars[end - 1].originalData.means[n];
			if (value >= 0) line.lineTo(x, y(value));
		});
		return line;
	}

	band(across, y) {
		const { bars } = this.data, made = new Path2D(), lower = [];
		this.each(across, (x, start, end) => {
			let low = Infinity, high = -Infinity;
			for (let i = start; i < end; i++) {
				const row = bars[i].originalData;
				if (row.low < low) low = row.low;
				if (row.high > high) high = row.high;
			}
			made.lineTo(x, y(high));
			lower.push([x, y(low)]);
		});
		for (const [x, bottom] of lower.reverse()) made.lineTo(x, bottom);
		return made;
	}
}

function stroke(pen, line, colour) {
	pen.strokeStyle = colour;
	pen.stroke(line);
}

function part(pen, line, colour, top, bottom, width) {
	if (bottom <= top) return;
	pen.save();
	pen.beginPath();
	pen.rect(0, top, width, bottom - top);
	pen.clip();
	stroke(pen, line, colour);
	pen.restore();
}
