// What the colours and lines of the chart mean.

import { byId, fill, h, span } from "../dom.js";
import { THEMES } from "../format.js";
import { paint } from "./paint.js";

export function showLegend(state, view) {
	const colours = paint();
	const one = (kind, colour, words) => {
		const swatch = h("i", { class: `swatch ${kind}`, mute: true });
		if (kind) swatch.style.borderTopColor = colour;
		else swatch.style.background = colour;
		return span(swatch, words);
	};
	const own = {
		index: () => [one("line", colours.esc, "risk index above 50"), one("line", colours.thaw, "below 50"), one("", colours.band, "90 % interval"), one("line", colours.ink, "mean of the year before")],
		pair: () => [one("line", colours.esc, "escalation index"), one("dashed", colours.thaw, "thaw index"), span("100 is the mean of 1992–2013; from far, heavy lines are means of the year before")],
		themes: () => [...Object.entries(THEMES).map(([name, label]) => one("", colours.themes[name], label)), span("up: escalation, down: thaw; the line is their sum, index − 50")],
	}[state.measure]();
	if (state.asOf && state.measure !== "themes") own.push(one("dashed", colours.ghost, "as known now"));
	if (view.overlays.has("energy")) own.push(one("line", colours.energy, "energy, left scale"));
	if (view.overlays.has("defense")) own.push(one("dashed", colours.defense, "defence, left scale"));
	if (view.marks.visible) own.push(span(h("span", { class: "esc-ink", mute: true }, "▲"), "and", h("span", { class: "thaw-ink", mute: true }, "▼"), "stories; click to open"));
	fill(byId("legend"), own);
}
