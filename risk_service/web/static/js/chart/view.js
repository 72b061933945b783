// The chart itself: which series stand in it, their colours and scales. It asks nobody anything.

import { LineSeries, LineStyle, createChart } from "../../vendor/lightweight-charts.mjs";
import { Curves, yearMeans } from "./curves.js";
import { Marks } from "./marks.js";
import { chartOptions, paint } from "./paint.js";
import { StackSeries, stacked } from "./stack.js";
import { THEMES } from "../format.js";

const ROOM_FOR_MARKS = 0.16;
const whole = () => ({ priceRange: { minValue: 0, maxValue: 100 } });
const POSITIVE = { type: "custom", minMove: 1, formatter: (value) => value < -0.5 ? "" : value.toFixed(0) };
const SIGNED = { type: "custom", minMove: 0.1, formatter: (value) => `${value > 0 ? "+" : ""}${value.toFixed(value % 1 ? 1 : 0)}`.replace("-", "−") };
const POINTS = { type: "custom", minMove: 0.1, formatter: (value) => value < -0.01 || value > 100.01 ? "" : value.toFixed(value % 1 ? 1 : 0) };

export class View {
	constructor(box) {
		this.chart = createChart(box, { autoSize: true, ...chartOptions(paint()) });
		this.marks = new Marks(this.chart);
		this.chart.panes()[0].attachPrimitive(this.marks);
		this.series = [];
		this.overlays = new Map();
		this.times = [];
		this.repaint();
	}

	/** Draw a measure from columns; ghost are the columns of the whole past as it is known now. */
	show(measure, columns, ghost, hours = false) {
		this.measure = measure;
		for (const one of this.series) this.chart.removeSeries(one);
		this.series = [];
		this.times = ghost ? ghost.time : columns.time;
		if (ghost) this.addGhost(measure, ghost);
		({ index: () => this.addIndex(columns, hours), pair: () => this.addPair(columns, hours), themes: () => this.addThemes(columns) })[measure]();
		this.repaint();
	}

	addIndex({ time, risk_index: values, low, high }, hours) {
		const made = this.chart.addCustomSeries(new Curves(), { split: true, autoscaleInfoProvider: whole, priceFormat: POINTS });
		const means = hours ? null : yearMeans(values);
		made.setData(time.map((at, i) => ({ time: at, values: [values[i]], low: low[i], high: high[i], means: means && [means[i]] })));
		made.createPriceLine({ price: 50, color: paint().soft, lineStyle: LineStyle.Dotted, lineWidth: 1, axisLabelVisible: false, title: "" });
		this.series.push(made);
	}

	addPair({ time, escalation_index: escalation, thaw_index: thaw }, hours) {
		const made = this.chart.addCustomSeries(new Curves(), { priceFormat: POSITIVE });
		const means = hours ? null : [yearMeans(escalation), yearMeans(thaw)];
		made.setData(time.map((at, i) => Number.isNaN(escalation[i]) ? { time: at } : { time: at, values: [escalation[i], thaw[i]], means: means?.map((one) => one[i]) }));
		this.series.push(made);
	}

	addThemes(columns) {
		const names = Object.keys(THEMES);
		const made = this.chart.addCustomSeries(new StackSeries(), { priceFormat: SIGNED });
		made.setData(columns.time.map((at, i) => stacked(at, names.map((name) => columns[name][i] || 0))));
		this.series.push(made);
	}

	addGhost(measure, ghost) {
		const values = ghost[{ index: "risk_index", pair: "escalation_index" }[measure]];
		const made = this.chart.addSeries(LineSeries, {
			lineWidth: 1, lineStyle: LineStyle.Dotted, color: paint().ghost, lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false,
			priceFormat: POINTS, ...(measure === "index" ? { autoscaleInfoProvider: whole } : {}),
		});
		// Without a line of its own a measure still shows the whole span of time.
		made.setData(ghost.time.map((time, i) => values ? { time, value: values[i] } : { time }));
		this.series.push(made);
	}

	/** Lay a sector over the chart on a scale of its own, at the left; null takes it away. */
	overlay(name, columns) {
		const before = this.overlays.get(name);
		if (before) this.chart.removeSeries(before);
		this.overlays.delete(name);
		if (columns) {
			const made = this.chart.addSeries(LineSeries, {
				priceScaleId: "left", lineWidth: 1.5, lineStyle: name === "energy" ? LineStyle.Solid : LineStyle.LargeDashed, priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3,
			});
			const [first, last] = [this.times[0], this.times.at(-1)];
			const known = columns.time.flatMap((time, i) => Number.isNaN(columns.level[i]) || time < first || time > last ? [] : [{ time, value: columns.level[i] }]);
			made.setData(known);
			this.overlays.set(name, made);
		}
		this.chart.applyOptions({ leftPriceScale: { visible: this.overlays.size > 0 } });
		this.repaint();
	}

	/** Colours of the theme of this moment, for all that stands in the chart. */
	repaint() {
		const colours = paint();
		this.chart.applyOptions(chartOptions(colours));
		this.chart.applyOptions({ rightPriceScale: { scaleMargins: { top: 0.05, bottom: this.marks.visible ? ROOM_FOR_MARKS : 0.05 } },
			leftPriceScale: { scaleMargins: { top: 0.08, bottom: ROOM_FOR_MARKS + 0.04 } } });
		this.marks.colours = { escalation: colours.esc, thaw: colours.thaw };
		const own = this.series.at(-1);
		if (this.measure === "index") own?.applyOptions({ colours: [colours.esc, colours.thaw], band: colours.band, ink: colours.ink, color: colours.ink });
		if (this.measure === "pair") own?.applyOptions({ colours: [colours.esc, colours.thaw], color: colours.esc });
		if (this.measure === "themes") own?.applyOptions({ colours: Object.keys(THEMES).map((name) => colours.themes[name]), ink: colours.ink, color: colours.ink });
		for (const [name, made] of this.overlays) made.applyOptions({ color: colours[name] });
	}

	/** Places of the first and last bar in sight. */
	sight() {
		const range = this.chart.timeScale().getVisibleLogicalRange();
		if (!range || !this.times.length) return null;
		const last = this.times.length - 1;
		return { from: Math.min(last, Math.max(0, Math.ceil(range.from))), to: Math.max(0, Math.min(last, Math.floor(range.to))) };
	}

	look(from, to) { this.chart.timeScale().setVisibleLogicalRange({ from, to }); }

	/** Move by a share of what is in sight, and zoom about its middle. */
	move(share, zoom = 1) {
		const range = this.chart.timeScale().getVisibleLogicalRange();
		if (!range) return;
		const width = (range.to - range.from) * zoom, middle = (range.from + range.to) / 2 + share * (range.to - range.from);
		const last = this.times.length - 1;
		const from = Math.max(0, Math.min(middle - width / 2, last - width));
		this.look(from, Math.min(last, from + Math.max(3, width)));
	}
}
