// The list of stories: searched, filtered, paged, each with what it added to the index of its day.

import { addedOn } from "./added.js";
import { get, query } from "./api.js";
import { byId, field, fill, h, later, select, span } from "./dom.js";
import { NAMES, THEMES, day, number, severityWords, signed } from "./format.js";
import { openStory } from "./story.js";
import { chip, coloured, source } from "./words.js";

const PAGE = 25, AT_ONCE = 3;
let next = null, asked = 0;

export function showStories({ first }) {
	if (!first) return;
	next = null;
	const form = byId("story-filter");
	fill(form,
		field("Words in the text", h("input", { type: "search", name: "q", maxLength: 200, autocomplete: "off" }), true),
		field("Direction", select("direction", [["", "Any"], ...Object.entries(NAMES)])),
		field("Severity, at least", select("min_severity", [["", "Any"], ["1.5", "1.5"], ["2", "2 · an act"], ["2.5", "2.5 · grave"]])),
		field("Theme", select("theme", [["", "Any"], ...Object.entries(THEMES)])),
		field("About", select("directness", [["", "Dyad and theatre"], ["dyad", "The dyad directly"], ["theatre", "The theatre"], ["other", "Neither: weighs nothing"]])),
		field("From", h("input", { type: "date", name: "from" })),
		field("To", h("input", { type: "date", name: "to" })),
		h("button", { type: "reset" }, "Clear"));
	const search = later(250, () => load(true));
	form.oninput = search;
	form.onreset = () => setTimeout(search);
	form.onsubmit = (event) => { event.preventDefault(); load(true); };
	byId("story-more").onclick = () => load(false);
	load(true);
}

function address() {
	const told = Object.fromEntries(new FormData(byId("story-filter")));
	if (told.directness !== "other") told.dyad = "USA-RUS";
	return `/v1/events${query({ ...told, limit: PAGE })}`;
}

async function load(anew) {
	const mine = ++asked, list = byId("story-list"), count = byId("story-count");
	if (anew) next = address();
	if (!next) return;
	list.setAttribute("aria-busy", "true");
	try {
		const page = await get(next);
		if (mine !== asked) return;
		if (anew) fill(list);
		const rows = page.events.map((event) => [event, row(event)]);
		list.append(...rows.map(([, made]) => made));
		next = page.next;
		byId("story-more").hidden = !next;
		const shown = list.children.length;
		count.textContent = !shown ? "No story fits." : next ? `The newest ${shown}; there are more.` : `${shown} ${shown === 1 ? "story" : "stories"}, all that fit.`;
		contributions(rows);
	} catch (error) {
		count.textContent = error.message;
	}
	list.removeAttribute("aria-busy");
}

/** One event of a list; the place for its contribution is empty at first. */
export function row(event) {
	const { score, relevance } = event;
	return h("li", {},
		h("div", { class: "when" }, day(event.published_at), h("br"), chip(score?.direction)),
		h("div", { class: "body" },
			h("button", { class: "plain", onclick: () => openStory(event.id) },
				coloured(event.text || `Coded event ${event.event_code}`, score ? score.words : [])),
			h("p", { class: "about" },
				source(event),
				relevance ? span(THEMES[relevance.theme]) : null,
				score ? span(`severity ${number(score.severity)}, ${severityWords(score.severity)}`) : null)),
		h("div", { class: "points small" }));
}

/** Fill in what each story added at the end of its day; a few days are asked for at once. */
export async function contributions(rows) {
	const waiting = rows.filter(([event]) => event.relevance);
	const work = async () => {
		for (let one = waiting.shift(); one; one = waiting.shift()) {
			const [event, made] = one;
			const found = await addedOn(event.published_at.slice(0, 10)).catch(() => null);
			const points = found?.stories.find((story) => story.story_id === event.relevance.story_id)?.contribution;
			fill(made.querySelector(".points"), points === undefined ? "" : [
				h("b", { class: points >= 0 ? "esc-ink" : "thaw-ink" }, signed(points)), found.index === null ? " now" : " that day"]);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
}
