// What each story added to the index of its day; of an unsettled day, what it adds now.

import { get } from "./api.js";

const HOUR = 36e5, DAY = 24 * HOUR;
const days = new Map();
let live = null;

/** The newest answer of /v1/index, for days not settled yet. */
export const take = (answer) => { live = answer; };

/** {index, stories, all} of an ISO day, largest stories first; index null: not settled. */
export function addedOn(date) {
	const watched = Date.parse(live?.freshness.watched_until) || 0;
	if (Date.parse(date) + DAY > Math.min(watched + 1000, Date.now() - 1.5 * HOUR)) {
		const stories = live?.drivers || [];
		return Promise.resolve({ index: null, stories, all: stories.length + (live?.rest?.stories || 0) });
	}
	if (!days.has(date)) {
		const asked = get(`/v1/index/${date}/drivers?limit=500&words=false`, { quiet: true });
		days.set(date, asked.then((found) => ({ index: found.risk_index, stories: found.stories, all: found.stories.length + found.rest.stories })));
		asked.catch(() => days.delete(date));
	}
	return days.get(date);
}
