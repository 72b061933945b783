// Alerts: a rule tried against history, then kept; what is kept stands in the lists below.

import { tell, withKey } from "./acting.js";
import { post } from "./api.js";
import { chooser } from "./channels.js";
import { byId, failed, fill, h, small, table } from "./dom.js";
import { day, number, percent, some } from "./format.js";
import { RULES, openAlert, refresh } from "./kept.js";
import { strip } from "./strip.js";
import { chip } from "./words.js";

const form = byId("rule-form"), keep = byId("keep-form"), line = byId("keep-line"), previewed = byId("previewed");
const chosen = new Set();
let body;

/** The view; `rest` of the address may name an alert or a rule, as links in messages do. */
export async function showAlerts({ rest = "" }) {
	if (rest.startsWith("alert_")) openAlert(rest);
	await refresh();
	if (!rest.startsWith("rule_")) return;
	if (!byId(rest)) tell(byId("rules-line"), "This rule is judged no more.", "error");
	(byId(rest) || byId("rules")).focus();
}

form.onsubmit = async (event) => {
	event.preventDefault();
	const { most, threshold, before, direction } = Object.fromEntries(new FormData(form)), [picked] = form.kind.selectedOptions;
	const [kind, days] = picked.value.split(":"), { unit } = picked.dataset;
	body = {
		rule: { kind, direction: direction || null, ...(days && { days: Number(days) }) }, threshold: Number(threshold) || null,
		max_false_alarms: unit ? Number(most) || 1 : null, calibrated_before: before || null,
	};
	keep.hidden = true;
	tell(line, "");
	try {
		if (unit) {
			fill(previewed, small("Judging every day since 1991, each as it was known then …"));
			const found = await post("/v1/alerts/preview", body);
			fill(previewed, summed(found, unit), strip(found.rows, found.first_day, found.last_day), firings(found.rows));
		} else fill(previewed, h("p", {}, "A rule of this kind is judged as news comes in; it cannot be tried on days that are over."));
		keep.elements.name.value = picked.text + (direction && `, ${direction}`);
		keep.hidden = false;
	} catch (error) {
		fill(previewed, failed(error));
	}
};

function summed(found, unit) {
	const alarms = found.false_alarms;
	return [
		h("p", {}, "From ", day(found.first_day), " to ", day(found.last_day), " it would have told ", h("b", {}, some(found.count, "time")), `, at a threshold of ${number(found.threshold, 2)} ${unit}.`),
		small(alarms
			? `Where nothing changes it tells ${number(alarms.expected, 2)} times a quarter for nothing (${number(alarms.low, 2)} to ${number(alarms.high, 2)}), judged on settled days, by ${alarms.paths} paths that keep the habits of the days before ${day(found.calibrated_before)}.`
			: `How often it tells for nothing is not known: ${found.unknown_because}.`, " A firing says that the index moved, and not what will follow."),
	];
}

const firings = (rows) => rows.length > 0 && h("details", {}, h("summary", {}, "Every firing, newest first"),
	table("Firings", ["Day", "Direction", "From", "To", "Score", "Rarer than"], rows.toReversed().map((row) => [
		day(row.day) + (row.in_sample ? " *" : ""), chip(row.direction), number(row.value_from), number(row.value_to),
		number(row.score, 2), row.past_share === null ? "–" : percent(1 - row.past_share, 1)]), 2),
	small("* among the days that the false alarms are told from: no test of the threshold."));

chooser(byId("keep-channels"), chosen, line);
keep.onsubmit = async (event) => {
	event.preventDefault();
	const made = await withKey(line, () => post(RULES, { ...body, ...Object.fromEntries(new FormData(keep)), channels: [...chosen] }));
	if (!made) return;
	tell(line, `“${made.name}” is kept, and judged from now on.`);
	refresh();
};
