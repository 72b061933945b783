// Alerts: a rule tried against history, then kept; what rules told; muting and acknowledging.

import { ask, get, key, post } from "./api.js";
import { byId, card, failed, field, fill, h, select, small, span, table } from "./dom.js";
import { NAMES, count, day, moment, number, percent } from "./format.js";
import { askForKey } from "./key.js";
import { strip } from "./strip.js";
import { chip } from "./words.js";

const KINDS = {
	jump1: { label: "Jump within a day", rule: { kind: "jump", days: 1 }, unit: "robust scales" },
	jump7: { label: "Jump within a week", rule: { kind: "jump", days: 7 }, unit: "robust scales" },
	level: { label: "Level, far from 50", rule: { kind: "level" }, unit: "points from 50" },
	drift: { label: "Drift, a slow move", rule: { kind: "drift" }, unit: "summed scales" },
};
const SEVERITIES = [["info", "info"], ["warning", "warning"], ["critical", "critical"]];
const MUTES = [["1", "a day"], ["7", "a week"], ["30", "30 days"]];
const RULES = "/v1/alerts/rules";

let form, previewed, rulesBox, alertsBox;

export function showAlerts({ first }) {
	if (first) build();
	refresh();
}

function build() {
	previewed = h("div", { role: "region", "aria-live": "polite", "aria-label": "Preview" });
	rulesBox = card("Rules kept");
	alertsBox = card("What they told");
	const most = h("input", { name: "most", type: "number", min: "0.01", max: "90", step: "any", value: "1" });
	form = h("form", { onsubmit: (event) => { event.preventDefault(); preview(); } },
		h("div", { class: "form-grid" },
			field("What it watches", select("kind", Object.entries(KINDS).map(([name, { label }]) => [name, label]))),
			field("Direction", select("direction", [["", "Both"], ["escalation", "Escalation"], ["thaw", "Thaw"]])),
			field("False alarms a quarter, at most", most),
			field("Or a threshold of my own", h("input", { name: "threshold", type: "number", min: "0.01", step: "any", placeholder: "found for me" })),
			field("Tell false alarms from days before", h("input", { name: "before", type: "date" })),
			h("button", { type: "submit", class: "primary" }, "Try it against history")));
	fill(byId("alerts-out"), card("Try a rule", form, previewed), rulesBox, alertsBox);
}

function asked() {
	const told = Object.fromEntries(new FormData(form));
	return {
		rule: { ...KINDS[told.kind].rule, direction: told.direction || null },
		threshold: told.threshold ? Number(told.threshold) : null,
		max_false_alarms: Number(told.most) || 1,
		calibrated_before: told.before || null,
	};
}

async function preview() {
	const body = asked(), { kind } = Object.fromEntries(new FormData(form));
	fill(previewed, small("Judging every day since 1991, each as it was known then …"));
	try {
		const found = await post("/v1/alerts/preview", body);
		fill(previewed, told(found, KINDS[kind].unit), strip(found.rows, found.first_day, found.last_day), firings(found), keeping(body, kind));
	} catch (error) {
		fill(previewed, failed(error));
	}
}

function told(found, unit) {
	const alarms = found.false_alarms;
	return [
		h("p", {}, "From ", day(found.first_day), " to ", day(found.last_day), " it would have told ", h("b", {}, `${count(found.count)} times`), `, at a threshold of ${number(found.threshold, 2)} ${unit}.`),
		small(alarms
			? `Where nothing changes it tells ${number(alarms.expected, 2)} times a quarter for nothing (${number(alarms.low, 2)} to ${number(alarms.high, 2)}), judged on settled days, by ${alarms.paths} paths that keep the habits of the days before ${day(found.calibrated_before)}.`
			: `How often it tells for nothing is not known: ${found.unknown_because}.`, " A firing says that the index moved, and not what will follow."),
	];
}

function firings({ rows }) {
	if (!rows.length) return null;
	return h("details", {}, h("summary", {}, "Every firing, newest first"),
		table("Firings", ["Day", "Direction", "From", "To", "Score", "Rarer than"], [...rows].reverse().map((row) => [
			day(row.day) + (row.in_sample ? " *" : ""), chip(row.direction), number(row.value_from), number(row.value_to),
			number(row.score, 2), row.past_share === null ? "–" : percent(1 - row.past_share, 1)]), 2),
		small("* among the days that the false alarms are told from: no test of the threshold."));
}

function keeping(body, kind) {
	const said = h("p", { role: "status", class: "small" });
	const name = h("input", { name: "name", required: true, maxLength: 100, value: `${KINDS[kind].label}${body.rule.direction ? `, ${body.rule.direction}` : ""}` });
	const severity = select("severity", SEVERITIES, "warning");
	const channels = h("div", { class: "choices" });
	const sending = h("details", { ontoggle: (event) => event.target.open && listChannels(channels) }, h("summary", {}, "Send it to channels"), channels);
	const keep = async (event) => {
		event.preventDefault();
		const chosen = [...channels.querySelectorAll("input:checked")].map((one) => one.value);
		const kept = await writing(said, () => post(RULES, { ...body, name: name.value, severity: severity.value, channels: chosen }));
		if (!kept) return;
		said.className = "done";
		said.textContent = `“${kept.name}” is kept, and judged from now on.`;
		refresh();
	};
	return h("form", { class: "block", onsubmit: keep }, h("h3", {}, "Keep this rule"),
		h("div", { class: "form-grid" }, field("Name", name, true), field("Severity", severity), h("button", { type: "submit" }, "Keep it")), sending, said);
}

/** Channels to choose from: told to those whose key may see where alerts go. */
async function listChannels(box) {
	const said = h("p", { class: "small" });
	const found = await writing(said, () => get("/v1/alerts/channels"));
	fill(box, said, found && (found.channels.length ? found.channels.map((one) =>
		h("label", {}, h("input", { type: "checkbox", value: one.id }), `${one.name} (${one.kind})`)) : small("No channel has been made yet: POST /v1/alerts/channels.")));
}

/** Do what needs a key: asks for one first where there is none; null where it was refused. */
async function writing(said, act) {
	if (!key.get()) await askForKey("A key with the scope write is needed for alert rules, and one with admin for channels.");
	if (!key.get()) return null;
	try {
		return await act();
	} catch (error) {
		said.className = "error";
		said.textContent = error.message;
		return null;
	}
}

async function refresh() {
	const found = await Promise.all([get(RULES, { quiet: true }), get("/v1/alerts?limit=50", { quiet: true })]).catch((error) => error);
	if (!Array.isArray(found)) {
		fill(rulesBox, h("h2", {}, "Rules kept"), small(found.message));
		fill(alertsBox, h("h2", {}, "What they told"), small("–"));
		return;
	}
	const names = new Map(found[0].rules.map((one) => [one.id, one.name]));
	fill(rulesBox, h("h2", {}, "Rules kept"), found[0].rules.length ? h("ol", { class: "stories" }, found[0].rules.map(kept)) : small("None yet. Try one above, then keep it."));
	fill(alertsBox, h("h2", {}, "What they told"), found[1].alerts.length ? h("ol", { class: "stories" }, found[1].alerts.map((one) => alert(one, names))) : small("Nothing yet: rules tell of what comes after they were kept."));
}

function kept(rule) {
	const said = h("p", { role: "status", class: "small" });
	const muted = rule.muted_until && new Date(rule.muted_until) > new Date();
	const firing = rule.states.filter((one) => one.state === "firing").map((one) => one.direction);
	const change = async (act) => { if (await writing(said, act)) refresh(); };
	const until = select("until", MUTES);
	until.setAttribute("aria-label", `Mute ${rule.name} for`);
	const mute = (moment) => change(() => post(`${RULES}/${rule.id}/mute`, { until: moment }));
	return h("li", {},
		h("div", { class: "when" }, `${rule.severity}`, h("br"), firing.length ? h("b", { class: "esc-ink" }, `firing: ${firing.join(", ")}`) : "quiet"),
		h("div", { class: "body" }, h("b", {}, rule.name),
			h("p", { class: "about" }, span(`${rule.rule.kind} on ${rule.series}`), span(`threshold ${number(rule.threshold, 2)}`),
				rule.false_alarms ? span(`${number(rule.false_alarms.expected, 2)} false alarms a quarter`) : null,
				muted ? span(`muted until ${moment(rule.muted_until)}`) : null, rule.enabled ? null : span("switched off")), said),
		h("div", { class: "row" },
			muted ? h("button", { onclick: () => mute(null) }, "Unmute")
				: [h("button", { onclick: () => mute(new Date(Date.now() + 864e5 * Number(until.value)).toISOString()) }, "Mute for"), until],
			h("button", { "aria-label": `Delete ${rule.name}`, onclick: () => { if (confirm(`Delete “${rule.name}”? Its alerts stay on record.`)) change(() => ask(`${RULES}/${rule.id}`, { method: "DELETE" })); } }, "Delete")));
}

function alert(one, names) {
	const said = h("p", { role: "status", class: "small" });
	const seen = async () => { if (await writing(said, () => ask(`/v1/alerts/${one.id}/acknowledge`, { method: "POST" }))) refresh(); };
	return h("li", {},
		h("div", { class: "when" }, moment(one.started_at), h("br"), one.direction in NAMES ? chip(one.direction) : one.direction),
		h("div", { class: "body" }, one.headline, h("p", { class: "about" }, span(names.get(one.rule_id) || "a rule deleted since"), span(one.severity), span(one.state),
			one.held_back ? span(`not sent: ${one.held_back.replaceAll("_", " ")}`) : null), said),
		h("div", {}, one.acknowledged_at ? h("span", { class: "small" }, `seen by ${one.acknowledged_by}`) : h("button", { onclick: seen }, "I have seen it")));
}
