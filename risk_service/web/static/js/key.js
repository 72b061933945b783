// The reader's API key: asked for where needed, kept for this tab, sent to this service alone.

import { get, key } from "./api.js";
import { byId, say } from "./dom.js";

let changed = () => {};

export function setUpKeys(onChange) {
	changed = onChange;
	for (const name of ["key-button", "key-wanted"]) byId(name).onclick = () => askForKey();
	byId("key-close").onclick = () => byId("key").close();
	byId("key-forget").onclick = () => use("");
	byId("key-form").onsubmit = check;
	key.onWanted((why) => { if (!byId("key").open) askForKey(why); });
	mark();
}

/** The dialog; resolves once it is closed. */
export function askForKey(why = "") {
	const dialog = byId("key");
	byId("key-input").value = key.get();
	byId("key-forget").hidden = !key.get();
	say("key-error", why);
	if (!dialog.open) dialog.showModal();
	byId("key-input").focus();
	return new Promise((done) => dialog.addEventListener("close", done, { once: true }));
}

async function check(event) {
	event.preventDefault();
	const given = byId("key-input").value.trim();
	key.set(given);
	try {
		await get("/v1/index", { quiet: true });
	} catch (problem) {
		if (problem.status === 401) {
			key.set("");
			say("key-error", problem.message);
			return;
		}
	}
	use(given);
}

function use(given) {
	key.set(given);
	byId("key").close();
	mark();
	changed();
}

function mark() {
	const has = Boolean(key.get()), button = byId("key-button");
	button.textContent = has ? "Key ✓" : "Key";
	button.ariaLabel = has ? "API key: one is in use" : "API key: none in use";
}
