// Correcting a label: kept as training data with who and why; no stored score changes.

import { tell, withKey } from "./acting.js";
import { get, post } from "./api.js";
import { field, fill, h, select, small } from "./dom.js";
import { NAMES, SIGNS, day } from "./format.js";

const INTENSITIES = [["1", "1 · words, intentions"], ["2", "2 · a diplomatic or economic act"], ["3", "3 · force, or its end"]];

export function labelForm(block, event) {
	if (!event.text) {
		fill(block, h("h3", {}, "Label"), small("A coded event has no label."));
		return;
	}
	const said = h("div", {});
	const told = h("p", { class: "small", role: "status" });
	const intensity = select("intensity", INTENSITIES);
	const why = h("input", { name: "why", required: true, minLength: 3, maxLength: 1000, autocomplete: "off" });
	const now = event.score?.direction || "neutral";
	const choices = h("div", { class: "choices" }, ["escalation", "thaw", "neutral"].map((name) => h("label", {},
		h("input", { type: "radio", name: "direction", value: name, checked: name === now, onchange: () => follow() }), `${SIGNS[name]} ${NAMES[name]}`)));
	const follow = () => { intensity.disabled = form.elements.direction.value === "neutral"; };
	const send = async (submitted) => {
		submitted.preventDefault();
		const direction = form.elements.direction.value;
		const kept = await withKey(told, () => post(`/v1/events/${event.id}/label`, {
			direction, intensity: direction === "neutral" ? null : Number(intensity.value), why: why.value,
		}));
		if (!kept) return;
		tell(told, kept.kept ? "Kept as training data. The stored score stands as it is." : "You had said so already.");
		list(said, kept.labels);
		why.value = "";
	};
	const form = h("form", { onsubmit: send },
		h("fieldset", {}, h("legend", {}, "It is"), choices),
		h("div", { class: "form-grid" },
			field("Intensity", intensity),
			field("Why", why, true),
			h("button", { type: "submit" }, "Keep my label")));
	follow();
	fill(block, h("details", {}, h("summary", {}, "Is the label wrong? Correct it"), form, told), said);
	get(`/v1/labels?event_id=${event.id}`).then((found) => list(said, found.labels)).catch(() => {});
}

function list(said, labels) {
	fill(said, labels.map((one) => h("p", { class: "small" },
		`${one.who} on ${day(one.at)}: ${SIGNS[one.direction]} ${NAMES[one.direction]}${one.intensity ? ` ${one.intensity}` : ""}. “${one.why}”`)));
}
