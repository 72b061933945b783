// Channels that alerts are sent through, for admins, and what became of what was sent.

import { renew, tell, withKey } from "./acting.js";
import { ask, get, post, query } from "./api.js";
import { byId, fill, h, small, span, table } from "./dom.js";
import { moment } from "./format.js";

const CHANNELS = "/v1/alerts/channels", DELIVERIES = "/v1/alerts/deliveries";
const line = byId("channels-line"), form = byId("channel-form"), filter = byId("sent-form");
const names = new Map();

async function channels(where) {
	const found = await withKey(where, () => get(CHANNELS), "admin");
	for (const one of found?.channels || []) names.set(one.id, one.name);
	return found?.channels;
}

/** Boxes to choose channels with: asked for when opened, which needs an admin's key. */
export function chooser(details, chosen, where, changed) {
	const tick = ({ target }) => { chosen[target.checked ? "add" : "delete"](target.value); changed?.(); };
	details.ontoggle = async () => {
		const found = details.open && await channels(where);
		if (found) fill(details.lastElementChild, found.length ? found.map((one) => h("label", {},
			h("input", { type: "checkbox", value: one.id, checked: chosen.has(one.id), onchange: tick }), `${one.name} (${one.kind})`)) : small("There is none yet; make one below."));
	};
}

async function refresh(done) {
	const found = await channels(line);
	if (!found) return;
	renew(byId("channel-list"), found.map(row));
	await look();
	if (done) tell(line, done);
}

async function look() {
	const found = await withKey(line, () => get(`${DELIVERIES}${query({ state: filter.elements.state.value, limit: 50 })}`));
	if (found) renew(byId("sent"), deliveries(found.deliveries, line, look));
}

function row(one) {
	const path = `${CHANNELS}/${one.id}`, off = one.disabled_at !== null;
	const button = (id, what, done, act) => h("button", { id: id + one.id, "aria-label": `${what}: ${one.name}`, onclick: async () => {
		const answer = await withKey(line, act, "admin");
		if (answer) refresh(typeof done === "string" ? done : await done(answer));
	} }, what);
	return h("li", {},
		h("div", { class: "when" }, one.kind),
		h("div", { class: "body" }, h("b", {}, one.name), h("p", { class: "about" }, span(one.config.url || one.config.host), off && span(`off: ${one.disabled_because}`))),
		h("div", { class: "row" }, !off && button("test-", "Send a test", arrived, () => post(`${path}/test`)),
			button("switch-", off ? "Switch on" : "Switch off", off ? "It is sent to again." : "Nothing is sent to it.", () => ask(path, { method: "PATCH", body: { enabled: off } })),
			button("delete-", "Delete", "It is deleted.", () => confirm(`Delete “${one.name}”?`) && ask(path, { method: "DELETE" }))));
}

/** How a test went at its first attempt; ten seconds are waited for it. */
async function arrived({ delivery }) {
	tell(line, "The test is on its way …", "small");
	for (let tries = 0; tries < 30; tries++) {
		const found = await get(`${DELIVERIES}/${delivery}`);
		if (found.state === "sent") return "The test has arrived.";
		if (found.last_error) return `The test has not arrived: ${found.last_error}.`;
		await new Promise((done) => { setTimeout(done, 300); });
	}
	return "The test still waits to be sent.";
}

/** How deliveries went; a dead one can be sent again. */
export function deliveries(rows, where, changed) {
	const again = async (one) => {
		if (!await withKey(where, () => post(`${DELIVERIES}/${one.id}/resend`))) return;
		await changed();
		tell(where, "It is sent again.");
	};
	return rows.length ? table("Deliveries", ["Made", "Channel", "What", "State", "Attempts", "Last answer", ""], rows.map((one) => [
		moment(one.created_at), names.get(one.channel_id) || one.channel_id, one.act, one.state, one.attempts, one.last_error || one.last_status || "–",
		one.state === "dead" && h("button", { "aria-label": `Send ${one.act} again`, onclick: () => again(one) }, "Send again")]), 9) : small("None.");
}

const opened = () => { if (byId("channels").open) refresh(); };
byId("channels").ontoggle = opened;
opened();
filter.onsubmit = (event) => { event.preventDefault(); refresh(); };
filter.onchange = look;
form.onsubmit = async (event) => {
	event.preventDefault();
	const { name, url } = Object.fromEntries(new FormData(form));
	const made = await withKey(line, () => post(CHANNELS, { name, kind: "webhook", config: { url } }), "admin");
	if (!made) return;
	form.reset();
	refresh(`“${name}” is made. Its secret, shown this once: ${made.secret}`);
};
