// Models: who serves and how good it is, two side by side, and how the news has drifted.

import { ask, get } from "./api.js";
import { byId, card, failed, field, fill, h, head, select, small, table } from "./dom.js";
import { NAMES, count, day, number, percent, signed } from "./format.js";
import { chip } from "./words.js";

const FIGURES = {
	macro_f1: "Macro-F1", f1_escalation: "F1, escalation", f1_thaw: "F1, thaw", f1_neutral: "F1, neutral",
	brier: "Brier score, lower is better", log_loss: "Log loss, lower is better", ece: "Calibration error, lower is better",
};

export async function showModels({ first }) {
	if (!first) return;
	const out = byId("models-out");
	const drifted = card("Is it still the same kind of news?", small("Asking …"));
	try {
		const told = await get("/v1/models");
		fill(out, champion(told), list(told), comparing(told), drifted);
		drift(drifted);
	} catch (error) {
		fill(out, failed(error));
	}
}

function champion({ champion: { version, card: told }, rescoring }) {
	return card(`Serving: ${version}`,
		rescoring ? small("A new champion scores the past at the moment; until then the index is made with the one before.") : null,
		h("p", {}, told.intended_use),
		h("div", { class: "two" },
			h("div", { class: "block" }, h("h3", {}, "How good it is"), figures(told.metrics), small(`Measured on ${told.measured_on}`)),
			h("div", { class: "block" }, h("h3", {}, "What it is not for"), h("ul", { class: "limits" }, told.limits.map((one) => h("li", {}, one))),
				small(`Learnt from ${count(told.counts.learnt ?? 0)} labelled rows; made ${day(told.created)}.`))));
}

const figures = (metrics) => table("Figures", ["Figure", "Value", "95 % interval"], known(metrics).map(([name, label]) =>
	[label, number(metrics[name].value, 3), `${number(metrics[name].low, 3)} to ${number(metrics[name].high, 3)}`]));

const known = (metrics) => Object.entries(FIGURES).filter(([name]) => metrics[name]);

function list({ models, history }) {
	return card("Every model",
		table("Every model", ["Version", "Role", "Macro-F1", "Kept since", "Card"], models.map((one) => [
			one.version, one.aliases.join(", ") || "–", number(one.metrics.macro_f1?.value, 3), day(one.registered_at),
			h("button", { "aria-label": `Card of ${one.version}`, onclick: () => open(one.version) }, "Open")]), 9),
		small("Figures of two models may be of different rows; the comparison below examines both on the same."),
		history.length ? h("details", {}, h("summary", {}, "Who served when"), h("ul", { class: "limits" }, history.map((one) =>
			h("li", {}, `${day(one.at)}: ${one.act}, ${one.from_version ? `${one.from_version} to ` : ""}${one.to_version}, by ${one.who}. ${one.reason || ""}`)))) : null);
}

async function open(version) {
	const dialog = byId("story");
	const body = h("div", { class: "dialog-body" }, head(dialog, `Card of ${version}`));
	fill(dialog, body);
	dialog.showModal();
	try {
		const { card: told } = await get(`/v1/models/${version}`);
		body.append(h("p", {}, told.intended_use), figures(told.metrics), small(`Measured on ${told.measured_on}`),
			h("h3", {}, "Limits"), h("ul", { class: "limits" }, told.limits.map((one) => h("li", {}, one))));
	} catch (error) {
		body.append(failed(error));
	}
}

function comparing({ models }) {
	const out = h("div", { role: "region", "aria-live": "polite", "aria-label": "Comparison" });
	const names = models.map((one) => [one.version, one.version]);
	if (names.length < 2) return card("Two side by side", small("There is one model; another is made by risk-service train."));
	const form = h("form", { class: "form-grid", onsubmit: (event) => { event.preventDefault(); compare(out, form); } },
		field("First", select("a", names, names[0][0])), field("Second", select("b", names, names[1][0])), h("button", { type: "submit" }, "Compare"));
	return card("Two side by side", form, out);
}

async function compare(out, form) {
	const { a, b } = Object.fromEntries(new FormData(form));
	fill(out, small("Comparing …"));
	try {
		const { exam, shadow } = await get(`/v1/models/compare?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`);
		fill(out, exam ? examined(exam, a, b) : small("The two have not been examined on the same rows; risk-service compare does it."), shadowed(shadow));
	} catch (error) {
		fill(out, failed(error));
	}
}

function examined(exam, a, b) {
	const { value, low, high } = exam.macro_f1_difference;
	return [
		h("p", {}, `On the same ${count(exam.rows)} rows. Macro-F1 of the second less the first: `, h("b", {}, signed(value, 3)), ` (${number(low, 3)} to ${number(high, 3)}). They differ on ${count(exam.differ)} rows.`),
		table("Figures of both", ["Figure", a, b], known(exam.figures).map(([name, label]) =>
			[label, number(exam.figures[name].a.value, 3), number(exam.figures[name].b.value, 3)])),
		h("details", {}, h("summary", {}, "Where they differ"), h("ul", { class: "limits" }, exam.differing.map((one) => h("li", {}, `${one.text} `,
			h("span", { class: "small" }, `(label ${NAMES[one.truth]}; `, chip(one.a), " · ", chip(one.b), ")"))))),
	];
}

function shadowed(shadow) {
	if (!shadow || !shadow.events) return small("No live event was scored by both in the last sixty days.");
	return small(`On ${count(shadow.events)} live events of sixty days they tell another direction of ${count(shadow.changed)}, and the opposite one of ${count(shadow.opposite)}.`);
}

const MEASURES = [
	["events", "Events", count], ["scored", "Scored", count], ["relevance_rate", "Relevant", (x) => percent(x, 1)],
	["share_escalation", "Escalation", percent], ["share_thaw", "Thaw", percent], ["mean_net", "Mean net", (x) => signed(x, 2)],
	["unknown_words", "Unknown words", (x) => percent(x, 1)], ["psi", "PSI", (x) => number(x, 3)], ["psi_expected", "by chance", (x) => number(x, 3)],
];

async function drift(box) {
	try {
		const told = await (await ask("/v1/models/drift", { quiet: true })).json();
		const title = h("h2", {}, "Is it still the same kind of news?");
		if (!told.rows.length) {
			fill(box, title, small("No week has been measured yet; the worker measures each hour."));
			return;
		}
		fill(box, title,
			small(told.reference.scored ? `Each week beside ${day(told.reference.first_day)} to ${day(told.reference.last_day)}, the first weeks with news enough (${count(told.reference.scored)} scored texts).` : "There is no week yet with news enough to compare with."),
			table("Drift by week", ["Week of", ...MEASURES.map(([, label]) => label)], told.rows.slice(-26).reverse().map((row) => [
				`${day(row.week)}${row.whole ? "" : " (not over)"}`, ...MEASURES.map(([name, , tell]) => row[name] === null ? "–" : tell(row[name]))])));
	} catch (error) {
		fill(box, h("h2", {}, "Drift"), small(error.message));
	}
}
