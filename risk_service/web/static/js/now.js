// The number now: polled with its entity tag, and honest about stale, thin, empty and lost.

import { take } from "./added.js";
import { ask } from "./api.js";
import { byId, fill, h } from "./dom.js";
import { showDrivers } from "./drivers.js";
import { ago, count, lean, moment, number, percent, SIGNS } from "./format.js";
import { gauge } from "./gauge.js";

const EVERY = 3000;
const STATES = { fresh: "Fresh", thin: "Thin", stale: "Stale", empty: "Empty", lost: "No connection" };

let etag = null, answer = null, lostSince = null, told = "", locked = false;
const listeners = [];

/** Call with each new answer of /v1/index. */
export const onNow = (call) => { listeners.push(call); if (answer) call(answer); };

/** Ask at once, as after a key was given. */
export function askNow() { etag = null; return poll(); }

export function startPolling() {
	poll();
	setInterval(() => { if (!document.hidden) poll(); }, EVERY);
	document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
}

async function poll() {
	try {
		const found = await ask("/v1/index", { headers: etag ? { "If-None-Match": etag } : {}, quiet: locked });
		const was = lostSince;
		lostSince = null;
		locked = false;
		if (found.status !== 304) {
			etag = found.headers.get("etag");
			answer = await found.json();
			take(answer);
			show();
			listeners.forEach((call) => call(answer));
		} else if (was) show();
		freshness();
	} catch (error) {
		locked = error.status === 401;
		if (!locked && !lostSince) lostSince = new Date().toISOString();
		if (locked) closed();
		else lost(error);
	}
}

function show() {
	const { risk_index: value, interval, change, state } = answer;
	const [way, words] = state === "empty" ? ["neutral", "No news yet: 50 is where the index starts, not a finding"] : lean(value, interval.low, interval.high);
	fill(byId("value"), h("span", { class: "figure" }, number(value)), turn(change));
	fill(byId("lean"), h("span", { class: `${way === "escalation" ? "esc" : way}-ink`, mute: true }, `${SIGNS[way]} `), words);
	fill(byId("gauge"), gauge(value, interval.low, interval.high, interval.level));
	showState(state);
	showDrivers(answer);
	document.title = `${number(value)} · US–Russia risk index`;
	const news = `Risk index ${number(value)}. ${words}. ${STATES[state]}.`;
	if (news !== told) byId("live").textContent = told = news;
	const { model, method, index } = answer.versions;
	byId("versions").textContent = `model ${model} · method ${method} · index version ${index}`;
}

function turn(change) {
	if (!change) return null;
	const moved = (value) => value === null ? "unknown" : Math.abs(value) < 0.05 ? "no change" : `${value > 0 ? "▲" : "▼"} ${number(Math.abs(value))}`;
	const ink = change.one_day > 0.05 ? "esc-ink" : change.one_day < -0.05 ? "thaw-ink" : "";
	return h("span", { class: "turn" },
		h("span", { class: ink }, moved(change.one_day)), " in a day",
		h("small", {}, `${moved(change.seven_days)} in seven days`));
}

function showState(state) {
	const shown = byId("state");
	shown.className = `state ${state}`;
	shown.textContent = STATES[state] || state;
}

function freshness() {
	if (!answer) return;
	const { interval, coverage, freshness: fresh, state } = answer;
	fill(byId("facts"),
		h("dt", {}, "Interval"), h("dd", {}, `${number(interval.low)} to ${number(interval.high)}, at ${Math.round(100 * interval.level)} %`),
		h("dt", {}, "News behind it"), h("dd", {}, `${count(coverage.events)} reports of ${count(coverage.stories)} stories; coverage ${percent(coverage.share)}`),
		h("dt", {}, "News read until"), h("dd", {}, fresh.watched_until ? `${moment(fresh.watched_until)}, ${ago(fresh.watched_until)}` : "never"));
	const notices = [];
	if (state === "stale") {
		notices.push(h("p", { class: "notice" }, h("b", {}, "Stale. "), upper(fresh.reasons[0] || "the news has not been read"), "."));
	}
	if (state === "empty") notices.push(h("p", { class: "notice" }, h("b", {}, "Empty. "), "No event has come yet: connect a feed, import a file or post one."));
	const asides = [];
	if (coverage.thin && state !== "empty") {
		asides.push(h("p", {}, h("b", {}, "Thin. "), `Few stories stand behind this number; its prior still weighs ${percent(1 - coverage.share)}, and pulls it towards 50.`));
	}
	fill(byId("asides"), asides);
	const failing = fresh.reasons.filter((one) => one.includes("last read"));
	if (failing.length) notices.push(h("p", { class: "notice calm" }, h("b", {}, "Feeds. "), failing.join("; "), "."));
	notify("now", notices);
}

const upper = (text) => text.replace(/^./, (letter) => letter.toUpperCase()).replace(/(\d{4}-\d\d-\d\d)T[\d:]+Z/g, (found) => moment(found.replace("Z", ":00Z")));

function lost(error) {
	showState("lost");
	const since = `${lostSince.slice(11, 16)} UTC`;
	const what = error.status ? error.message : "The service cannot be reached.";
	const stands = answer ? `The number shown is of ${moment(answer.freshness.computed_at)}, and may have moved since.` : "";
	if (!answer) byId("lean").textContent = "";
	notify("now", [h("p", { class: "notice bad", role: "alert" }, h("b", {}, "No connection. "), `${what} Tried without success since ${since}. ${stands}`)]);
}

function closed() {
	showState("");
	byId("lean").textContent = "This service asks for a key before it tells anything.";
	notify("now", [h("p", { class: "notice" }, h("b", {}, "A key is needed. "), "Reads are closed here, because the service listens beyond its own machine. ",
		h("button", { onclick: () => byId("key-button").click() }, "Enter a key"))]);
}

const kept = new Map();

/** Notices above everything, by who gives them; equal ones are left as they are. */
export function notify(who, notices) {
	const text = notices.map((one) => one.textContent).join("\n");
	if (kept.get(who)?.text === text) return;
	kept.set(who, { text, notices });
	fill(byId("notices"), [...kept.values()].map((one) => one.notices));
}
