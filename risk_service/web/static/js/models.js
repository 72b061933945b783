// Models: who serves and how good it is, two side by side, and how the news has drifted.

import { get, query } from "./api.js";
import { byId, card, failed, fill, h, head, small, table } from "./dom.js";
import { NAMES, count, day, number, percent, signed } from "./format.js";
import { chip } from "./words.js";

const FIGURES = {
	macro_f1: "Macro-F1", f1_escalation: "F1, escalation", f1_thaw: "F1, thaw", f1_neutral: "F1, neutral",
	brier: "Brier score, lower is better", log_loss: "Log loss, lower is better", ece: "Calibration error, lower is better",
};
const form = byId("compare-form");
const third = (value) => number(value, 3), tenth = (share) => percent(share, 1);
const bullets = (rows) => h("ul", { class: "limits" }, rows.map((row) => h("li", {}, row)));

/** What is asked for, put into a box; or why it cannot be told. */
async function into(box, nodes) {
	try {
		fill(box, await nodes());
	} catch (error) {
		fill(box, failed(error));
	}
}

export function showModels({ first }) {
	if (!first) return;
	into(byId("drift"), drift);
	into(byId("models"), async () => {
		const told = await get("/v1/models"), { champion: { version }, challenger, models } = told;
		const other = challenger || models.find((one) => one.version !== version)?.version;
		for (const [name, chosen] of Object.entries({ a: version, b: other })) {
			fill(form.elements[name], models.map((one) => h("option", {}, one.version))).value = chosen;
		}
		return [champion(told), list(told)];
	});
}

function champion({ champion: { version, card: told }, rescoring }) {
	return card(`Serving: ${version}`,
		rescoring ? small("A new champion scores the past at the moment; until then the index is made with the one before.") : null,
		h("p", {}, told.intended_use),
		h("div", { class: "two" },
			h("div", { class: "block" }, h("h3", {}, "How good it is"), figures(told)),
			h("div", { class: "block" }, h("h3", {}, "What it is not for"), bullets(told.limits),
				small(`Learnt from ${count(told.counts.learnt ?? 0)} labelled rows; made ${day(told.created)}.`))));
}

const figures = ({ metrics, measured_on: where }) => [table("Figures", ["Figure", "Value", "95 % interval"], known(metrics).map(([name, label]) =>
	[label, third(metrics[name].value), `${third(metrics[name].low)} to ${third(metrics[name].high)}`])), small(`Measured on ${where}`)];

const known = (metrics) => Object.entries(FIGURES).filter(([name]) => metrics[name]);

function list({ models, history }) {
	return card("Every model",
		table("Every model", ["Version", "Role", "Macro-F1", "Kept since", "Card"], models.map((one) => [
			one.version, one.aliases.join(", ") || "–", third(one.metrics.macro_f1?.value), day(one.registered_at),
			h("button", { "aria-label": `Card of ${one.version}`, onclick: () => open(one.version) }, "Open")]), 9),
		small("Figures of two models may be of different rows; the comparison below examines both on the same."),
		history.length ? h("details", {}, h("summary", {}, "Who served when"), bullets(history.map((one) =>
			`${day(one.at)}: ${one.act}, ${one.from_version ? `${one.from_version} to ` : ""}${one.to_version}, by ${one.who}. ${one.reason || ""}`))) : null);
}

function open(version) {
	const dialog = byId("story"), box = h("div", {});
	fill(dialog, h("div", { class: "dialog-body" }, head(dialog, `Card of ${version}`), box));
	dialog.showModal();
	into(box, async () => {
		const { card: told } = await get(`/v1/models/${version}`);
		return [h("p", {}, told.intended_use), figures(told), h("h3", {}, "Limits"), bullets(told.limits)];
	});
}

form.onsubmit = (event) => {
	event.preventDefault();
	into(byId("compared"), () => compared(Object.fromEntries(new FormData(form))));
};

async function compared(both) {
	const { exam, shadow } = await get(`/v1/models/compare${query(both)}`);
	return [exam ? examined(exam, both) : small("The two have not been examined on the same rows; risk-service compare does it."), shadowed(shadow)];
}

function examined(exam, { a, b }) {
	const { value, low, high } = exam.macro_f1_difference;
	return [
		h("p", {}, `On the same ${count(exam.rows)} rows. Macro-F1 of the second less the first: `, h("b", {}, signed(value, 3)), ` (${third(low)} to ${third(high)}). They differ on ${count(exam.differ)} rows.`),
		table("Figures of both", ["Figure", a, b], known(exam.figures).map(([name, label]) =>
			[label, third(exam.figures[name].a.value), third(exam.figures[name].b.value)])),
		h("details", {}, h("summary", {}, "Where they differ"), bullets(exam.differing.map((one) => [`${one.text} `,
			h("span", { class: "small" }, `(label ${NAMES[one.truth]}; `, chip(one.a), " · ", chip(one.b), ")")]))),
	];
}

function shadowed(shadow) {
	if (!shadow?.events) return small("No live event was scored by both in the last sixty days.");
	const last = shadow.days.at(-1);
	return small(`On ${count(shadow.events)} live events of sixty days they tell another direction of ${count(shadow.changed)}, and the opposite one of ${count(shadow.opposite)}.`,
		last ? ` The index of ${day(last.day)}: ${number(last.a)} with the first, ${number(last.b)} with the second.` : null);
}

const MEASURES = [
	["events", "Events", count], ["scored", "Scored", count], ["relevance_rate", "Relevant", tenth],
	["share_escalation", "Escalation", percent], ["share_thaw", "Thaw", percent], ["mean_net", "Mean net", (x) => signed(x, 2)],
	["unknown_words", "Unknown words", tenth], ["psi", "PSI", third], ["psi_expected", "by chance", third],
	["ks", "KS", third], ["ks_critical", "1 in 20", third],
];

async function drift() {
	const { rows, reference } = await get("/v1/models/drift", { quiet: true });
	if (!rows.length) return small("No week has been measured yet; the worker measures each hour.");
	return [
		small(reference.scored ? `Each week beside ${day(reference.first_day)} to ${day(reference.last_day)}, the first weeks with news enough (${count(reference.scored)} scored texts).` : "There is no week yet with news enough to compare with."),
		table("Drift by week", ["Week of", ...MEASURES.map(([, label]) => label)], rows.slice(-26).reverse().map((row) => [
			`${day(row.week)}${row.whole ? "" : " (not over)"}`, ...MEASURES.map(([name, , tell]) => row[name] === null ? "–" : tell(row[name]))])),
	];
}
