// Try it: a text scored sentence by sentence; nothing is kept.

import { post } from "./api.js";
import { byId, card, failed, fill, h, small } from "./dom.js";
import { ABOUT, NAMES, THEMES, number } from "./format.js";
import { chip, coloured, legend, probabilities } from "./words.js";

const MOST = 200, LONGEST = 4000;

export function setUpTry({ first }) {
	if (!first) return;
	const text = byId("try-text"), form = byId("try-form");
	byId("try-example").onclick = () => { text.value = byId("try-example").value; form.requestSubmit(); };
	form.onsubmit = (event) => { event.preventDefault(); score(text.value); };
}

/** Sentences, each line by itself: a heading ends with its line. */
function sentences(text) {
	const cut = new Intl.Segmenter("en", { granularity: "sentence" });
	return text.split(/\n+/).flatMap((line) => [...cut.segment(line)].map((one) => one.segment.trim())).filter(Boolean);
}

async function score(text) {
	const out = byId("try-out");
	const told = sentences(text).map((one) => one.slice(0, LONGEST)).slice(0, MOST), many = told.length > 1;
	if (!told.length) return;
	try {
		const { results, model_version: version } = await post("/v1/score", { texts: [text.trim().slice(0, LONGEST), ...told] });
		const [whole, ...parts] = results;
		fill(out,
			many && card("The text as a whole", summary(whole), tally(parts)),
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

const about = ({ relevance: { directness, theme, weight }, severity }) =>
	[`severity ${number(severity)} of 3`, ABOUT[directness], ...(weight ? [THEMES[theme]] : [])].join(" · ");

const unread = (result) => small(`Not scored: it reads like another language than English${result.language ? ` (${result.language})` : ""}, and is not guessed at.`);

const tally = (parts) => small(`Of ${parts.length} sentences ${Object.keys(NAMES).map((name) => `${parts.filter((one) => one.direction === name).length} ${name}`).join(", ")}.`);

function sentence(text, result) {
	if (!result.scored) return h("div", { class: "sentence" }, h("p", {}, text), unread(result));
	const words = result.contributions.map((one) => [one.word, one.weight]);
	return h("div", { class: "sentence" },
		h("div", {}, h("p", {}, coloured(text, words)), small(about(result))),
		h("div", {}, chip(result.direction, result.abstains), probabilities(result)));
}
