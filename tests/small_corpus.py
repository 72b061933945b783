"""A small labelled corpus, made by combination, that a model can learn within a second."""

from __future__ import annotations

from pathlib import Path

ACTS = {
    "thaw": [
        ("agree to reopen consulates in", 2),
        ("resume direct talks on arms control in", 2),
        ("swap prisoners at the airport of", 2),
        ("sign a ceasefire for", 3),
        ("praise constructive dialogue held in", 1),
    ],
    "escalation": [
        ("expel diplomats over spying in", 2),
        ("impose sanctions on banks of", 2),
        ("fire missiles at the port of", 3),
        ("threaten to answer the strike on", 1),
        ("call off the summit planned in", 2),
    ],
    "neutral": [
        ("visit an exhibition of paintings in", 0),
        ("mark the anniversary of a film shot in", 0),
        ("watch a chess match played in", 0),
        ("tell of a childhood spent in", 0),
        ("publish a guide to the museums of", 0),
    ],
}
WHO = ("American and Russian envoys", "Both ministers", "Officials", "Delegates", "Two presidents")
WHERE = ("Geneva", "Omsk", "Helsinki", "Norfolk")


def small_corpus() -> list[tuple[str, str, str]]:
    """300 rows of direction, intensity, text."""
    return [
        (direction, str(intensity or ""), f"{who} {act} {where}")
        for direction, acts in ACTS.items()
        for act, intensity in acts
        for who in WHO
        for where in WHERE
    ]


def write_labels(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    """Rows as a label file."""
    lines = [",".join((d, i, '"' + t.replace('"', '""') + '"')) for d, i, t in rows]
    path.write_text("\n".join(["direction,intensity,text", *lines]) + "\n", "utf-8")
    return path
