// One story: its score and words, what it added, what markets did next, its label.

import { addedOn } from "./added.js";
import { get } from "./api.js";
import { byId, failed, fill, h, head, small, span, table } from "./dom.js";
import { ABOUT, INKS, THEMES, count, day, moment, number, percent, severityWords, signed, some, wayOf } from "./format.js";
import { labelForm } from "./label.js";
import { chip, coloured, legend, probabilities, source } from "./words.js";

let asked = 0;

/** Open the story of an event by its id. */
export async function openStory(id) {
	const mine = ++asked;
	const dialog = byId("story");
	const body = h("div", { class: "dialog-body", "aria-busy": "true" }, head(dialog, "Story"), h("p", {}, "Asking the service …"));
	fill(dialog, body);
	if (!dialog.open) {
		const before = location.hash.startsWith("#story") ? "#index" : location.hash || "#index";
		dialog.showModal();
		history.replaceState(null, "", `#story/${id}`);
		dialog.addEventListener("close", () => history.replaceState(null, "", before), { once: true });
	}
	try {
		const { event } = await get(`/v1/events/${id}`);
		if (mine !== asked) return;
		body.removeAttribute("aria-busy");
		const label = h("div", { class: "block" });
		fill(body, head(dialog, "Story"), facts(event), block("What it added to the index", addedBy(event)), block("What markets did next", marketAfter(event)), label);
		labelForm(label, event);
	} catch (error) {
		fill(body, head(dialog, "Story"), failed(error));
	}
}

/** A part of the story that is filled once it is known. */
function block(title, nodes) {
	const made = h("div", { class: "block" }), told = (known) => fill(made, h("h3", {}, title), known);
	told(small("Asking the service …"));
	nodes.then(told, (error) => told(failed(error)));
	return made;
}

function facts(event) {
	const { score, relevance } = event;
	return [
		h("p", { class: "story-text" }, coloured(event.text || `Coded event ${event.event_code}`, score?.words)),
		h("p", { class: "about" },
			span(moment(event.published_at)),
			source(event),
			relevance && span(THEMES[relevance.theme]),
			span(ABOUT[relevance?.directness || "other"])),
		score ? [
			h("p", { class: "row" }, chip(score.direction, score.abstains), h("span", { class: "small" }, `severity ${number(score.severity)} of 3, ${severityWords(score.severity)} · read from ${score.basis}`)),
			probabilities(score),
			score.words.length > 0 && legend(),
		] : small("Not scored: no text in a language the model reads."),
	];
}

async function addedBy(event) {
	if (!event.relevance) return small("Nothing: it is not about the dyad.");
	const date = event.published_at.slice(0, 10);
	const { index, stories, all } = await addedOn(date);
	const place = stories.findIndex((one) => one.story_id === event.relevance.story_id);
	if (place < 0) return small(`Not among the ${count(stories.length)} stories that weigh most ${index === null ? "now" : `on ${day(date)}`}.`);
	const { contribution: points, reports } = stories[place];
	return h("p", {},
		h("b", { class: INKS[wayOf(points)] }, `${signed(points)} points`),
		index === null ? " now" : ` of that day’s ${number(index)}`, `, as number ${place + 1} of ${count(all)} stories, from ${some(reports, "report")}.`);
}

const MOVES = { energy: "Energy", defense: "Defence", "^VIX": "VIX, expected volatility", SPY: "US shares (SPY)" };

async function marketAfter(event) {
	const found = await get(`/v1/events/${event.id}/market`);
	const simulated = found.prices.simulated && small(h("b", {}, "Simulated closes"), ", for demonstration: a random walk, not the market.");
	if (!found.day) return [small("No close is at hand for the days after it."), simulated];
	const { trading_day: traded, moves, percentile, fits } = found.day;
	const usual = percentile === null ? "Too few days are at hand to say how unusual that is."
		: `Taken together, more unusual than ${percent(percentile)} of the trading days of the year before.`;
	const agreed = found.agrees === null ? "" : `, ${found.agrees ? "as" : "against how"} the model reads it`;
	return [
		small(`At the first closes after it, ${day(traded)}:`),
		table("Moves", ["What", "Move", "Side"], moves.map((one) => [
			MOVES[one.name] || one.name, one.return === null ? "–" : `${signed(100 * one.return, 2)} %`,
			one.with_it === null ? "–" : chip(one.with_it ? "escalation" : "thaw")])),
		small(usual, fits in INKS ? ` At least three of four carry the signs of ${fits}${agreed}.` : " Their signs point no one way.",
			" Other news came that day too; nothing here says why, or what follows."),
		simulated];
}
