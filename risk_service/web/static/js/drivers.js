// What moved the number: the stories that weigh most, with their words, and the rest in one line.

import { byId, fill, h, span, say } from "./dom.js";
import { INKS, SIGNS, THEMES, day, number, signed, some, wayOf } from "./format.js";
import { openStory } from "./story.js";
import { coloured } from "./words.js";

const SHOWN = 5;

export function showDrivers(answer) {
	const stories = answer.drivers || [], shown = stories.slice(0, SHOWN);
	const most = Math.max(...shown.map((one) => Math.abs(one.contribution)), 0.001);
	say("gist", gist(answer, stories));
	fill(byId("drivers"), shown.map((one) => driver(one, most)));
	const hidden = stories.slice(SHOWN), rest = answer.rest || { stories: 0, contribution: 0 };
	const others = hidden.length + rest.stories;
	const points = hidden.reduce((sum, one) => sum + one.contribution, rest.contribution);
	say("rest", others ? `and ${some(others, "other story", "other stories")}, ${signed(points)} together. All of them add up to ${number(answer.risk_index)} − 50 = ${signed(answer.risk_index - 50)}.` : "");
}

function gist(answer, stories) {
	if (!stories.length) return "No story weighs anything yet.";
	const sum = (way) => stories.reduce((all, { contribution }) => all + Math.max(0, way * contribution), 0);
	const [theme, points] = Object.entries(answer.themes).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))[0];
	return `Of the stories that weigh most, ${signed(sum(1))} points go to escalation and ${signed(-sum(-1))} to thaw. ${THEMES[theme]} weighs most, ${signed(points)} points.`;
}

function driver({ contribution: points, ...one }, most) {
	const way = wayOf(points);
	return h("li", {},
		h("div", { class: `points ${INKS[way]}` },
			h("span", { mute: true }, `${SIGNS[way]} `), signed(points),
			h("span", { class: "sr" }, ` points to ${way}`),
			h("span", { class: "bar-of", "width%": 100 * Math.abs(points) / most, mute: true })),
		h("div", { class: "text" },
			h("button", { class: "plain", onclick: () => openStory(one.story_id) }, coloured(one.text, one.words)),
			h("p", { class: "about" },
				span(day(one.published_at)), span(one.source), span(THEMES[one.theme]),
				one.reports > 1 && span(`${one.reports} reports`))));
}
