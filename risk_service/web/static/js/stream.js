// What the service tells by itself as long as the page is looked at; without it, polling goes on.

const KINDS = ["index", "story", "alert"], AGAIN = 60_000;

let source = null, again = 0, first = null;

export const streaming = () => source?.readyState === EventSource.OPEN;

/** Open the stream, unless it is open or was just refused; call with each kind and data. */
export function openStream(call) {
	const closed = !source || source.readyState === EventSource.CLOSED;
	if (!closed || document.hidden || Date.now() < again) return;
	again = Date.now() + AGAIN;
	first = null;
	source = new EventSource("/v1/stream");
	for (const kind of KINDS) {
		source.addEventListener(kind, ({ data, lastEventId }) => {
			// It begins with the present state, under one id: the page knows that already.
			first ??= lastEventId;
			if (kind === "index" || lastEventId !== first) call(kind, JSON.parse(data));
		});
	}
}

/** Browsers keep few connections: a page nobody looks at gives its own back. */
export function closeStream() {
	source?.close();
	again = 0;
}
