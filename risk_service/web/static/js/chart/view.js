// The chart itself: which series stand in it, their colours and scales. It asks nobody anything.

import { LineSeries, LineStyle, createChart } from "../../vendor/lightweight-charts.mjs";
import { Curves, yearMeans } from "./curves.js";
import { Marks } from "./marks.js";
import { chartOptions, paint } from "./paint.js";
import { Stack } from "./stack.js";
import { THEMES } from "../format.js";

const ROOM_FOR_MARKS = 0.16;
const WHOLE = [0, 100], NEWEST = { index: "risk_index", pair: "escalation_index" };
const figure = (value) => value.toFixed(value % 1 ? 1 : 0);
const index = (value) => value < -0.01 || value > 100.01 ? "" : figure(value);
const FORMATS = {
	index,
	pair: (value) => value < -0.5 ? "" : value.toFixed(0),
	themes: (value) => `${value > 0 ? "+" : ""}${figure(value)}`.replace("-", "−"),
};
const scaled = (range) => () => {
	const [minValue, maxValue] = range();
	return minValue <= maxValue ? { priceRange: { minValue, maxValue } } : null;
};

export class View {
	/** The chart is made when there is something to draw. */
	constructor(box, opened) {
		Object.assign(this, { box, opened, marks: new Marks(), series: [], overlays: new Map(), times: [] });
	}

	open() {
		const { clientWidth: width, clientHeight: height } = this.box;
		this.chart = createChart(this.box, { width, height, autoSize: true, ...chartOptions(paint(), ROOM_FOR_MARKS) });
		this.chart.panes()[0].attachPrimitive(this.marks);
		this.opened(this.chart);
	}

	/** Draw a measure from columns; ghost are the columns of the whole past as it is known now. */
	show(measure, columns, ghost, hours = false) {
		const first = !this.chart;
		if (first) this.open();
		this.measure = measure;
		for (const one of this.series) this.chart.removeSeries(one);
		// At first the library gets a bar a week, for each takes time; the lines have every day.
		this.times = first ? sparse(columns.time) : ghost ? ghost.time : columns.time;
		this.drawing = this.drawn(measure, columns, hours);
		const values = columns[NEWEST[measure]] || this.drawing.total, range = measure === "index" ? () => WHOLE : () => this.drawing.range();
		const scale = { autoscaleInfoProvider: scaled(range), priceFormat: { type: "custom", minMove: 0.1, formatter: FORMATS[measure] } };
		this.series = ghost ? [this.line({ ...(measure === "index" && scale), lineWidth: 1, lineStyle: LineStyle.Dotted, color: paint().ghost, lastValueVisible: false }, lined(ghost.time, ghost[NEWEST[measure]]))] : [];
		// It holds the times, and the newest value for the scale; all else draws itself.
		const last = values.findLastIndex((value) => !Number.isNaN(value)), newest = columns.time[last];
		this.bars = (times) => Array.from(times, (time) => time === newest ? { time, value: values[last] } : { time });
		const own = this.line({ ...scale, lineVisible: false }, this.bars(first ? this.times : columns.time), this.drawing);
		this.every = first && columns.time;
		if (measure === "index") own.createPriceLine({ price: 50, color: paint().soft, lineStyle: LineStyle.Dotted, lineWidth: 1, axisLabelVisible: false, title: "" });
		this.series.push(own);
		this.repaint();
	}

	/** Give the library the days it has not had yet. */
	refine() {
		if (!this.every) return;
		[this.times, this.every] = [this.every, null];
		this.drawing.place(this.times);
		this.series[0].setData(this.bars(this.times));
		this.look(0, this.times.length - 1);
	}

	line(options, rows, drawing) {
		const made = this.chart.addSeries(LineSeries, { priceLineVisible: false, crosshairMarkerVisible: false, ...options });
		if (drawing) made.attachPrimitive(drawing);
		made.setData(rows);
		return made;
	}

	drawn(measure, { time, ...of }, hours) {
		if (measure === "themes") return new Stack(time, this.times, Object.keys(THEMES).map((name) => of[name]));
		const lines = measure === "index" ? [of.risk_index] : [of.escalation_index, of.thaw_index];
		return new Curves(time, this.times, lines, { means: hours ? null : lines.map(yearMeans), low: of.low, high: of.high });
	}

	/** Lay a sector over the chart on a scale of its own, at the left; null takes it away. */
	overlay(name, columns) {
		if (!this.chart) return;
		if (this.overlays.has(name)) this.chart.removeSeries(this.overlays.get(name));
		this.overlays.delete(name);
		if (columns) {
			const first = this.times[0], last = this.times.at(-1);
			const rows = lined(columns.time, columns.level).filter(({ time, value }) => value !== undefined && time >= first && time <= last);
			this.overlays.set(name, this.line({
				priceScaleId: "left", lineWidth: 1.5, lineStyle: name === "energy" ? LineStyle.Solid : LineStyle.LargeDashed, lastValueVisible: false, crosshairMarkerVisible: true, crosshairMarkerRadius: 3,
			}, rows));
		}
		this.chart.applyOptions({ leftPriceScale: { visible: this.overlays.size > 0 } });
		this.repaint();
	}

	/** Colours of the theme of this moment, for all that stands in the chart. */
	repaint() {
		if (!this.chart) return;
		const colours = paint(), { esc, thaw, ink, band } = colours;
		this.chart.applyOptions(chartOptions(colours, this.marks.visible ? ROOM_FOR_MARKS : 0.05));
		this.marks.colours = { escalation: esc, thaw };
		if (this.drawing) this.drawing.look = { colours: this.measure === "themes" ? Object.keys(THEMES).map((name) => colours[name]) : [esc, thaw], split: this.measure === "index", ink, band };
		this.series.at(-1)?.applyOptions({ color: this.measure === "pair" ? esc : ink });
		for (const [name, made] of this.overlays) made.applyOptions({ color: colours[name] });
	}

	/** Places of the first and last bar in sight. */
	sight() {
		const range = this.chart?.timeScale().getVisibleLogicalRange();
		const inside = (place) => Math.max(0, Math.min(this.times.length - 1, place));
		return range && this.times.length ? { from: inside(Math.ceil(range.from)), to: inside(Math.floor(range.to)) } : null;
	}

	look(from, to) { this.chart?.timeScale().setVisibleLogicalRange({ from, to }); }

	/** Move by a share of what is in sight, and zoom about its middle. */
	move(share, zoom = 1) {
		const range = this.chart?.timeScale().getVisibleLogicalRange();
		if (!range) return;
		const last = this.times.length - 1, seen = range.to - range.from, width = seen * zoom;
		const from = Math.max(0, Math.min((range.from + range.to - width) / 2 + share * seen, last - width));
		this.look(from, Math.min(last, from + Math.max(3, width)));
	}
}

const sparse = (times) => times.filter((_, row) => !row || (times.length - 1 - row) % 7 === 0);

/** Rows of the library from columns; an unknown value is a time alone. */
const lined = (time, values = []) => Array.from(time, (at, i) => values[i] >= 0 ? { time: at, value: values[i] } : { time: at });
