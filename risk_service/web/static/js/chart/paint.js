// The chart's colours, taken from the style sheet so that both follow one theme.

import { THEMES, day, iso, moment } from "../format.js";

const NAMES = ["card", "ink", "soft", "line", "faint", "esc", "thaw", "defense", ...Object.keys(THEMES)];

export function paint() {
	const style = getComputedStyle(document.documentElement);
	const found = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
	return { ...found, band: `${found.soft}38`, ghost: `${found.soft}bf` };
}

/** A mark of the time scale: its year, month, day or time, as its weight is. */
function tick(seconds, weight) {
	const [date, month, year] = day(iso(seconds)).split(" ");
	return [year, month, date][weight] ?? iso(seconds).slice(11, 16);
}

/** Colours, and the room below the lines, a share of the height. */
export function chartOptions(colours, room) {
	const cross = { color: colours.soft, labelBackgroundColor: colours.ink };
	return {
		layout: {
			background: { color: colours.card }, textColor: colours.soft, attributionLogo: false, fontSize: 12,
			fontFamily: getComputedStyle(document.body).fontFamily, panes: { separatorColor: colours.line },
		},
		grid: { vertLines: { visible: false }, horzLines: { color: colours.faint } },
		// As wide as its figures from the start: nothing is laid out anew when they come.
		rightPriceScale: { borderVisible: false, minimumWidth: 52, scaleMargins: { top: 0.05, bottom: room } },
		leftPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: room + 0.04 } },
		timeScale: {
			borderColor: colours.line, minBarSpacing: 0.001, maxBarSpacing: 40, fixLeftEdge: true, fixRightEdge: true,
			rightOffset: 0, timeVisible: true, secondsVisible: false, enableConflation: true,
			tickMarkFormatter: tick,
		},
		localization: { timeFormatter: (seconds) => moment(iso(seconds)) },
		crosshair: { vertLine: cross, horzLine: cross },
	};
}
