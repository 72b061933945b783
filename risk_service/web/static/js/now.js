// The number now, told by the stream, else polled; honest about stale, thin, empty and lost.

import { take } from "./added.js";
import { ask, key } from "./api.js";
import { byId, fill, h, say } from "./dom.js";
import { showDrivers } from "./drivers.js";
import { INKS, ago, count, lean, moment, number, percent, SIGNS, upper, wayOf } from "./format.js";
import { closeStream, openStream, streaming } from "./stream.js";

const EVERY = 3000, SELDOM = 30_000;
const STATES = { fresh: "Fresh", thin: "Thin", stale: "Stale", empty: "Empty", lost: "No connection" };

let etag = null, answer = null, lostSince = null, told = "", locked = false, asking = null, askedAt = 0, version = 0;
const listeners = { index: [], story: [], alert: [] };

/** Call with each new answer of /v1/index, each new report, or each alert that is told. */
export const on = (kind, call) => { listeners[kind].push(call); if (kind === "index" && answer) call(answer); };

/** Ask at once, as after a key was given. */
export function askNow() { etag = null; return poll(); }

export function startPolling() {
	poll();
	setInterval(() => { if (!document.hidden) look(); }, EVERY);
	document.addEventListener("visibilitychange", () => document.hidden ? closeStream() : poll());
	addEventListener("offline", poll);
	addEventListener("online", poll);
}

/** While the stream is open the service is seldom asked, but where its answer is behind. */
function look() {
	const known = streaming() && !lostSince && !behind() && Date.now() - askedAt < SELDOM;
	if (known) facts();
	else poll();
}

const behind = () => answer.versions.index < version;

async function heard(kind, data) {
	// A story is told too when its weight alone has moved.
	if (kind !== "index") return data.why !== "weight" && listeners[kind].forEach((call) => call(data));
	version = data.versions.index;
	await poll();
	if (behind()) await poll();
}

function poll() {
	return asking ??= asked().finally(() => { asking = null; });
}

async function asked() {
	askedAt = Date.now();
	try {
		const found = await ask("/v1/index", { headers: etag ? { "If-None-Match": etag } : {}, quiet: locked });
		lostSince = null;
		locked = false;
		if (found.status !== 304) {
			etag = found.headers.get("etag");
			answer = await found.json();
			take(answer);
			show();
			listeners.index.forEach((call) => call(answer));
		}
		facts();
		// An EventSource sends no key: it is opened where reads need none.
		if (!key.get()) openStream(heard);
	} catch (error) {
		locked = error.status === 401;
		if (!locked) lostSince ??= new Date().toISOString();
		if (locked) closed();
		else lost(error);
	}
}

function show() {
	const { risk_index: value, interval: { low, high, level }, change, state } = answer;
	const [way, words] = state === "empty" ? ["neutral", "No news yet: 50 is where the index starts, not a finding"] : lean(value, low, high);
	fill(byId("value"), h("span", { class: "figure" }, number(value)), turn(change));
	fill(byId("lean"), h("span", { class: INKS[way], mute: true }, `${SIGNS[way]} `), words);
	byId("gauge").setAttribute("aria-label", `${number(value)} on a scale from 0, all thaw, to 100, all escalation; ${Math.round(100 * level)} % interval ${number(low)} to ${number(high)}.`);
	Object.assign(byId("gauge-range").style, { left: `${low}%`, width: `${Math.max(0.5, high - low)}%` });
	byId("gauge-marker").style.left = `${value}%`;
	// At first the chart goes before.
	setTimeout(showDrivers, told ? 0 : 150, answer);
	document.title = `${number(value)} · US–Russia risk index`;
	const news = `Risk index ${number(value)}. ${words}. ${STATES[state]}.`;
	if (news !== told) say("live", told = news);
	const { model, method, index } = answer.versions;
	say("versions", `model ${model} · method ${method} · index version ${index}`);
}

function turn(change) {
	if (!change) return null;
	const way = (value) => Math.abs(value) < 0.05 ? "neutral" : wayOf(value);
	const moved = (value) => value === null ? "unknown" : way(value) === "neutral" ? "no change" : `${SIGNS[way(value)]} ${number(Math.abs(value))}`;
	return h("span", { class: "turn" },
		h("span", { class: INKS[way(change.one_day)] }, moved(change.one_day)), " in a day",
		h("small", {}, `${moved(change.seven_days)} in seven days`));
}

function showState(state) {
	byId("state").className = `state ${state}`;
	say("state", STATES[state] || state);
}

/** Show a notice of the page with a text, or with its own (true); or hide it. */
export function notice(name, text) {
	const box = byId(`notice-${name}`), place = box.querySelector("span");
	if (text && text !== true && place.textContent !== text) place.textContent = text;
	box.hidden = !text;
}

/** What stands beside the number, and the notices: it grows old by itself. */
function facts() {
	const { interval, coverage, freshness: { watched_until: until, reasons }, state } = answer;
	say("fact-interval", `${number(interval.low)} to ${number(interval.high)}, at ${Math.round(100 * interval.level)} %`);
	say("fact-news", `${count(coverage.events)} reports of ${count(coverage.stories)} stories; coverage ${percent(coverage.share)}`);
	say("fact-until", until ? `${moment(until)}, ${ago(until)}` : "never");
	showState(state);
	notice("lost");
	notice("closed");
	notice("stale", state === "stale" && `${upper((reasons[0] || "the news has not been read").replace(/(\d{4}-\d\d-\d\dT[\d:]+)Z/g, (_, at) => moment(`${at}:00Z`)))}.`);
	notice("empty", state === "empty");
	const failing = reasons.filter((one) => one.includes("last read")).join("; ");
	notice("feeds", failing && `${failing}.`);
	notice("thin", coverage.thin && state !== "empty" && `Few stories stand behind this number; its prior still weighs ${percent(1 - coverage.share)}, and pulls it towards 50.`);
}

function lost(error) {
	showState("lost");
	if (!answer) say("lean", "");
	const what = error.status ? error.message : "The service cannot be reached.";
	const stands = answer ? ` The number shown is of ${moment(answer.freshness.computed_at)}, and may have moved since.` : "";
	notice("lost", `${what} Tried without success since ${lostSince.slice(11, 16)} UTC.${stands}`);
}

function closed() {
	showState("");
	say("lean", "This service asks for a key before it tells anything.");
	notice("lost");
	notice("closed", true);
}
