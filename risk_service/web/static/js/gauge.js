// The number on its scale: 0 all thaw, 100 all escalation, with the interval it lies in.

import { h, span } from "./dom.js";
import { number } from "./format.js";

export function gauge(value, low, high, level) {
	const told = `${number(value)} on a scale from 0, all thaw, to 100, all escalation; ${Math.round(100 * level)} % interval ${number(low)} to ${number(high)}.`;
	return h("div", { class: "gauge", role: "img", "aria-label": told },
		h("div", { class: "track" },
			h("span", { class: "range", "left%": low, "width%": Math.max(0.5, high - low) }),
			h("span", { class: "half" }),
			h("span", { class: "marker", "left%": value })),
		h("div", { class: "ends", mute: true },
			span("▼ 0 thaw"), span("50 neither"), span("100 escalation ▲")));
}
