"""A small labelled corpus, made by combination, that a model can learn within a second."""

from __future__ import annotations

from pathlib import Path
from random import Random

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


TELLING = {
    "thaw": "accord ceasefire truce dialogue release reopen waive thank restore invite ease swap",
    "escalation": "strike missile expel sanction seize threat arrest shell blame ultimatum raid",
    "neutral": "museum chess film harvest concert weather novel exhibition anniversary ballet ski",
}
FILLING = (
    "envoys ministers presidents officials Washington Moscow border office week report morning "
    "talks statement week-end agency delegation northern southern embassy senate parliament"
).split()


def varied_corpus(count: int = 300, seed: int = 5) -> list[tuple[str, str, str]]:
    """Rows whose words tell the class though no two are near-copies, so that folds can be learnt.

    In ``small_corpus`` rows of an act are copies of one another, and no fold knows the others'.
    """
    random = Random(seed)
    rows = []
    for number in range(count):
        direction = ("thaw", "escalation", "neutral")[number % 3]
        words = random.sample(TELLING[direction].split(), 2) + random.sample(FILLING, 4)
        words += random.sample(TELLING[random.choice(list(TELLING))].split(), 1)
        random.shuffle(words)
        intensity = "" if direction == "neutral" else str(1 + number % 3)
        rows.append((direction, intensity, " ".join(words)))
    return rows
