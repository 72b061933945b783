// Themes stacked: what each adds, escalation upwards, thaw downwards; they sum to index − 50.

import { Drawing } from "./drawing.js";

/** Values are a column of numbers a theme, in risk points; look: colours, ink. */
export class Stack extends Drawing {
	constructor(time, times, values) {
		super(time, times);
		this.coarse = 7;
		this.values = values;
		const sum = (keep) => time.map((_, row) => values.reduce((all, theme) => all + keep(theme[row]), 0));
		this.over = sum((value) => value > 0 ? value : 0);
		this.under = sum((value) => value < 0 ? value : 0);
		this.total = sum((value) => value);
	}

	range() { return this.extent(this.under, this.over); }

	paint(pen, across) {
		const { xs, means, totals } = this.steps();
		const over = new Float64Array(xs.length), under = new Float64Array(xs.length);
		this.look.colours.forEach((colour, theme) => {
			pen.fillStyle = colour;
			for (const [edge, way] of [[over, 1], [under, -1]]) {
				const before = edge.slice();
				means[theme].forEach((mean, i) => { if (way * mean > 0) edge[i] += mean; });
				this.area(pen, xs, before, edge);
			}
		});
		pen.strokeStyle = this.look.ink;
		pen.lineWidth = across;
		pen.beginPath();
		xs.forEach((x, i) => pen.lineTo(x, this.y(totals[i])));
		pen.stroke();
	}

	area(pen, xs, inner, outer) {
		pen.beginPath();
		xs.forEach((x, i) => pen.lineTo(x, this.y(outer[i])));
		for (let i = xs.length - 1; i >= 0; i--) pen.lineTo(xs[i], this.y(inner[i]));
		pen.fill();
	}

	/** Means of each theme, and of their sum, in each column. */
	steps() {
		const of = (values) => this.cut.map(([, start, end]) => {
			let sum = 0;
			for (let row = start; row < end; row++) sum += values[row];
			return sum / (end - start);
		});
		return { xs: this.cut.map(([x]) => x), means: this.values.map(of), totals: of(this.total) };
	}
}
