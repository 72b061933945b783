// The history: what is drawn, over which span, as known when, with which overlays.

import { marksOf, historyOf, placeOf, sectorOf } from "./chart/data.js";
import { showReadout } from "./chart/readout.js";
import { showTable } from "./chart/table.js";
import { View } from "./chart/view.js";
import { byId, fill, later, segments, say } from "./dom.js";
import { THEMES, day, isoDay, moment, number, when } from "./format.js";
import { on } from "./now.js";
import { contributions, row } from "./stories.js";
import { openStory } from "./story.js";

const COLUMNS = { index: ["risk_index", "low", "high"], pair: ["escalation_index", "thaw_index"], themes: Object.keys(THEMES) };
const SECTORS = ["energy", "defense"];
const DAY = 86400, HOURS_BELOW = 12, WINDOW = 31, LISTED = 6, CLOSE_LOOK = 200;

const state = { measure: "index", asOf: "", hours: false, chosen: false, first: 0, last: 0 };
const kept = new Map();
const events = new Map();
let view = null, pressSpan = () => {}, asked = 0, version = null, looking = null;

export function showHistory() {
	if (view) return;
	view = new View(byId("chart"), listen);
	segments(byId("measures"), (name) => { state.measure = name; draw(); });
	pressSpan = segments(byId("spans"), showSpan);
	for (const name of SECTORS) byId(`overlay-${name}`).onchange = () => overlay(name);
	byId("overlay-stories").onchange = (event) => { view.marks.visible = event.target.checked; view.repaint(); legend(); };
	byId("chart-table").ontoggle = table;
	setUpKeys();
	setUpAsOf();
	on("story", later(400, newStories));
	on("index", (answer) => {
		if (version !== null && answer.versions.index !== version) refreshed();
		version = answer.versions.index;
	});
	draw("all").then(loadMarks);
}

/** Ask for everything anew, as after a key was given. */
export function reloadHistory() {
	kept.clear();
	if (view) draw("all").then(loadMarks);
}

/** Stories have come: those of the last days are asked for. */
function newStories() {
	if (view && state.last) marksOf({ from: isoDay(state.last - DAY), min_severity: 1 }, keep).catch(() => {});
}

const refreshed = later(4000, () => { kept.clear(); draw(); });

function listen(chart) {
	chart.timeScale().subscribeVisibleLogicalRangeChange(later(180, ranged));
	chart.subscribeCrosshairMove((seen) => showReadout(view, seen, state));
	chart.subscribeClick(({ point }) => {
		const event = view.marks.at(point);
		if (event) openStory(event.id);
	});
}

function setUpKeys() {
	addEventListener("themechange", () => view.repaint());
	const closer = () => view.move(0, 0.6), keys = {
		ArrowLeft: () => view.move(-0.2), ArrowRight: () => view.move(0.2), "+": closer, "=": closer, "-": () => view.move(0, 1.7),
		Home: () => showSpan("all"), End: () => showSpan("366"),
	};
	byId("chart").onkeydown = (event) => {
		if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
		event.preventDefault();
		pressSpan("");
		keys[event.key]();
	};
}

const midnight = (chosen) => chosen && `${chosen}T00:00:00Z`;

const placeAt = (moment) => Math.max(0, placeOf(view.times, moment));

/** What was asked for once; a refusal is not kept. */
function once(name, make) {
	if (!kept.has(name)) kept.set(name, make().catch((error) => { kept.delete(name); throw error; }));
	return kept.get(name);
}

const columns = (measure, asOf) => once(`${measure}/${asOf}`, () => historyOf(COLUMNS[measure], { asOf: midnight(asOf) }));

/** Ask for columns and show them, unless something else was asked for meanwhile. */
async function shown(ask, hours, call) {
	const mine = ++asked;
	try {
		const [found, ghost] = await Promise.all(ask());
		if (mine !== asked || hours && !found.time.length) return;
		Object.assign(state, { shown: found, hours, chosen: hours });
		view.show(state.measure, found, ghost, hours);
		await call(found);
	} catch (error) {
		say("readout", error.message);
	}
}

function draw(look) {
	const { measure, asOf } = state, sight = view.sight();
	const before = sight && [view.times[sight.from], view.times[sight.to]];
	return shown(() => [columns(measure, asOf), asOf ? columns(measure, "") : null], false, async (found) => {
		[state.first, state.last] = [view.times[0] || 0, view.times.at(-1) || 0];
		if (look) view.look(0, view.times.length - 1);
		else if (before) view.look(...before.map(placeAt));
		// The chart draws in the next frame; all else comes after.
		performance.mark("history-shown");
		await new Promise(requestAnimationFrame);
		performance.mark("history-drawn");
		await new Promise(setTimeout);
		view.refine();
		boundAsOf();
		tellAsOf(found);
		told();
		for (const name of SECTORS) if (byId(`overlay-${name}`).checked) overlay(name);
		ranged();
	});
}

/** Hours of the month that ends at a moment; without a sight, its last week. */
function hours(end, sight) {
	const last = Math.min(end, state.last), from = Math.max(state.first, last - (WINDOW - 1) * DAY);
	const span = { resolution: "1h", from: isoDay(from), to: isoDay(last), asOf: midnight(state.asOf) };
	return shown(() => [historyOf(COLUMNS[state.measure], span)], true, ({ time }) => {
		for (const name of SECTORS) view.overlay(name, null);
		const [a, b] = sight || [time.at(-1) - 7 * DAY, time.at(-1)];
		view.look(placeAt(a), Math.max(24, placeAt(b)));
		told();
	});
}

/** What stands around the chart. */
function told() {
	mark();
	legend();
	showReadout(view, null, state);
}

const mark = () => view.marks.set([...events.values()], view.times);

function legend() {
	const seen = [state.measure, ...view.overlays.keys(), state.asOf && state.measure !== "themes" && "ghost", view.marks.visible && "marks"];
	for (const one of byId("legend").children) one.hidden = !seen.includes(one.dataset.of);
}

async function showSpan(days) {
	if (days === "7") return hours(state.shown.time.at(-1) || state.last);
	if (state.hours) await draw("all");
	const all = days === "all", end = all ? view.times.length - 1 : placeAt(state.shown.time.at(-1));
	view.look(all ? 0 : Math.max(0, end - Number(days)), end);
}

/** After the sight has moved: hours when close, days when far; its list and table. */
function ranged() {
	const sight = view.sight();
	if (!sight) return;
	const from = view.times[sight.from], to = view.times[sight.to], middle = (from + to) / 2;
	const width = (to - from) / DAY;
	if (!state.hours && width > 0 && width < HOURS_BELOW) return hours(Math.min(to + DAY, middle + WINDOW * DAY / 2), [from, to]);
	if (state.hours && width > WINDOW - 1.5 && !state.chosen) return draw().then(() => view.look(placeAt(middle - 45 * DAY), placeAt(middle + 45 * DAY)));
	state.chosen = false;
	list(sight);
	closer(from, to, width);
	table();
}

const loadMarks = () => marksOf({ min_severity: 2 }, keep).catch(() => {});

function keep(found) {
	for (const event of found) events.set(event.id, event);
	mark();
	const sight = view.sight();
	if (sight) list(sight);
}

/** Close up, smaller stories are asked for too. */
function closer(from, to, width) {
	looking?.abort();
	if (width > CLOSE_LOOK) return;
	looking = new AbortController();
	marksOf({ from: isoDay(from), to: isoDay(to), min_severity: 1 }, keep, looking.signal).catch(() => {});
}

function list({ from, to }) {
	say("span-title", `Gravest stories, ${when(view.times[from], {})} to ${when(view.times[to], {})}`);
	const found = view.marks.between(from, to).sort((a, b) => b.weight - a.weight).slice(0, LISTED).map((one) => one.event);
	const name = found.map((one) => one.id).join();
	const box = byId("span-stories");
	if (box.dataset.shown === name) return;
	box.dataset.shown = name;
	const rows = found.map((event) => [event, row(event)]);
	fill(box, rows.map(([, made]) => made));
	byId("no-stories").hidden = rows.length > 0;
	contributions(rows);
}

const table = later(120, () => { if (byId("chart-table").open) showTable(view, state); });

async function overlay(name) {
	const wanted = (one) => byId(`overlay-${one}`).checked;
	if (!wanted(name)) view.overlay(name, null);
	else if (!state.hours) {
		const { asOf } = state;
		const found = await once(`${name}/${asOf}`, () => sectorOf(name, { asOf: midnight(asOf), from: isoDay(state.first) })).catch(() => null);
		const known = found?.level.some((level) => !Number.isNaN(level));
		if (wanted(name)) view.overlay(name, known ? found : null);
		byId("no-closes").hidden = known;
	}
	const any = SECTORS.some(wanted);
	byId("overlay-told").hidden = !any || state.hours;
	byId("overlay-far").hidden = !any || !state.hours;
	legend();
}

function setUpAsOf() {
	const date = byId("asof-day"), handle = byId("asof-handle");
	const go = later(220, (chosen) => { state.asOf = chosen; draw(); });
	const set = (chosen) => {
		date.value = chosen;
		handle.ariaValueText = chosen ? day(chosen) : "today";
		go(chosen);
	};
	date.onchange = () => set(date.value);
	handle.oninput = () => set(handle.value === handle.max ? "" : isoDay(state.first + handle.value * DAY));
	byId("asof-now").onclick = () => { handle.value = handle.max; set(""); };
}

function boundAsOf() {
	const handle = byId("asof-handle"), { asOf, first, last } = state;
	handle.max = Math.max(1, Math.round((last - first) / DAY) + 1);
	handle.value = asOf ? Math.round((Date.parse(asOf) / 1000 - first) / DAY) : handle.max;
	handle.ariaValueText = asOf ? day(asOf) : "today";
	byId("asof-day").min = isoDay(first + DAY);
	byId("asof-now").disabled = !asOf;
}

function tellAsOf({ time, risk_index: values, low, high }) {
	const last = time.length - 1;
	const value = values && last >= 0 ? `: ${number(values[last])}, interval ${number(low[last])} to ${number(high[last])}` : "";
	const newest = last < 0 ? "no day was known then" : `the newest day then was ${when(time[last], {})}${value}. The dotted line is the past as it is known now`;
	say("asof-told", state.asOf && `As it was known at ${moment(midnight(state.asOf))}: ${newest}.`);
}
