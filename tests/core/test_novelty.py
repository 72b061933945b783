from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_service.core.dyads import compile_terms
from risk_service.core.novelty import (
    Report,
    assign_stories,
    free_to_go,
    report_weights,
    telling_words,
)
from tests.series import START

COMMON = compile_terms(["Russia", "Russian", "US", "Trump", "Putin", "Ukraine", "Kyiv"])


def report(id_: int, text: str, hours: float = 0, story: int | None = None) -> Report:
    words = telling_words(text, COMMON)
    return Report(id_, START + timedelta(hours=hours), words, story)


DRONES = (
    "Poland shoots down Russian drones after airspace violation",
    "Drones shot down over Poland: airspace violated, says Warsaw",
    "Poland downs drones in its airspace during attack on Ukraine",
)


def test_reports_of_one_happening_are_one_story() -> None:
    reports = [report(n, text, n) for n, text in enumerate(DRONES)]
    assert set(assign_stories(reports).values()) == {0}


def test_different_happenings_that_name_the_same_leaders_stay_apart() -> None:
    texts = ("Trump and Putin agree to visa talks", "Trump warns Putin over submarine patrols")
    reports = [report(n, text) for n, text in enumerate(texts)]
    assert assign_stories(reports) == {0: 0, 1: 1}


def test_a_story_ends_after_two_days() -> None:
    same = "Envoys discuss consulates and direct flights in Istanbul"
    stories = assign_stories([report(n, same, 20 * n) for n in range(5)])
    # The first story takes in what comes within 48 hours of its start: at 0, 20 and 40 hours.
    assert stories == {0: 0, 1: 0, 2: 0, 3: 3, 4: 3}


def test_late_reports_never_move_earlier_ones() -> None:
    reports = [report(n, text, n) for n, text in enumerate(DRONES)]
    for n in range(1, len(reports)):
        part = assign_stories(reports[:n])
        assert part == {id_: assign_stories(reports)[id_] for id_ in part}


def test_a_backdated_report_never_joins_a_story_that_began_later() -> None:
    later = report(1, DRONES[0], hours=6, story=1)
    assert assign_stories([report(2, DRONES[1], hours=0)], [later]) == {2: 2}


def test_in_two_batches_as_in_one() -> None:
    reports = [report(n, text, n) for n, text in enumerate(DRONES * 2)]
    whole = assign_stories(reports)
    first = assign_stories(reports[:3])
    placed = [report(r.id, DRONES[r.id], r.id, first[r.id]) for r in reports[:3]]
    assert {**first, **assign_stories(reports[3:], placed)} == whole


HOURS = st.integers(0, 150)
WORDS = st.frozensets(st.sampled_from("abcdefg"), max_size=4)


@given(
    placed=st.lists(st.tuples(HOURS, WORDS), max_size=6),
    waiting=st.lists(st.tuples(HOURS, WORDS, st.booleans()), min_size=1, max_size=14),
)
@settings(max_examples=300, deadline=None)
def test_reports_that_are_free_to_go_first_change_no_story(
    placed: list[tuple[int, frozenset[str]]], waiting: list[tuple[int, frozenset[str], bool]]
) -> None:
    """What is free is placed before all else, and then the rest: as if all had gone in order."""

    def made(id_: int, hours: int, words: frozenset[str]) -> Report:
        return Report(id_, START + timedelta(hours=hours), words)

    def settled(reports: list[Report], stories: dict[int, int]) -> list[Report]:
        return [replace(report, story=stories[report.id]) for report in reports]

    before = [made(n, *one) for n, one in enumerate(placed)]
    known = settled(before, assign_stories(before))
    reports = [made(100 + n, hours, words) for n, (hours, words, _) in enumerate(waiting)]
    live = [report for report, one in zip(reports, waiting, strict=True) if one[2]]
    free = free_to_go(live, reports)
    assert free <= {report.id for report in live}
    first = [report for report in reports if report.id in free]
    rest = [report for report in reports if report.id not in free]
    stories = assign_stories(first, known)
    stories |= assign_stories(rest, [*known, *settled(first, stories)])
    assert stories == assign_stories(reports, known)


def test_what_could_join_a_report_that_waits_is_not_free() -> None:
    waits = [report(0, DRONES[0], 0)]
    assert free_to_go([report(1, DRONES[1], 48)], waits) == set()
    assert free_to_go([report(1, DRONES[1], 49)], waits) == {1}
    # The one that is held back holds back what could join it.
    assert free_to_go([report(1, DRONES[1], 40), report(2, DRONES[2], 60)], waits) == set()
    assert free_to_go([report(1, "Envoys discuss consulates in Geneva", 1)], waits) == {1}


def test_of_equally_similar_reports_the_earliest_is_joined() -> None:
    """Whichever word is looked at first, which is by chance, and however late one was placed."""
    words = ("ab", "cd", "abcd")
    for n in range(20):
        first, second, third = (
            Report(id_, START + timedelta(hours=id_), frozenset(f"{c}{n}" for c in letters))
            for id_, letters in enumerate(words)
        )
        assert assign_stories([first, second, third])[2] == 0
        late = assign_stories([first, third], [replace(second, story=1)])
        assert late == {0: 0, 2: 0}


def test_without_telling_words_a_report_stands_alone() -> None:
    assert assign_stories([report(0, "Trump Putin"), report(1, "Trump Putin")]) == {0: 0, 1: 1}


def test_nothing_gives_nothing() -> None:
    assert assign_stories([]) == {}
    assert report_weights(np.array([], dtype=np.int64)).tolist() == []


def test_a_story_told_n_times_weighs_about_one_plus_log_n() -> None:
    weights = report_weights(np.zeros(100, dtype=np.int64))
    assert weights[9] == pytest.approx(0.1)
    assert weights.sum() == pytest.approx(np.log(100) + 0.58, abs=0.01)
