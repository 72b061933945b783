"""Stories as marks on a UDF chart.

``id``, ``time`` and the rest are columns of one table, as the protocol has it. Both adapters of the
library read it so. The text of a mark may be shown as HTML, and headlines come from outside: they
are given without anything a page could take for a tag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from risk_service.api.udf_bars import floor_to
from risk_service.store.upsert import Row

MARKS_PER_BAR = 10
"""The library draws no more on one bar."""
COLOURS = {"escalation": "red", "thaw": "blue"}
"""Names the protocol knows; red and blue are told apart by the colour-blind too."""
LABELS = {"escalation": "E", "thaw": "T"}
_TAGS = str.maketrans({"<": "‹", ">": "›"})


def marks(stories: Iterable[Row], length: int) -> dict[str, list[object]]:
    """What ``/marks`` says of stories given heaviest first; each stands at the start of its bar."""
    kept = _placed(stories, length, MARKS_PER_BAR)
    ways = [_way(story) for _, story in kept]
    return {
        "id": [story["story_id"] for _, story in kept],
        "time": [start for start, _ in kept],
        "color": [COLOURS[way] for way in ways],
        "text": [" – ".join(_lines(story)) for _, story in kept],
        "label": [LABELS[way] for way in ways],
        "labelFontColor": ["white"] * len(kept),
        "minSize": [10 + round(4 * float(story["severity"])) for _, story in kept],
    }


def timescale_marks(stories: Iterable[Row], length: int) -> dict[str, list[object]]:
    """What ``/timescale_marks`` says: of each bar the heaviest story."""
    kept = _placed(stories, length, 1)
    ways = [_way(story) for _, story in kept]
    return {
        "id": [f"t{story['story_id']}" for _, story in kept],
        "time": [start for start, _ in kept],
        "color": [COLOURS[way] for way in ways],
        "label": [LABELS[way] for way in ways],
        "tooltip": [_lines(story) for _, story in kept],
    }


def _placed(stories: Iterable[Row], length: int, most: int) -> list[tuple[int, Row]]:
    """The stories with the start of their bar, at most so many a bar, in order of time."""
    counts: Counter[int] = Counter()
    kept = []
    for story in stories:
        start = floor_to(int(story["published_at"].timestamp()), length)
        if counts[start] < most:
            counts[start] += 1
            kept.append((start, story))
    return sorted(kept, key=lambda one: one[0])


def _way(story: Row) -> str:
    return "escalation" if story["p_escalation"] >= story["p_thaw"] else "thaw"


def _lines(story: Row) -> list[str]:
    text = story["text"] or f"coded event {story['event_code']}"
    told = f"{_way(story)}, severity {float(story['severity']):.1f}"
    return [str(text).translate(_TAGS), f"{story['source']}, {told}".translate(_TAGS)]
