// Lines over time, and the interval of the first: orange above 50, blue below.
// From far the days fade; the mean of the year before each stands for them.

import { Drawing, ends } from "./drawing.js";

const YEAR = 365, LEAST = 180, DASHES = [[], [6, 4]];

/** Means of the year before each day, from its days alone; NaN until half a year is there. */
export function yearMeans(values) {
	let sum = 0;
	return values.map((value, i) => {
		sum += value - (i >= YEAR ? values[i - YEAR] : 0);
		return i + 1 < LEAST ? NaN : sum / Math.min(i + 1, YEAR);
	});
}

/** Lines, means and the bounds of the first are columns; look: colours, split, band, ink. */
export class Curves extends Drawing {
	constructor(time, times, lines, { means, low, high }) {
		super(time, times);
		Object.assign(this, { lines, means, low, high, coarse: 1 });
	}

	range() {
		const all = this.lines.flatMap((line) => this.extent(line));
		return [Math.min(...all), Math.max(...all)];
	}

	paint(pen, across, size) {
		const { colours, split, band, ink } = this.look, far = this.far && this.means;
		if (this.low) this.interval(pen, band);
		this.lines.forEach((values, n) => {
			const dash = DASHES[n].map((one) => one * across), middle = split ? this.y(50) : size.height;
			pen.globalAlpha = far ? 0.4 : 1;
			pen.lineWidth = (far ? 1 : 1.7) * across;
			pen.setLineDash(far ? [] : dash);
			const draw = this.dense && far ? this.bars(values) : this.line(values);
			for (const [colour, top, bottom] of [[colours[n], 0, middle], [colours[1], middle, size.height]]) {
				if (bottom > top) draw(pen, colour, top, bottom, size.width);
			}
			if (!far) return;
			pen.globalAlpha = 1;
			pen.lineWidth = 2.2 * across;
			pen.setLineDash(dash);
			pen.strokeStyle = split ? ink : colours[n];
			pen.stroke(this.mean(this.means[n]));
		});
	}

	/** A line through the first, lowest, highest and last of what shares a column. */
	line(values) {
		const line = new Path2D(), to = (x, value) => { if (!Number.isNaN(value)) line.lineTo(x, this.y(value)); };
		for (const [x, start, end] of this.cut) {
			to(x, values[start]);
			if (end - start > 1) for (const one of [...ends(values, start, end), values[end - 1]]) to(x, one);
		}
		return (pen, colour, top, bottom, width) => {
			pen.save();
			pen.beginPath();
			pen.rect(0, top, width, bottom - top);
			pen.clip();
			pen.strokeStyle = colour;
			pen.stroke(line);
			pen.restore();
		};
	}

	/** The same where days are denser than pixels: bars, each from where the last ends. */
	bars(values) {
		const bars = [];
		let before = NaN;
		for (const [x, start, end] of this.cut) {
			const [low, high] = ends(values, start, end);
			if (low > high) continue;
			bars.push([x, this.y(before > high ? before : high), this.y(before < low ? before : low)]);
			before = values[end - 1];
		}
		return (pen, colour, top, bottom) => {
			pen.fillStyle = colour;
			for (const [x, high, low] of bars) {
				const from = Math.max(top, high), to = Math.min(bottom, Math.max(low, high + 1));
				if (to > from) pen.fillRect(x, from, 1, to - from);
			}
		};
	}

	mean(values) {
		const line = new Path2D();
		for (const [x, , end] of this.cut) if (values[end - 1] >= 0) line.lineTo(x, this.y(values[end - 1]));
		return line;
	}

	interval(pen, colour) {
		pen.beginPath();
		for (const [x, start, end] of this.cut) pen.lineTo(x, this.y(ends(this.high, start, end)[1]));
		for (const [x, start, end] of this.cut.toReversed()) pen.lineTo(x, this.y(ends(this.low, start, end)[0]));
		pen.fillStyle = colour;
		pen.fill();
	}
}
