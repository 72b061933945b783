// Rules that are kept, what they told, and an alert opened, to acknowledge and comment on.

import { renew, tell, withKey } from "./acting.js";
import { ask, get, post } from "./api.js";
import { chooser, deliveries } from "./channels.js";
import { byId, fill, h, small, span } from "./dom.js";
import { NAMES, moment, number, signed, some } from "./format.js";
import { on } from "./now.js";
import { chip, source } from "./words.js";

export const RULES = "/v1/alerts/rules";
const ALERTS = "/v1/alerts";
const line = byId("rules-line"), dialog = byId("alert"), form = byId("alert-form"), about = byId("alert-line");
let opened;

/** Both lists anew. */
export async function refresh() {
	try {
		const [{ rules }, { alerts }] = await Promise.all([RULES, `${ALERTS}?limit=50`].map((path) => get(path, { quiet: true })));
		const names = new Map(rules.map((one) => [one.id, one.name]));
		renew(byId("told"), alerts.map((one) => told(one, names.get(one.rule_id))));
		renew(byId("rules"), rules.map(kept));
	} catch (error) {
		tell(line, error.message, "error");
	}
}
byId("told-again").onclick = refresh;
on("alert", refresh);

function kept(rule) {
	const path = `${RULES}/${rule.id}`, id = `mute-${rule.id}`, chosen = new Set(rule.channels);
	const muted = Date.parse(rule.muted_until) > Date.now();
	const firing = rule.states.filter((one) => one.state === "firing").map((one) => one.direction);
	const change = async (done, act) => {
		if (!await withKey(line, act)) return;
		await refresh();
		tell(line, `“${rule.name}” ${done}.`);
	};
	const until = h("input", { type: "datetime-local", "aria-label": `Mute ${rule.name} until, UTC`, value: new Date(Date.now() + 864e5).toISOString().slice(0, 16) });
	const mute = (moment, done) => change(done, () => post(`${path}/mute`, { until: moment }));
	const channels = h("details", {}, h("summary", {}, `Sent to ${some(chosen.size, "channel")}`), h("div", { class: "choices" }));
	chooser(channels, chosen, line, async () => {
		if (await withKey(line, () => ask(path, { method: "PATCH", body: { channels: [...chosen] } }))) tell(line, `“${rule.name}” is sent to ${some(chosen.size, "channel")} from now on.`);
	});
	return h("li", { id: rule.id, tabindex: "-1" },
		h("div", { class: "when" }, rule.severity, h("br"), firing.length ? h("b", { class: "esc-ink" }, `firing: ${firing.join(", ")}`) : "quiet"),
		h("div", { class: "body" }, h("b", {}, rule.name),
			h("p", { class: "about" }, span(`${rule.rule.kind.replace("_", " ")} on ${rule.series}`), span(`threshold ${number(rule.threshold, 2)}`),
				rule.false_alarms && span(`${number(rule.false_alarms.expected, 2)} false alarms a quarter`),
				muted && span(`muted until ${moment(rule.muted_until)}`), !rule.enabled && span("switched off")), channels),
		h("div", { class: "row" },
			muted ? h("button", { id, onclick: () => mute(null, "is sent again") }, "Unmute")
				: [h("button", { id, onclick: () => mute(`${until.value}Z`, "is judged, and not sent") }, "Mute until"), until, "UTC"],
			h("button", { "aria-label": `Delete ${rule.name}`, onclick: () => confirm(`Delete “${rule.name}”? Its alerts stay on record.`) && change("is deleted", () => ask(path, { method: "DELETE" })) }, "Delete")));
}

const way = ({ direction }) => direction in NAMES ? chip(direction) : direction;
const held = (one) => one.held_back && span(`not sent: ${one.held_back.replace("_", " ")}`);
const acknowledge = (one, where) => withKey(where, () => post(`${ALERTS}/${one.id}/acknowledge`));
const seen = (one, act) => one.acknowledged_at ? h("span", { class: "small" }, `seen by ${one.acknowledged_by}`) : h("button", { onclick: act }, "I have seen it");

const told = (one, rule = "a rule deleted since") => h("li", {},
	h("div", { class: "when" }, moment(one.started_at), h("br"), way(one)),
	h("div", { class: "body" }, h("button", { class: "plain", id: one.id, onclick: () => openAlert(one.id) }, one.headline),
		h("p", { class: "about" }, span(rule), span(one.severity), span(one.state), held(one))),
	seen(one, async () => { if (await acknowledge(one, line)) refresh(); }));

/** One alert in its dialog, which its address leads to while it is open. */
export async function openAlert(id) {
	opened = id;
	for (const box of ["alert-facts", "alert-known", "alert-sent"]) fill(byId(box));
	tell(about, "Asking the service …", "small");
	if (!dialog.open) dialog.showModal();
	history.replaceState(null, "", `#alerts/${id}`);
	try {
		show(await get(`${ALERTS}/${id}`), "");
	} catch (error) {
		tell(about, error.message, "error");
	}
}
dialog.onclose = () => history.replaceState(null, "", "#alerts");

function show(one, done) {
	if (!one || one.id !== opened) return;
	const { change, stories, rule } = one.payload.data;
	fill(byId("alert-facts"), h("p", { class: "story-text" }, one.headline),
		h("p", { class: "about" }, way(one), span(`since ${moment(one.started_at)}`), span(one.resolved_at ? `over since ${moment(one.resolved_at)}` : one.state), held(one)),
		small(`${rule.name}: from ${number(change.from)} to ${number(change.to)}; ${number(change.score, 2)} ${change.unit}, threshold ${number(rule.threshold, 2)}.`),
		h("ul", { class: "limits" }, stories.map((story) => h("li", {}, `${story.text} (`, source(story), `, ${signed(story.contribution)})`))));
	renew(byId("alert-known"), seen(one, async () => show(await acknowledge(one, about), "Acknowledged; its channels are told.")),
		h("ul", { class: "limits" }, one.comments.map((said) => h("li", {}, `${said.who}, ${moment(said.at)}: ${said.text}`))));
	renew(byId("alert-sent"), deliveries(one.deliveries, about, async () => show(await get(`${ALERTS}/${one.id}`))));
	if (done !== undefined) tell(about, done);
	if (done) refresh();
}

form.onsubmit = async (event) => {
	event.preventDefault();
	const kept = await withKey(about, () => post(`${ALERTS}/${opened}/comments`, { text: form.elements.text.value }));
	if (kept) form.reset();
	show(kept, "Your comment is kept.");
};
