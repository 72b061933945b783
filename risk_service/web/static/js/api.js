// Asking the service: with the reader's key where there is one, and errors in its own words.

const KEY = "risk-key";
let wanted = () => {}, kept = "";
// Storage may be forbidden; the key then lives as long as the page.
try { kept = sessionStorage.getItem(KEY) || ""; } catch { /* None is kept. */ }

export const key = {
	get: () => kept,
	set(value) {
		kept = value;
		try { sessionStorage.setItem(KEY, value); } catch { /* None is kept. */ }
	},
	/** Call this where the service asks for a key. */
	onWanted(call) { wanted = call; },
};

/** What the service refused, and why; status 0 where it could not be reached. */
const refused = (status, { detail, title }) => Object.assign(new Error(detail || title || `The service answered ${status}.`), { status });

/** The answer to a request, whatever its status but an error's; 304 is none. */
export async function ask(path, { method = "GET", body, headers = {}, quiet = false, signal } = {}) {
	const sent = { Accept: "application/json", ...headers };
	if (key.get()) sent["X-API-Key"] = key.get();
	if (body !== undefined) sent["Content-Type"] = "application/json";
	let answer;
	try {
		answer = await fetch(path, {
			method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body),
			credentials: "omit", signal,
		});
	} catch (error) {
		if (error.name === "AbortError") throw error;
		throw refused(0, { detail: "The service cannot be reached." });
	}
	if (answer.ok || answer.status === 304) return answer;
	const problem = await answer.json().catch(() => ({}));
	if (answer.status === 401 && !quiet) wanted(problem.detail);
	throw refused(answer.status, problem);
}

export const get = async (path, options) => (await ask(path, options)).json();

export const post = async (path, body, options) => (await ask(path, { method: "POST", body, ...options })).json();

/** A query string of what is given; empty, null and undefined are left out. */
export function query(given) {
	const told = Object.entries(given).filter(([, value]) => value || value === 0);
	return told.length ? `?${new URLSearchParams(told)}` : "";
}
