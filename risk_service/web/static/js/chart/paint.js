// The chart's colours, taken from the style sheet so that both follow one theme.

const THEME_COLOURS = {
	military: "#d55e00", diplomacy: "#56b4e9", sanctions_trade: "#e69f00", energy: "#009e73",
	arms_control: "#cc79a7", detainees: "#8f8f8f", cyber: "#0072b2",
};

export function paint() {
	const style = getComputedStyle(document.documentElement);
	const of = (name) => style.getPropertyValue(`--${name}`).trim();
	return {
		card: of("card"), ink: of("ink"), soft: of("soft"), line: of("line"), faint: of("faint"), esc: of("esc"), thaw: of("thaw"),
		band: faded(of("soft"), 0.22), ghost: faded(of("soft"), 0.75), energy: "#009e73", defense: "#b35c9e", themes: THEME_COLOURS,
	};
}

/** #rrggbb as rgba with a share of opacity. */
export function faded(hex, share) {
	const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
	return `rgba(${red},${green},${blue},${share})`;
}

export function chartOptions(colours) {
	return {
		layout: {
			background: { color: colours.card }, textColor: colours.soft, attributionLogo: false, fontSize: 12,
			fontFamily: getComputedStyle(document.body).fontFamily, panes: { separatorColor: colours.line },
		},
		grid: { vertLines: { visible: false }, horzLines: { color: colours.faint } },
		rightPriceScale: { borderVisible: false },
		leftPriceScale: { borderVisible: false },
		timeScale: {
			borderColor: colours.line, minBarSpacing: 0.001, maxBarSpacing: 40, fixLeftEdge: true, fixRightEdge: true,
			rightOffset: 0, timeVisible: true, secondsVisible: false, enableConflation: true,
		},
		crosshair: { vertLine: { color: colours.soft, labelBackgroundColor: colours.ink }, horzLine: { color: colours.soft, labelBackgroundColor: colours.ink } },
	};
}
