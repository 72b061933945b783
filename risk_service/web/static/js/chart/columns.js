// Many days share a pixel when decades are shown; what shares one is drawn once.

/** Call with each column of the bars in sight: its x, and the range of bars in it. */
export function eachColumn(bars, range, ratio, call, width = 1) {
	const place = (i) => Math.round(bars[i].x * ratio / width) * width;
	let start = range.from;
	let x = place(start);
	for (let i = range.from + 1; i < range.to; i++) {
		const here = place(i);
		if (here !== x) {
			call(x, start, i);
			start = i;
			x = here;
		}
	}
	call(x, start, range.to);
}

export const inSight = (data) => data && data.bars.length > 0 && data.visibleRange && data.visibleRange.to > data.visibleRange.from;
