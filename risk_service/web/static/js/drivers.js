// What moved the number: the stories that weigh most, with their words, and the rest in one line.

import { byId, fill, h, span } from "./dom.js";
import { THEMES, day, number, signed } from "./format.js";
import { openStory } from "./story.js";
import { coloured } from "./words.js";

const SHOWN = 5;

export function showDrivers(answer) {
	const stories = answer.drivers || [];
	const shown = stories.slice(0, SHOWN);
	const most = Math.max(...shown.map((one) => Math.abs(one.contribution)), 0.001);
	fill(byId("gist"), gist(answer));
	fill(byId("drivers"), shown.map((one) => driver(one, most)));
	const hidden = stories.slice(SHOWN);
	const others = hidden.length + (answer.rest ? answer.rest.stories : 0);
	const points = hidden.reduce((sum, one) => sum + one.contribution, answer.rest ? answer.rest.contribution : 0);
	byId("rest").textContent = others ? `and ${others} other ${others === 1 ? "story" : "stories"}, ${signed(points)} together. All of them add up to ${number(answer.risk_index)} − 50 = ${signed(answer.risk_index - 50)}.` : "";
}

function gist(answer) {
	const stories = answer.drivers || [];
	if (!stories.length) return "No story weighs anything yet.";
	const sum = (way) => stories.reduce((all, { contribution }) => all + Math.max(0, way * contribution), 0);
	const [theme, points] = Object.entries(answer.themes).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))[0];
	return `Of the stories that weigh most, ${signed(sum(1))} points go to escalation and ${signed(-sum(-1))} to thaw. ${THEMES[theme]} weighs most, ${signed(points)} points.`;
}

function driver(one, most) {
	const way = one.contribution >= 0 ? "esc" : "thaw";
	return h("li", {},
		h("div", { class: `points ${way}-ink` },
			h("span", { mute: true }, one.contribution >= 0 ? "▲ " : "▼ "), signed(one.contribution),
			h("span", { class: "sr" }, ` points to ${way === "esc" ? "escalation" : "thaw"}`),
			h("span", { class: "bar-of", "width%": 100 * Math.abs(one.contribution) / most, mute: true })),
		h("div", { class: "text" },
			h("button", { class: "plain", onclick: () => openStory(one.story_id) }, coloured(one.text, one.words)),
			h("p", { class: "about" },
				span(day(one.published_at)), span(one.source), span(THEMES[one.theme]),
				one.reports > 1 ? span(`${one.reports} reports`) : null)));
}
