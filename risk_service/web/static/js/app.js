// The page put together: which part is shown, the theme, the key.

import { get } from "./api.js";
import { byId } from "./dom.js";
import { reloadHistory, showHistory } from "./history.js";
import { setUpKeys } from "./key.js";
import { askNow, notice, on, startPolling } from "./now.js";
import { openStory } from "./story.js";
import { showStories } from "./stories.js";

const VIEWS = { index: showHistory, stories: showStories };
// What the first look does not need is loaded after it, or when it is wanted.
const LATER = { try: "setUpTry", alerts: "showAlerts", models: "showModels", method: "showMethod" };
for (const [name, call] of Object.entries(LATER)) VIEWS[name] = async (how) => (await import(`./${name}.js`))[call](how);
const shown = new Set();

function route() {
	const [name, rest] = location.hash.slice(1).split("/", 2);
	if (name === "story" && /^\d+$/.test(rest || "")) {
		if (!shown.size) show("index");
		openStory(Number(rest));
		return;
	}
	show(name in VIEWS ? name : "index", rest);
}

function show(name, rest) {
	for (const one in VIEWS) byId(`view-${one}`).hidden = one !== name;
	for (const link of document.querySelectorAll("nav a")) link.ariaCurrent = link.hash === `#${name}` ? "page" : null;
	const first = !shown.has(name);
	shown.add(name);
	VIEWS[name]({ first, rest });
}

function moveTo() {
	route();
	byId("main").focus({ preventScroll: true });
	scrollTo(0, 0);
}

function setUpTheme() {
	const choice = byId("theme"), root = document.documentElement;
	const changed = () => dispatchEvent(new Event("themechange"));
	choice.value = root.dataset.theme || "";
	choice.onchange = () => {
		root.dataset.theme = choice.value;
		try { localStorage.setItem("theme", choice.value); } catch { /* Then it lasts as long as the page. */ }
		changed();
	};
	matchMedia("(prefers-color-scheme: dark)").onchange = changed;
}

async function tellSimulated() {
	const sectors = await get("/v1/sectors", { quiet: true }).catch(() => null);
	byId("simulated").hidden = !sectors?.sectors.some((one) => one.prices.simulated);
}

let alerted = null;

/** An alert is told on every part of the page, until it ends or somebody has seen it. */
function alertTold({ id, state, headline, acknowledged_at: seen }) {
	if (state === "firing" && !seen) {
		alerted = id;
		notice("alert", headline || "A rule tells of a move.");
	} else if (id === alerted) notice("alert");
	if (!byId("view-alerts").hidden) VIEWS.alerts({ first: false });
}

function keyChanged() {
	askNow();
	tellSimulated();
	reloadHistory();
	if (byId("story").open) return;
	shown.clear();
	route();
}

setUpTheme();
setUpKeys(keyChanged);
on("alert", alertTold);
startPolling();
route();
addEventListener("hashchange", moveTo);
setTimeout(() => {
	tellSimulated();
	for (const name in LATER) import(`./${name}.js`).catch(() => {});
}, 900);
