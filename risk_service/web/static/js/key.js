// The reader's API key: asked for where it is needed, kept for this tab alone, sent to this service.

import { get, key } from "./api.js";
import { byId, fill, h, head, small, span } from "./dom.js";

let changed = () => {};

export function setUpKeys(onChange) {
	changed = onChange;
	byId("key-button").addEventListener("click", () => askForKey());
	key.onWanted((why) => { if (!byId("key").open) askForKey(why); });
	mark();
}

/** The dialog; resolves once it is closed. */
export function askForKey(why = "") {
	const dialog = byId("key");
	const input = h("input", { type: "password", id: "key-input", autocomplete: "off", spellcheck: "false" });
	input.value = key.get();
	const error = h("p", { class: "error", role: "alert" }, why || "");
	const keep = async (event) => {
		event.preventDefault();
		key.set(input.value.trim());
		try {
			await get("/v1/index", { quiet: true });
		} catch (problem) {
			if (problem.status === 401) {
				key.set("");
				error.textContent = problem.message;
				return;
			}
		}
		dialog.close();
		mark();
		changed();
	};
	const forget = () => { key.set(""); dialog.close(); mark(); changed(); };
	fill(dialog, h("form", { class: "dialog-body", onsubmit: keep },
		head(dialog, "API key"),
		small("Correcting labels and keeping alert rules need a key. It stays in this tab until you close it, and goes to this service alone. Make one with: risk-service keys create --name me --scope write"),
		h("div", { class: "form-grid" }, h("label", { class: "field wide" }, span("Key"), input)),
		error,
		h("p", { class: "row" }, h("button", { class: "primary", type: "submit" }, "Use it"),
			key.get() ? h("button", { onclick: forget }, "Forget it") : null)));
	if (!dialog.open) dialog.showModal();
	input.focus();
	return new Promise((done) => dialog.addEventListener("close", done, { once: true }));
}

function mark() {
	const has = Boolean(key.get());
	byId("key-button").textContent = has ? "Key ✓" : "Key";
	byId("key-button").setAttribute("aria-label", has ? "API key: one is in use" : "API key: none in use");
}
