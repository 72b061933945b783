// Numbers, days and directions in words. All moments are UTC, and say so where it matters.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
export const THEMES = {
	military: "Military", diplomacy: "Diplomacy", sanctions_trade: "Sanctions and trade", energy: "Energy",
	arms_control: "Arms control", detainees: "Detainees", cyber: "Cyber",
};
export const SIGNS = { escalation: "▲", thaw: "▼", neutral: "●" };
export const NAMES = { escalation: "Escalation", thaw: "Thaw", neutral: "Neutral" };
export const INKS = { escalation: "esc-ink", thaw: "thaw-ink", neutral: "neutral-ink" };

export const number = (value, digits = 1) => Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "–";
export const signed = (value, digits = 1) => (value > 0 ? "+" : "") + number(value, digits);
export const percent = (share, digits = 0) => share === null || share === undefined ? "–" : `${number(100 * share, digits)} %`;
export const count = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** 14 Jun 2026, of an ISO day or moment. */
export function day(iso) {
	if (!iso) return "–";
	const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
	return `${date} ${MONTHS[month - 1]} ${year}`;
}

/** 14 Jun 2026, 15:02 UTC; the last second of a day is that day, its hour unknown. */
export function moment(iso) {
	if (!iso) return "–";
	const time = new Date(iso).toISOString();
	return time.slice(11, 19) === "23:59:59" ? day(time) : `${day(time)}, ${time.slice(11, 16)} UTC`;
}

/** ISO moment and day of seconds since 1970, and either in words. */
export const iso = (seconds) => new Date(seconds * 1000).toISOString();
export const isoDay = (seconds) => iso(seconds).slice(0, 10);
export const when = (seconds, { hours }) => (hours ? moment : day)(iso(seconds));

/** 1 story, 2 stories. */
export const some = (many, one, more = `${one}s`) => `${count(many)} ${many === 1 ? one : more}`;

/** The text as it begins a sentence. */
export const upper = (text) => text.replace(/^./, (letter) => letter.toUpperCase());

/** How long ago, roughly. */
export function ago(moment) {
	const seconds = (Date.now() - new Date(moment)) / 1000;
	if (seconds < 50) return "just now";
	const [size, name] = [[86400, "day"], [3600, "hour"]].find(([one]) => seconds >= 0.95 * one) || [60, "minute"];
	return `${some(Math.max(1, Math.round(seconds / size)), name)} ago`;
}

/** The way that points go. */
export const wayOf = (points) => points >= 0 ? "escalation" : "thaw";

/** Which way an index and its interval lean, in words that do not say more than they know. */
export function lean(value, low, high) {
	const way = wayOf(value - 50);
	if (Math.abs(value - 50) < 1) return ["neutral", "Neither thaw nor escalation outweighs"];
	if (low > 50 || high < 50) return [way, `${NAMES[way]} outweighs ${wayOf(50 - value)}`];
	return [way, `Leans to ${way}; the interval includes 50, neither`];
}

export const ABOUT = {
	dyad: "about the two directly", theatre: "about the theatre they meet in", other: "not about the dyad: weighs nothing",
};

export const severityWords = (severity) => severity >= 2.5 ? "grave" : severity >= 1.7 ? "an act" : "words";
