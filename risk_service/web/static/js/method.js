// The method, from the running code: formulas in signs people read, parameters, papers.

import { get } from "./api.js";
import { byId, card, failed, fill, h } from "./dom.js";
import { upper } from "./format.js";

const SIGNS = [
	[/\bsum\b/g, "Σ"], [/half_life/g, "half-life"], [/neutral_mass/g, "ν"], [/prior_stories/g, "π₀"],
	[/\bp_(\w+)/g, "p($1)"], [/net_escalation/g, "net escalation"],
	[/ - /g, " − "], [/\b(\d+) (?=[a-zΣ])/g, "$1 × "], [/2\^-\(([^)]*)\)/g, "2^(−$1)"],
];
const PLAIN = new Set(["interval", "day", "close"]);

export async function showMethod({ first }) {
	if (!first) return;
	const out = byId("method-out");
	try {
		const told = await get("/v1/methodology");
		fill(out,
			card(`Formulas, method ${told.version}`,
				h("dl", {}, Object.entries(told.formulas).map(([name, text]) => formula(name, text)))),
			h("div", { class: "two" },
				card("Parameters", parameters(told.parameters)),
				card("Papers", h("ul", { class: "limits" }, told.papers.map((one) =>
					h("li", {}, `${one.name}, `, h("i", {}, one.title), `: ${one.used_for}`))))),
			card("What the model is not for", h("ul", { class: "limits" }, told.model.limits.map((one) => h("li", {}, one)))));
	} catch (error) {
		fill(out, failed(error));
	}
}

function formula(name, text) {
	if (PLAIN.has(name)) return h("div", { class: "formula" }, h("dt", {}, sentence(name)), h("dd", { class: "what" }, sentence(text)));
	// What follows a colon, a comma or "for" explains; what stands before it is the formula.
	const [, math, rest] = text.match(/^(.*?)((?:,| for |: ).*)?$/);
	const what = (rest || "").replace(/^(,|:)? */, "");
	return h("div", { class: "formula" }, h("dt", {}, sentence(name)),
		h("dd", {}, h("p", { class: "math" }, powers(SIGNS.reduce((made, [from, to]) => made.replace(from, to), math))),
			what && h("p", { class: "what" }, sentence(what))));
}

const sentence = (text) => upper(text).replaceAll("_", " ");

const powers = (text) => text.split(/\^\(([^)]*)\)/).map((part, n) => n % 2 ? h("sup", {}, part) : part);

function parameters(given) {
	const rows = Object.entries(given).flatMap(([name, value]) => value instanceof Object
		? Object.entries(value).map(([inner, one]) => [`${name}: ${inner}`, one]) : [[name, value]]);
	return h("dl", { class: "pairs" }, rows.map(([name, value]) => [h("dt", {}, name.replaceAll("_", " ")), h("dd", {}, String(value))]));
}
