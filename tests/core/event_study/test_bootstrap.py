from __future__ import annotations

import numpy as np
import pytest

from risk_service.core.event_study.bootstrap import Bootstrapped, block_bootstrap


def boot(sums: np.ndarray, counts: np.ndarray | None = None, **other: float) -> Bootstrapped:
    given = {"draws": 999, "level": 0.9, "seed": 1} | other
    counts = np.ones_like(sums) if counts is None else counts
    return block_bootstrap(
        sums[:, None, None], counts[:, None], int(given["draws"]), given["level"],
        int(given["seed"]),
    )  # fmt: skip


def test_the_interval_lies_around_the_mean_and_widens_with_the_level() -> None:
    values = np.random.default_rng(3).normal(0.5, 1, 60)
    narrow, wide = boot(values, level=0.8), boot(values, level=0.99)
    assert (narrow.low + narrow.high) / 2 == pytest.approx(values.mean())
    assert wide.low[0, 0] < narrow.low[0, 0] < values.mean() < narrow.high[0, 0] < wide.high[0, 0]
    assert wide.p_value == narrow.p_value


def test_the_interval_holds_zero_just_when_the_p_value_is_large() -> None:
    rng = np.random.default_rng(4)
    seen = set()
    for _ in range(40):
        found = boot(rng.normal(0.25, 1, 30), level=0.9)
        holds = bool(found.low[0, 0] <= 0 <= found.high[0, 0])
        assert holds == bool(found.p_value[0, 0] > 0.1)
        seen.add(holds)
    assert seen == {True, False}


def test_events_are_drawn_whole() -> None:
    """Ten assets that say the same are one witness, not ten."""
    values = np.random.default_rng(5).normal(0, 1, 40)
    one, ten = boot(values), boot(10 * values, np.full(40, 10.0))
    assert ten.low == pytest.approx(one.low)
    assert ten.p_value == one.p_value


def test_the_same_seed_says_the_same() -> None:
    values = np.random.default_rng(6).normal(0, 1, 40)
    assert boot(values, seed=2).low == boot(values, seed=2).low
    assert boot(values, seed=2).low != boot(values, seed=3).low


def test_events_without_a_value_are_not_drawn() -> None:
    values = np.random.default_rng(7).normal(0, 1, 40)
    with_gaps = np.concatenate([values, np.zeros(300)])
    counts = np.concatenate([np.ones(40), np.zeros(300)])
    assert boot(with_gaps, counts).low == boot(values).low


@pytest.mark.parametrize("values", [[], [1.0, 2.0, 3.0, 4.0], [0.5] * 20])
def test_too_few_events_or_all_alike_say_nothing(values: list[float]) -> None:
    found = boot(np.array(values))
    for figure in (found.statistic, found.p_value, found.low, found.high):
        assert np.isnan(figure).all()
