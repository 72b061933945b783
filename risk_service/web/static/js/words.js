// A text with the words that moved the model marked.

import { h, span } from "./dom.js";
import { INKS, NAMES, SIGNS, number, percent } from "./format.js";

const LETTER = /[\p{L}\p{N}]/u;

/** Pieces of a text: [piece, weight or 0]; the heaviest word wins where two overlap. */
export function pieces(text, words) {
	const lower = text.toLowerCase();
	const found = [];
	const heaviest = [...words].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
	for (const [word, weight] of heaviest) {
		const sought = word.toLowerCase();
		if (!sought.trim() || lower.length !== text.length) continue;
		for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, at + 1)) {
			const end = at + sought.length;
			const inside = LETTER.test(text[at - 1] || " ") || LETTER.test(text[end] || " ");
			if (!inside && !found.some((one) => at < one.end && end > one.at)) found.push({ at, end, weight });
		}
	}
	found.sort((a, b) => a.at - b.at);
	const told = [];
	let from = 0;
	for (const one of found) {
		if (one.at > from) told.push([text.slice(from, one.at), 0]);
		told.push([text.slice(one.at, one.end), one.weight]);
		from = one.end;
	}
	if (from < text.length) told.push([text.slice(from), 0]);
	return told;
}

/** The text as nodes; weights are also told to those who do not see colours. */
export function coloured(text, words) {
	return pieces(text, words || []).map(([piece, weight]) => {
		if (Math.abs(weight) < 0.05) return piece;
		const way = weight > 0 ? "escalation" : "thaw";
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
	return h("div", { class: "probabilities" }, ["escalation", "thaw", "neutral"].map((name) =>
		h("div", {},
			span(chip(name)),
			h("span", { class: `track ${INKS[name]}`, mute: true }, h("i", { "width%": 100 * score[`p_${name}`] })),
			span(percent(score[`p_${name}`])))));
}

export const legend = () => h("p", { class: "small" },
	h("mark", { class: "esc" }, "marked so"), " moved the model to escalation, ",
	h("mark", { class: "thaw" }, "and so"), " to thaw. It tells what moved the model, not the two countries.");

/** The outlet of an event, as a link where it has an address on the web. */
export const source = ({ url, source: name }) => /^https?:\/\//.test(url || "")
	? h("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, name) : span(name);
