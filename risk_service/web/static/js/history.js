// The history since 1991: what is drawn, over which span, as known when, with which overlays.

import { marksOf, historyOf, placeOf, sectorOf } from "./chart/data.js";
import { showLegend } from "./chart/legend.js";
import { showReadout } from "./chart/readout.js";
import { showTable } from "./chart/table.js";
import { View } from "./chart/view.js";
import { byId, fill, h, later, segments } from "./dom.js";
import { THEMES, day, isoDay, moment, number } from "./format.js";
import { onNow } from "./now.js";
import { contributions, row } from "./stories.js";
import { openStory } from "./story.js";

const MEASURES = {
	index: { label: "Risk index", columns: ["risk_index", "low", "high"] },
	pair: { label: "Escalation, thaw", columns: ["escalation_index", "thaw_index"] },
	themes: { label: "Themes", columns: Object.keys(THEMES) },
};
const SPANS = [["7", "Week"], ["92", "3 months"], ["366", "Year"], ["3653", "10 years"], ["all", "All"]];
const SECTORS = ["energy", "defense"];
const DAY = 86400, HOURS_BELOW = 12, WINDOW = 31, LISTED = 6, CLOSE_LOOK = 200;

const state = { measure: "index", asOf: "", hours: null, first: 0, last: 0 };
const kept = new Map();
const events = new Map();
let view = null, pressSpan = () => {}, asked = 0, version = null, looking = null;

export function showHistory() {
	if (view) return;
	view = new View(byId("chart"));
	segments(byId("measures"), Object.entries(MEASURES).map(([name, { label }]) => [name, label]), state.measure, (name) => { state.measure = name; draw(); });
	pressSpan = segments(byId("spans"), SPANS, "all", showSpan);
	for (const name of SECTORS) byId(`overlay-${name}`).onchange = () => overlay(name);
	byId("overlay-stories").onchange = (event) => { view.marks.visible = event.target.checked; view.repaint(); };
	byId("chart-table").ontoggle = () => table();
	listen();
	setUpAsOf();
	onNow((answer) => {
		if (version !== null && answer.versions.index !== version) refreshed();
		version = answer.versions.index;
	});
	draw("all").then(() => loadMarks());
}

/** Ask for everything anew, as after a key was given. */
export function reloadHistory() {
	kept.clear();
	if (view) draw("all").then(() => loadMarks());
}

const refreshed = later(4000, () => { kept.clear(); draw(); });

function listen() {
	const settled = later(180, ranged);
	view.chart.timeScale().subscribeVisibleLogicalRangeChange(settled);
	view.chart.subscribeCrosshairMove((seen) => showReadout(view, seen, state));
	view.chart.subscribeClick(({ point }) => {
		const event = point && view.marks.visible ? view.marks.at(point.x, point.y) : null;
		if (event) openStory(event.id);
	});
	addEventListener("themechange", () => { view.repaint(); showLegend(state, view); });
	byId("chart").addEventListener("keydown", (event) => {
		const act = { ArrowLeft: () => view.move(-0.2), ArrowRight: () => view.move(0.2), "+": () => view.move(0, 0.6), "=": () => view.move(0, 0.6), "-": () => view.move(0, 1.7), Home: () => showSpan("all"), End: () => showSpan("366") }[event.key];
		if (!act || event.ctrlKey || event.metaKey) return;
		event.preventDefault();
		pressSpan("");
		act();
	});
}

const midnight = (chosen) => chosen && `${chosen}T00:00:00Z`;

const mark = () => view.marks.set([...events.values()], view.times);

/** Columns of a measure, asked for once; every measure brings the index, for the readout. */
function columns(measure, asOf) {
	const names = MEASURES[measure].columns;
	const name = `${measure}/${asOf}`;
	if (!kept.has(name)) kept.set(name, historyOf(names, { asOf: midnight(asOf) }));
	return kept.get(name).catch((error) => { kept.delete(name); throw error; });
}

async function draw(look) {
	const mine = ++asked, { measure, asOf } = state;
	try {
		const ghost = asOf ? await columns(measure, "") : null;
		const found = await columns(measure, asOf);
		if (mine !== asked) return;
		const before = view.sight() && { from: view.times[view.sight().from], to: view.times[view.sight().to] };
		state.hours = null;
		view.show(measure, found, ghost);
		[state.first, state.last] = [view.times[0] || 0, view.times.at(-1) || 0];
		state.shown = found;
		if (look) view.look(0, view.times.length - 1);
		else if (before) view.look(placeOf(view.times, before.from), placeOf(view.times, before.to));
		// The chart draws in the next frame; all else comes after it.
		await new Promise(requestAnimationFrame);
		performance.mark("history-drawn");
		after(found);
	} catch (error) {
		byId("readout").textContent = error.message;
	}
}

function after(found) {
	mark();
	showLegend(state, view);
	boundAsOf();
	tellAsOf(found);
	showReadout(view, null, state);
	for (const name of SECTORS) if (byId(`overlay-${name}`).checked) overlay(name);
	ranged();
}

function showSpan(days) {
	const last = view.times.length - 1;
	if (days === "all") {
		if (state.hours) draw("all");
		else view.look(0, last);
	} else if (days === "7") {
		hours(state.shown.time.at(-1) || state.last);
	} else {
		const back = () => { const end = placeOf(view.times, state.shown.time.at(-1)); view.look(Math.max(0, end - Number(days)), end); };
		if (state.hours) draw().then(back);
		else back();
	}
}

/** After the sight has moved: hours when close, days when far; the list and table of this span. */
function ranged() {
	const sight = view.sight();
	if (!sight) return;
	const from = view.times[sight.from], to = view.times[sight.to];
	const width = (to - from) / DAY;
	if (!state.hours && width > 0 && width < HOURS_BELOW) return hours(Math.min(to + DAY, (from + to) / 2 + WINDOW * DAY / 2), [from, to]);
	if (state.hours && width > WINDOW - 1.5 && !state.hours.chosen) return far(from, to);
	state.hours && (state.hours.chosen = false);
	list(sight);
	closer(from, to, width);
	table();
}

function far(from, to) {
	const middle = (from + to) / 2;
	draw().then(() => view.look(placeOf(view.times, middle - 45 * DAY), placeOf(view.times, middle + 45 * DAY)));
}

/** Hours of the month that ends at a moment; without a sight, its last week. */
async function hours(end, sight) {
	const mine = ++asked;
	const last = Math.min(end, state.last), from = Math.max(state.first, last - (WINDOW - 1) * DAY);
	try {
		const found = await historyOf(MEASURES[state.measure].columns, {
			resolution: "1h", from: isoDay(from), to: isoDay(last), asOf: midnight(state.asOf),
		});
		if (mine !== asked || !found.time.length) return;
		state.hours = { chosen: true };
		state.shown = found;
		view.show(state.measure, found, null, true);
		for (const name of SECTORS) view.overlay(name, null);
		const [a, b] = sight || [found.time.at(-1) - 7 * DAY, found.time.at(-1)];
		view.look(Math.max(0, placeOf(found.time, a)), Math.max(24, placeOf(found.time, b)));
		mark();
		showLegend(state, view);
		showReadout(view, null, state);
	} catch (error) {
		byId("readout").textContent = error.message;
	}
}

async function loadMarks() {
	await marksOf({ min_severity: 2 }, keep).catch(() => {});
}

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

function list(sight) {
	const from = view.times[sight.from], to = view.times[sight.to];
	byId("span-title").textContent = `Gravest stories, ${day(isoDay(from))} to ${day(isoDay(to))}`;
	const found = view.marks.between(sight.from, sight.to).sort((a, b) => b.weight - a.weight).slice(0, LISTED).map((one) => one.event);
	const name = found.map((one) => one.id).join();
	const box = byId("span-stories");
	if (box.dataset.shown === name) return;
	box.dataset.shown = name;
	const rows = found.map((event) => [event, row(event)]);
	fill(box, rows.length ? rows.map(([, made]) => made) : h("li", { class: "small" }, "No story of severity 2 or more in this span; look closer for smaller ones."));
	contributions(rows);
}

const table = later(120, () => { if (byId("chart-table").open) showTable(view, state); });

async function overlay(name) {
	const told = byId("overlay-told");
	if (!byId(`overlay-${name}`).checked) {
		view.overlay(name, null);
	} else if (!state.hours) {
		const place = `${name}/${state.asOf}`;
		if (!kept.has(place)) told.textContent = "Asking for closes …";
		if (!kept.has(place)) kept.set(place, sectorOf(name, { asOf: midnight(state.asOf), from: isoDay(state.first) }));
		const found = await kept.get(place).catch(() => null);
		if (!found) kept.delete(place);
		const known = found?.level.some((level) => !Number.isNaN(level));
		if (byId(`overlay-${name}`).checked) view.overlay(name, known ? found : null);
		told.textContent = known ? "Sector levels stand on the scale at the left, from 100 at their first close; each day beside the first close strictly after it." : `No closes of ${name === "defense" ? "defence" : name} are at hand.`;
	}
	const wanted = SECTORS.some((one) => byId(`overlay-${one}`).checked);
	if (!wanted) told.textContent = "";
	else if (state.hours) told.textContent = "Sector levels are daily; look at a longer span to see them.";
	showLegend(state, view);
}

function setUpAsOf() {
	const date = byId("asof-day"), handle = byId("asof-handle");
	const go = later(220, (chosen) => { state.asOf = chosen; draw(); });
	const set = (chosen) => { date.value = chosen; go(chosen); };
	date.onchange = () => set(date.value);
	handle.oninput = () => {
		const chosen = Number(handle.value) >= Number(handle.max) ? "" : isoDay(state.first + Number(handle.value) * DAY);
		handle.setAttribute("aria-valuetext", chosen ? day(chosen) : "today");
		set(chosen);
	};
	byId("asof-now").onclick = () => { handle.value = handle.max; set(""); };
}

function boundAsOf() {
	const handle = byId("asof-handle"), date = byId("asof-day");
	const days = Math.max(1, Math.round((state.last - state.first) / DAY) + 1);
	handle.max = String(days);
	handle.value = state.asOf ? String(Math.round((Date.parse(state.asOf) / 1000 - state.first) / DAY)) : String(days);
	handle.setAttribute("aria-valuetext", state.asOf ? day(state.asOf) : "today");
	date.min = isoDay(state.first + DAY);
	byId("asof-now").disabled = !state.asOf;
}

function tellAsOf(found) {
	const told = byId("asof-told");
	if (!state.asOf) { told.textContent = ""; return; }
	const last = found.time.length - 1;
	if (last < 0) { told.textContent = `No day was known by ${day(state.asOf)}.`; return; }
	const value = found.risk_index ? `: ${number(found.risk_index[last])}, interval ${number(found.low[last])} to ${number(found.high[last])}` : "";
	told.textContent = `As it was known at ${moment(`${state.asOf}T00:00:00Z`)}; the newest day then was ${day(isoDay(found.time[last]))}${value}. The dotted line is the past as it is known now.`;
}
