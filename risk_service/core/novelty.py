"""Reports of one happening form one story, and each further report of it adds less.

After RavenPack's event novelty (Hafez 2009): the first report of a story weighs 1, the k-th 1/k,
so a story told n times weighs about 1 + ln n.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from risk_service.core.dyads import Gazetteer
from risk_service.core.events import Event

WINDOW = timedelta(hours=48)
"""How long after its first report a story takes in further ones."""
OVERLAP = 0.5
"""Share of the shorter report's telling words that must return."""
SHARED = 2
"""Telling words that must be shared at least."""
STEM = 5
"""Letters kept of a word, so that strikes, striking and strike are one."""

_WORD = re.compile(r"\w[\w'’-]+")
_STOP = frozenset(
    """
    about after again against ahead also amid among and another are been before being but call can
    could daily does down during first for from get gets getting had has have her here his how
    into its just last latest live may more most near need new news not now off only onto other
    our out over own per say says said saying see set she should some still such tell tells than
    that the their them then there these they this those through time top two under until update
    updates upon very want wants war warns was were what when where which while who why will with
    would year years yet you your day days week three one
    """.split()
)


@dataclass(frozen=True, slots=True)
class Report:
    """A relevant report to be placed: ``words`` are its telling words, as ``telling_words`` gives.

    ``story`` is the id of its story, or None where that is what is asked.
    """

    id: int
    published_at: datetime
    words: frozenset[str]
    story: int | None = None


def telling_words(text: str, common: re.Pattern[str] | None = None) -> frozenset[str]:
    """The stems that tell one happening from another.

    Names that every report of the dyad carries (``common``: Trump, Putin, Ukraine) and everyday
    words tell nothing and are left out; numbers stay.

    >>> sorted(telling_words("Talks on visas held in Istanbul after talks in Riyadh"))
    ['held', 'istan', 'riyad', 'talks', 'visas']
    """
    if common is not None:
        text = common.sub(" ", text)
    words = (word.lower().removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text))
    return frozenset(word[:STEM] for word in words if len(word) > 2 and word not in _STOP)


def common_names(gazetteer: Gazetteer) -> re.Pattern[str]:
    """The names that every report of a dyad carries."""
    sides = (gazetteer.side_a, gazetteer.side_b, gazetteer.front)
    return re.compile("|".join(side.pattern for side in sides))


def event_words(event: Event, common: re.Pattern[str]) -> frozenset[str]:
    """The telling words of an event; coded without text, its parties, kind of act and day."""
    if event.text:
        return telling_words(event.text, common)
    day: date = event.occurred_on or event.published_at.date()
    act = f"{event.actor}>{event.recipient} {str(event.event_code)[:2]} {day}"
    return frozenset({act, f"{act} again"})


def free_to_go(reports: Sequence[Report], waiting: Iterable[Report]) -> set[int]:
    """Ids of the reports that may be placed before all those waiting, with no story changed by it.

    What a report joins is the most similar of the earlier ones within 48 hours, and what is placed
    is never moved. So a report is free unless one that waits is as old as it or up to 48 hours
    older, and similar enough to be joined. Of ``reports`` themselves, those that are free are no
    obstacle to one another, for they are placed together and in order.

    >>> from datetime import datetime, timezone
    >>> at = datetime(2025, 2, 27, tzinfo=timezone.utc)
    >>> talks, strike = telling_words("Embassy staff talks end"), telling_words("Drone hits depot")
    >>> free_to_go([Report(7, at, talks)], [Report(1, at, strike)])
    {7}
    >>> free_to_go([Report(7, at, talks)], [Report(1, at, talks)])
    set()
    """
    asked = {report.id for report in reports}
    by_word: dict[str, list[Report]] = defaultdict(list)
    obstacles = [report for report in waiting if report.id not in asked]
    for report in obstacles:
        for word in report.words:
            by_word[word].append(report)
    free: set[int] = set()
    for report in sorted(reports, key=lambda report: (report.published_at, report.id)):
        if _could_join(report, by_word):
            # It waits, and is an obstacle itself to those after it.
            for word in report.words:
                by_word[word].append(report)
        else:
            free.add(report.id)
    return free


def _could_join(report: Report, by_word: Mapping[str, Sequence[Report]]) -> bool:
    shared: dict[int, int] = defaultdict(int)
    near: dict[int, Report] = {}
    for word in report.words:
        for other in by_word.get(word, ()):
            if report.published_at - WINDOW <= other.published_at <= report.published_at:
                shared[other.id] += 1
                near[other.id] = other
    return any(_similarity(report, near[id_], count) > 0 for id_, count in shared.items())


def _similarity(report: Report, other: Report, shared: int) -> float:
    """Overlap coefficient of the telling words; 0 where it is too little to be one happening."""
    overlap = shared / min(len(report.words), len(other.words))
    return overlap if shared >= SHARED and overlap >= OVERLAP else 0.0


def assign_stories(reports: Sequence[Report], recent: Iterable[Report] = ()) -> dict[int, int]:
    """The story of each report: the id of the first report of the same happening.

    Reports are placed in order of (published_at, id). One joins the story of the most similar
    earlier report that is at most 48 hours older than it and whose story began at most 48 hours
    before, the earliest of equals; similarity is the overlap coefficient of telling words.
    ``recent`` are reports already placed. A report with no telling words stands alone. Later
    reports never move earlier ones.

    >>> from datetime import datetime, timezone
    >>> at = datetime(2025, 2, 27, tzinfo=timezone.utc)
    >>> texts = ["Istanbul talks on embassy staff end", "Embassy staff talks end after six hours"]
    >>> reports = [Report(i, at, telling_words(text)) for i, text in enumerate(texts)]
    >>> assign_stories(reports)
    {0: 0, 1: 0}
    """
    by_word: dict[str, list[Report]] = defaultdict(list)
    began: dict[int, datetime] = {}
    for report in sorted(recent, key=lambda report: (report.published_at, report.id)):
        _remember(report, report.id if report.story is None else report.story, by_word, began)
    placed: dict[int, int] = {}
    for report in sorted(reports, key=lambda report: (report.published_at, report.id)):
        story = _most_similar(report, by_word, began)
        placed[report.id] = report.id if story is None else story
        _remember(report, placed[report.id], by_word, began)
    return placed


def report_weights(stories: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Weight 1/k of the k-th report of its story.

    Parameters
    ----------
    stories
        Story id of each report, in order of publication; shape (n,).

    Examples
    --------
    >>> report_weights(np.array([7, 7, 3, 7])).round(2).tolist()
    [1.0, 0.5, 1.0, 0.33]
    """
    seen: dict[int, int] = defaultdict(int)
    weights = np.empty(len(stories))
    for i, story in enumerate(stories.tolist()):
        seen[story] += 1
        weights[i] = 1.0 / seen[story]
    return weights


def _remember(
    report: Report,
    story: int,
    by_word: dict[str, list[Report]],
    began: dict[int, datetime],
) -> None:
    began.setdefault(story, report.published_at)
    placed = Report(report.id, report.published_at, report.words, story)
    for word in report.words:
        by_word[word].append(placed)


def _most_similar(
    report: Report, by_word: dict[str, list[Report]], began: dict[int, datetime]
) -> int | None:
    oldest = report.published_at - WINDOW
    shared: dict[int, int] = defaultdict(int)
    candidates: dict[int, Report] = {}
    for word in report.words:
        # Lists are in order of time, so those that are too old for good can be dropped as met.
        known = by_word[word] = [c for c in by_word[word] if c.published_at >= oldest]
        for candidate in known:
            # A late report may be placed beside ones that came after it; those it cannot follow.
            if candidate.published_at <= report.published_at:
                shared[candidate.id] += 1
                candidates[candidate.id] = candidate
    best, story = 0.0, None
    # In order of time, so that of equals the earliest is taken, whatever order they were found in.
    for candidate in sorted(candidates.values(), key=lambda one: (one.published_at, one.id)):
        overlap = _similarity(report, candidate, shared[candidate.id])
        if candidate.story is None or overlap <= best:
            continue
        if began[candidate.story] >= oldest:
            best, story = overlap, candidate.story
    return story
