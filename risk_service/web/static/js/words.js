// A text with the words that moved the model marked.

import { byId, h, span } from "./dom.js";
import { INKS, NAMES, SIGNS, number, percent, wayOf } from "./format.js";

/** Pieces of a text: [piece, weight or 0]; the words come heaviest first, which wins where two overlap. */
function pieces(text, [first, ...rest]) {
	if (!first || !text) return [[text, 0]];
	const word = first[0].trim().replace(/[\^$.*+?()[\]{}|/\\]/g, "\\$&");
	const parts = word ? text.split(new RegExp(`(?<![\\p{L}\\p{N}])(${word})(?![\\p{L}\\p{N}])`, "iu")) : [text];
	return parts.flatMap((part, n) => n % 2 ? [[part, first[1]]] : pieces(part, rest));
}

/** The text as nodes; ways are told to those who see no colours, too. */
export function coloured(text, words) {
	const told = (words || []).filter(([, weight]) => Math.abs(weight) >= 0.05).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
	return pieces(text, told).map(([piece, weight]) => {
		if (!weight) return piece;
		const way = wayOf(weight);
		return h("mark", { class: weight > 0 ? "esc" : "thaw", title: `${SIGNS[way]} leans to ${way}: ${number(weight, 2)}` },
			piece, h("span", { class: "sr" }, ` (leans to ${way})`));
	});
}

/** ▲ Escalation, with its sign, word and colour. */
export function chip(direction, abstains = false) {
	if (!direction) return h("span", { class: "chip neutral-ink" }, "not scored");
	return h("span", { class: `chip ${INKS[direction]}` },
		h("span", { mute: true }, SIGNS[direction]), NAMES[direction], abstains ? " (close call)" : "");
}

/** Three bars: how sure the model is of each direction. */
export function probabilities(score) {
	return h("div", { class: "probabilities" }, Object.keys(NAMES).map((name) =>
		h("div", {},
			span(chip(name)),
			h("span", { class: `track ${INKS[name]}`, mute: true }, h("i", { "width%": 100 * score[`p_${name}`] })),
			span(percent(score[`p_${name}`])))));
}

export const legend = () => byId("words-legend").content.cloneNode(true);

/** The outlet of an event, as a link where it has an address on the web. */
export const source = ({ url, source: name }) => /^https?:\/\//.test(url || "")
	? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, name) : span(name);
