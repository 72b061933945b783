import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from risk_service.core.jumps import (
    DEFAULTS,
    Drift,
    Jump,
    Known,
    Level,
    Rule,
    Timing,
    calendar,
    firings,
    known_then,
)
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.rules import Direction
from risk_service.core.jumps.turn import Memory, Turned, Watches, turn
from tests.core.jumps.test_firings import LOW, wandering
from tests.series import check_causal

TIMINGS = (Timing(), Timing(2, 0, 0), Timing(1, 3, 10), Timing(3, 30, 5))
KINDS: tuple[tuple[Rule, float], ...] = tuple(
    (replace(rule, timing=timing), LOW[name])
    for name, rule in DEFAULTS.items()
    for timing in TIMINGS
)
BOTH: tuple[Direction, Direction] = ("escalation", "thaw")


def paths(days: int, count: int, seed: int) -> Floats:
    """Random paths with gaps, a few of them long."""
    rng = np.random.default_rng(seed)
    value, rows = np.full(count, 50.0), []
    for step in rng.standard_t(3, (days, count)) * 4:
        value = np.clip(50 + 0.95 * (value - 50) + step, 0, 100)
        rows.append(value)
    found = np.array(rows)
    found[rng.random((days, count)) < 0.05] = np.nan
    found[days // 2 : days // 2 + 9] = np.nan
    return found


def befores(watches: Watches, known: Known, day: int, series: Sequence[int]) -> Floats:
    spans = {span: rows[day, series] for span, rows in known.before.items()}
    return np.where(watches.span == 7, spans[7], spans[1])


def fold(watches: Watches, known: Known, series: Sequence[int]) -> tuple[Memory, list[Turned]]:
    memory, told = Memory.empty(len(series)), []
    for day in range(len(known.values)):
        value, before = known.values[day, series], befores(watches, known, day, series)
        memory, turned = turn(watches, memory, value, before)
        told.append(turned)
    return memory, told


def watches_of(count: int) -> tuple[Watches, list[tuple[Rule, float, Direction]], list[int]]:
    """Every rule in both directions over each of so many series, all in one batch."""
    asked = [(rule, low, way) for _ in range(count) for rule, low in KINDS for way in BOTH]
    series = [n for n in range(count) for _ in KINDS for _ in BOTH]
    return Watches.of(asked), asked, series


def test_turns_over_settled_days_say_exactly_what_the_whole_history_says() -> None:
    known = Known.of_paths(paths(500, 4, seed=3))
    watches, asked, series = watches_of(4)
    _, told = fold(watches, known, series)
    days = pd.date_range("2024-01-01", periods=500)
    starts = 0
    for at, (rule, threshold, direction) in enumerate(asked):
        one = Known(
            known.values[:, [series[at]]],
            {span: rows[:, [series[at]]] for span, rows in known.before.items()},
        )
        whole = firings(rule, one, days, threshold)
        whole = whole[whole["direction"] == direction]
        found = [day for day, turned in zip(days, told, strict=True) if turned.started[at]]
        assert found == list(whole["day"])
        scores = [float(turned.statistic[at]) for turned in told if turned.started[at]]
        # To the last bit: the same operations in the same order.
        assert scores == whole["score"].tolist()
        starts += len(found)
    assert starts > 500


def test_turns_agree_where_days_were_revised_later() -> None:
    vintages = wandering().assign(day=lambda table: table["day"].dt.tz_localize(None))
    days, known = calendar(vintages), known_then(vintages)
    watches, asked, series = watches_of(1)
    _, told = fold(watches, known, series)
    for at, (rule, threshold, direction) in enumerate(asked):
        whole = firings(rule, known, days, threshold)
        found = [day for day, turned in zip(days, told, strict=True) if turned.started[at]]
        assert found == list(whole.loc[whole["direction"] == direction, "day"])


def test_what_a_turn_says_never_changes_when_days_are_added() -> None:
    watches, _, series = watches_of(1)

    def told(rows: pd.DataFrame) -> pd.DataFrame:
        known = Known.of_paths(rows[["value"]].to_numpy())
        statistics = [turned.statistic for turned in fold(watches, known, series)[1]]
        return pd.DataFrame(np.array(statistics), index=rows["day"])

    day = pd.date_range(datetime(2024, 1, 1, tzinfo=UTC), periods=300)
    whole = pd.DataFrame({"day": day, "value": paths(300, 1, seed=5)[:, 0]})
    check_causal(told, whole, "day", datetime(2024, 8, 1, 12, tzinfo=UTC))


def test_memory_survives_json_to_the_last_bit() -> None:
    watches, _, series = watches_of(1)
    values = paths(220, 1, seed=6)
    whole, told = fold(watches, Known.of_paths(values), series)
    for cut in (30, 64, 150):
        memory, _ = fold(watches, Known.of_paths(values[:cut]), series)
        written = json.dumps([memory.row(n) for n in range(len(series))], allow_nan=False)
        memory = Memory.of(json.loads(written))
        known = Known.of_paths(values)
        for day in range(cut, 220):
            before = befores(watches, known, day, series)
            memory, turned = turn(watches, memory, known.values[day, series], before)
            np.testing.assert_array_equal(turned.started, told[day].started)
        assert [memory.row(n) for n in range(len(series))] == [
            whole.row(n) for n in range(len(series))
        ]


def test_a_live_value_is_judged_and_leaves_no_trace() -> None:
    watches, _, series = watches_of(1)
    known = Known.of_paths(paths(200, 1, seed=7))
    memory, _ = fold(watches, known, series)
    before = memory.row(0)
    one = np.full(len(series), 100.0)
    _, turned = turn(watches, memory, one, np.full(len(series), 50.0))
    up = watches.sign > 0
    assert turned.above[up & (watches.span > 0)].all()
    assert not turned.above[~up & ~watches.is_drift].any()
    assert memory.row(0) == before


@pytest.mark.parametrize(
    "rule", [Jump(1, timing=Timing(hold=1)), Level(timing=Timing(hold=1)), Drift()]
)
def test_what_was_told_during_the_day_counts_as_started_on_it(rule: Rule) -> None:
    watches = Watches.of([(rule, 12.0, "escalation")])
    known = Known.of_paths(50 + np.tile([-0.5, 0.5], 60)[:, None])
    memory, told = fold(watches, known, [0])
    assert not any(turned.started[0] for turned in told)
    calm, before = np.array([50.5]), np.array([49.5])
    memory, turned = turn(watches, memory, calm, before, began=np.array([True]))
    assert not turned.started[0]
    assert memory.active[0] and memory.since[0] == 0 and memory.total[0] == 0
    for _ in range(rule.timing.hold + 1):
        memory, _ = turn(watches, memory, calm, before)
    assert not memory.active[0], "clear for longer than it holds"
    _, turned = turn(watches, memory, np.array([100.0]), np.array([0.0]))
    assert not turned.started[0], "within its cooldown"


def test_some_watches_are_chosen_with_their_memory() -> None:
    watches, asked, series = watches_of(1)
    memory, _ = fold(watches, Known.of_paths(paths(90, 1, seed=8)), series)
    chosen = np.array([5, 0, 17])
    assert [memory.only(chosen).row(n) for n in range(3)] == [memory.row(n) for n in (5, 0, 17)]
    again = Watches.of([asked[n] for n in chosen])
    np.testing.assert_array_equal(watches.only(chosen).threshold, again.threshold)
    np.testing.assert_array_equal(watches.only(chosen).sign, again.sign)
