// A text with the words that moved the model marked.

import { byId, h, span } from "./dom.js";
import { INKS, NAMES, SIGNS, number, percent, wayOf } from "./format.js";

const letter = (one) => /[\p{L}\p{N}]/u.test(one || "");

/** Pieces of a text, [piece, weight or 0]; of words that overlap the first wins. */
function pieces(text, words) {
	if (!words.length || !text) return [[text, 0]];
	const [[told, weight], ...rest] = words, word = told.trim().toLowerCase(), low = text.replaceAll("İ", "I").toLowerCase();
	for (let at = low.indexOf(word); word && at >= 0; at = low.indexOf(word, at + 1)) {
		const end = at + word.length;
		if (!letter(text[at - 1]) && !letter(text[end])) return [...pieces(text.slice(0, at), rest), [text.slice(at, end), weight], ...pieces(text.slice(end), words)];
	}
	return pieces(text, rest);
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
