// Themes stacked: what each adds, escalation upwards and thaw downwards; they sum to index − 50; from far, means of steps.

import { customSeriesDefaultOptions } from "../../vendor/lightweight-charts.mjs";
import { FAR } from "./curves.js";
import { eachColumn, inSight } from "./columns.js";

const COARSE = 7;

export class StackSeries {
	constructor() { this.drawer = new StackDrawer(); }
	renderer() { return this.drawer; }
	update(data, options) { this.drawer.data = data; this.drawer.options = options; }
	priceValueBuilder(row) { return [row.under, row.over, row.total]; }
	isWhitespace(row) { return row.values === undefined; }
	defaultOptions() { return { ...customSeriesDefaultOptions, colours: [], ink: "#15191e", priceLineVisible: false }; }
}

/** A row of the series from the values of the themes, in risk points. */
export function stacked(time, values) {
	let over = 0, under = 0;
	for (const value of values) {
		if (value > 0) over += value;
		else under += value;
	}
	return { time, values, over, under, total: over + under };
}

class StackDrawer {
	draw(target, toY) {
		if (!inSight(this.data)) return;
		target.useBitmapCoordinateSpace(({ context: pen, horizontalPixelRatio: across, verticalPixelRatio: down }) => {
			const y = (value) => (toY(value) ?? 0) * down;
			const { xs, means, totals } = this.means(across);
			const over = new Float64Array(xs.length), under = new Float64Array(xs.length);
			this.options.colours.forEach((colour, theme) => {
				pen.fillStyle = colour;
				for (const [edge, keep] of [[over, (v) => v > 0], [under, (v) => v < 0]]) {
					const before = Float64Array.from(edge);
					for (let i = 0; i < xs.length; i++) if (keep(means[i][theme])) edge[i] += means[i][theme];
					this.area(pen, xs, before, edge, y);
				}
			});
			pen.strokeStyle = this.options.ink;
			pen.lineWidth = across;
			pen.beginPath();
			xs.forEach((x, i) => i ? pen.lineTo(x, y(totals[i])) : pen.moveTo(x, y(totals[i])));
			pen.stroke();
		});
	}

	area(pen, xs, inner, outer, y) {
		pen.beginPath();
		for (let i = 0; i < xs.length; i++) i ? pen.lineTo(xs[i], y(outer[i])) : pen.moveTo(xs[i], y(outer[i]));
		for (let i = xs.length - 1; i >= 0; i--) pen.lineTo(xs[i], y(inner[i]));
		pen.fill();
	}

	means(across) {
		const { bars, visibleRange } = this.data;
		const xs = [], means = [], totals = [];
		eachColumn(bars, visibleRange, across, (x, start, end) => {
			const mean = new Float64Array(this.options.colours.length);
			for (let i = start; i < end; i++) {
				const { values } = bars[i].originalData;
				for (let n = 0; n < mean.length; n++) mean[n] += values[n];
			}
			for (let n = 0; n < mean.length; n++) mean[n] /= end - start;
			xs.push(x);
			means.push(mean);
			totals.push(mean.reduce((all, one) => all + one, 0));
		}, visibleRange.to - visibleRange.from > FAR ? COARSE * across : 1);
		return { xs, means, totals };
	}
}
