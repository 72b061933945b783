// Elements from plain calls. Text is text: nothing is ever parsed as HTML.

/** An element: h("p", {class: "small", onclick: f}, "text", child, null). */
export function h(name, props = {}, ...children) {
	const made = document.createElement(name);
	if (name === "button") made.type = "button";
	for (const [key, value] of Object.entries(props)) {
		if ((value ?? false) === false) continue;
		if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
		else if (key === "class") made.className = value;
		else if (key === "mute") made.setAttribute("aria-hidden", "true");
		else if (key === "width%") made.style.width = `${value}%`;
		else if (key in made && typeof value !== "string") made[key] = value;
		else made.setAttribute(key, value === true ? "" : value);
	}
	add(made, children);
	return made;
}

export const span = (...children) => h("span", {}, children);

/** The head of a dialog: its title, and a button that closes it. */
export const head = (dialog, title) => h("div", { class: "dialog-head" }, h("h2", { id: `${dialog.id}-title` }, title),
	h("button", { "aria-label": "Close", onclick: () => dialog.close() }, "✕"));

/** A paragraph in small print. */
export const small = (...children) => h("p", { class: "small" }, children);

/** A card with its heading. */
export const card = (title, ...children) => h("div", { class: "card" }, h("h2", {}, title), children);

/** What went wrong, told at once. */
export const failed = (error) => h("p", { class: "error", role: "alert" }, error.message);

/** A table that scrolls: the first cell of a row names it, columns from `from` on are numbers. */
export function table(label, heads, rows, from = 1) {
	const side = (i) => i >= from ? "n" : null;
	return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, h("table", {},
		h("thead", {}, h("tr", {}, heads.map((name, i) => h("th", { scope: "col", class: side(i) }, name)))),
		h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, i) =>
			i ? h("td", { class: side(i) }, cell) : h("th", { scope: "row" }, cell)))))));
}

/** An element of SVG. */
export function svg(name, props = {}, ...children) {
	const made = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
	add(made, children);
	return made;
}

function add(parent, children) {
	parent.append(...children.flat(3).filter((child) => child || child === 0));
}

/** Put new children in place of all that an element holds. */
export function fill(parent, ...children) {
	parent.replaceChildren();
	add(parent, children);
	return parent;
}

export const byId = (id) => document.getElementById(id);

export const say = (id, text) => { byId(id).textContent = text; };

/** Call a function once, after calls have stopped for so many milliseconds. */
export function later(wait, call) {
	let timer = 0;
	return (...told) => {
		clearTimeout(timer);
		timer = setTimeout(() => call(...told), wait);
	};
}

/** A group of buttons of which one is pressed; gives what presses one without a call. */
export function segments(group, onChange) {
	const press = (value) => {
		for (const one of group.children) one.setAttribute("aria-pressed", String(one.dataset.value === value));
	};
	group.onclick = ({ target: { dataset: { value } } }) => {
		if (value === undefined) return;
		press(value);
		onChange(value);
	};
	return press;
}

/** A labelled control of a form. */
export function field(label, control, wide = false) {
	return h("label", { class: wide ? "field wide" : "field" }, h("span", {}, label), control);
}

/** A select of [value, label] pairs. */
export function select(name, choices, chosen) {
	const made = h("select", { name }, choices.map(([value, label]) => h("option", { value }, label)));
	if (chosen !== undefined) made.value = chosen;
	return made;
}
