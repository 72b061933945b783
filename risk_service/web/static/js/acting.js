// Changing what the service keeps: with a key, the outcome told, and the focus left where it was.

import { key } from "./api.js";
import { byId, fill } from "./dom.js";
import { askForKey } from "./key.js";

/** Tell an outcome in a line that is read to screen readers too. */
export function tell(line, text, way = "done") {
	line.className = way;
	line.textContent = text;
}

/** Do what needs a key, asking for one first; null where none is given or it is refused. */
export async function withKey(line, act, scope = "write") {
	if (!key.get()) await askForKey(`A key with the scope ${scope} is needed for this.`);
	if (!key.get()) return null;
	try {
		return await act();
	} catch (error) {
		tell(line, error.message, "error");
		return null;
	}
}

/** New children for a box; the focus stays on what has the same id, else it goes to the box. */
export function renew(box, ...children) {
	const had = box.contains(document.activeElement) && document.activeElement.id;
	fill(box, ...children);
	if (had !== false) (byId(had) || box).focus();
}
