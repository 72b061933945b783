// The page put together: which part is shown, the theme, the key.

import { showAlerts } from "./alerts.js";
import { get } from "./api.js";
import { byId, fill, h } from "./dom.js";
import { reloadHistory, showHistory } from "./history.js";
import { setUpKeys } from "./key.js";
import { showMethod } from "./method.js";
import { showModels } from "./models.js";
import { askNow, startPolling } from "./now.js";
import { openStory } from "./story.js";
import { showStories } from "./stories.js";
import { setUpTry } from "./try.js";

const VIEWS = {
	index: showHistory, stories: showStories, try: setUpTry, alerts: showAlerts, models: showModels, method: showMethod,
};
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
	for (const one of Object.keys(VIEWS)) byId(`view-${one}`).hidden = one !== name;
	for (const link of document.querySelectorAll("nav a")) {
		if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	const first = !shown.has(name);
	shown.add(name);
	VIEWS[name]({ first, rest });
}

function moveTo() {
	route();
	byId("main").focus({ preventScroll: true });
	scrollTo(0, 0);
}

const THEME_NAMES = { "": "Auto", light: "Light", dark: "Dark" };

function setUpTheme() {
	const button = byId("theme-button"), root = document.documentElement;
	const mark = () => {
		const name = THEME_NAMES[root.dataset.theme || ""];
		button.textContent = name;
		button.setAttribute("aria-label", `Theme: ${name.toLowerCase()}; change`);
	};
	button.addEventListener("click", () => {
		const names = Object.keys(THEME_NAMES);
		const next = names[(names.indexOf(root.dataset.theme || "") + 1) % names.length];
		if (next) root.dataset.theme = next;
		else delete root.dataset.theme;
		try { localStorage.setItem("theme", next); } catch { /* Then it lasts as long as the page. */ }
		mark();
		dispatchEvent(new Event("themechange"));
	});
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));
	mark();
}

async function tellSimulated() {
	const sectors = await get("/v1/sectors", { quiet: true }).catch(() => null);
	if (sectors?.sectors.some((one) => one.prices.simulated)) {
		fill(byId("simulated"), h("b", {}, "Simulated prices. "), "Closes of energy and defence come from a random walk, for demonstration. The risk index does not use them.");
	}
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
startPolling();
route();
addEventListener("hashchange", moveTo);
setTimeout(tellSimulated, 900);
