// Try it: a text scored sentence by sentence; nothing is kept.

import { post } from "./api.js";
import { byId, card, failed, fill, h, small } from "./dom.js";
import { NAMES, THEMES, number, percent } from "./format.js";
import { chip, coloured, legend, probabilities } from "./words.js";

const EXAMPLE = "Moscow and Washington agreed on Tuesday to reopen consulates and resume direct flights. "
	+ "Hours later Russia launched a massive drone attack on Odesa, killing two. "
	+ "The foreign ministers are to meet in Geneva next week.";
const MOST = 200, LONGEST = 4000;

export function setUpTry({ first }) {
	if (!first) return;
	const text = byId("try-text"), form = byId("try-form");
	byId("try-example").onclick = () => { text.value = EXAMPLE; form.requestSubmit(); };
	form.onsubmit = (event) => { event.preventDefault(); score(text.value); };
}

/** Sentences, each line by itself: a heading ends with its line. */
export function sentences(text) {
	const cut = new Intl.Segmenter("en", { granularity: "sentence" });
	return text.split(/\n+/).flatMap((line) => [...cut.segment(line)].map((one) => one.segment.trim())).filter(Boolean);
}

async function score(text) {
	const out = byId("try-out");
	const told = sentences(text).map((one) => one.slice(0, LONGEST)).slice(0, MOST);
	if (!told.length) return;
	const whole = text.trim().slice(0, LONGEST);
	const many = told.length > 1;
	try {
		const { results, model_version: version } = await post("/v1/score", { texts: many ? [whole, ...told] : told });
		const parts = many ? results.slice(1) : results;
		fill(out,
			many ? card("The text as a whole", summary(results[0]), tally(parts)) : null,
			card(many ? "Sentence by sentence" : "The text",
				told.map((one, n) => sentence(one, parts[n])), legend(), small(`Model ${version}.`)));
	} catch (error) {
		fill(out, failed(error));
	}
}

function summary(result) {
	if (!result.scored) return unread(result);
	return [h("p", { class: "row" }, chip(result.direction, result.abstains), h("span", { class: "small" }, about(result))), probabilities(result)];
}

const about = ({ relevance, severity }) => `severity ${number(severity)} of 3 · ` + ({
	dyad: "about the two directly", theatre: "about the theatre they meet in", other: "not about the dyad: it would weigh nothing in the index",
}[relevance.directness] || relevance.directness) + (relevance.weight ? ` · ${THEMES[relevance.theme]}` : "");

const unread = (result) => small(`Not scored: it reads like another language than English${result.language ? ` (${result.language})` : ""}, and is not guessed at.`);

const tally = (parts) => small(`Of ${parts.length} sentences ${Object.keys(NAMES).map((name) => `${parts.filter((one) => one.direction === name).length} ${name}`).join(", ")}.`);

function sentence(text, result) {
	if (!result.scored) return h("div", { class: "sentence" }, h("p", {}, text), unread(result));
	const words = result.contributions.map((one) => [one.word, one.weight]);
	return h("div", { class: "sentence" },
		h("div", {}, h("p", {}, coloured(text, words)), small(about(result))),
		h("div", {}, chip(result.direction, result.abstains),
			h("div", { class: "stack", mute: true }, ["escalation", "thaw", "neutral"].map((name) =>
				h("i", { class: name === "escalation" ? "esc" : name, "width%": 100 * result[`p_${name}`] }))),
			small(["escalation", "thaw", "neutral"].map((name) => `${NAMES[name].toLowerCase()} ${percent(result[`p_${name}`])}`).join(" · "))));
}
