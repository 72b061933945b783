// The list of stories: searched, filtered, paged, each with what it added that day.

import { addedOn } from "./added.js";
import { get, query } from "./api.js";
import { byId, fill, h, later, span } from "./dom.js";
import { INKS, THEMES, day, number, severityWords, signed, some, wayOf } from "./format.js";
import { on } from "./now.js";
import { openStory } from "./story.js";
import { chip, coloured, source } from "./words.js";

const PAGE = 25, AT_ONCE = 3;
let next = null, asked = 0;

// The list is not pulled from under who reads it: new stories wait behind a button.
on("story", () => { byId("story-new").hidden = false; });

export function showStories({ first }) {
	if (!first) return;
	next = null;
	const form = byId("story-filter");
	const search = later(250, () => load(true));
	form.oninput = search;
	form.onreset = () => setTimeout(search);
	form.onsubmit = (event) => { event.preventDefault(); load(true); };
	byId("story-more").onclick = byId("story-new").onclick = ({ target }) => load(target.id === "story-new");
	load(true);
}

function address() {
	const told = Object.fromEntries(new FormData(byId("story-filter")));
	if (told.directness !== "other") told.dyad = "USA-RUS";
	return `/v1/events${query({ ...told, limit: PAGE })}`;
}

async function load(anew) {
	const mine = ++asked, list = byId("story-list"), count = byId("story-count");
	if (anew) {
		next = address();
		byId("story-new").hidden = true;
	}
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
		count.textContent = next ? `The newest ${shown}; there are more.` : `${some(shown, "story", "stories")}, all that fit.`;
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
				coloured(event.text || `Coded event ${event.event_code}`, score?.words)),
			h("p", { class: "about" },
				source(event),
				relevance && span(THEMES[relevance.theme]),
				score && span(`severity ${number(score.severity)}, ${severityWords(score.severity)}`))),
		h("div", { class: "points small" }));
}

/** Fill in what each story added at the end of its day, a few days at once. */
export async function contributions(rows) {
	const waiting = rows.filter(([event]) => event.relevance);
	const work = async () => {
		for (let one = waiting.shift(); one; one = waiting.shift()) {
			const [{ published_at: at, relevance }, made] = one;
			const found = await addedOn(at.slice(0, 10)).catch(() => null);
			const points = found?.stories.find((story) => story.story_id === relevance.story_id)?.contribution;
			if (points !== undefined) fill(made.querySelector(".points"), h("b", { class: INKS[wayOf(points)] }, signed(points)), found.index === null ? " now" : " that day");
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
}
