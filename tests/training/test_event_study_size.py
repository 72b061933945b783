"""The simulation in small, with a fixed seed: who keeps the promised size, and who does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from risk_service.core.event_study import TESTS
from training.event_study_size import (
    EFFECT,
    PLANTED,
    REAL_ASSETS,
    SCENARIOS,
    STUDY,
    Scenario,
    real_days,
    rejections,
    simulate,
    tables,
)

RUNS = 100
SHARED = Scenario("shared", dates=25, assets=6, correlation=0.4, days=1500)
LOW, HIGH = (100 * binom.ppf(q, RUNS, 0.05) / RUNS for q in (0.001, 0.999))


def rejected(scenario: Scenario, runs: int = RUNS) -> dict[str, float]:
    return rejections(lambda rng: simulate(scenario, rng), runs, seed=1)


def test_correlated_assets_fool_bmp_and_not_kolari_and_pynnonen() -> None:
    shares = rejected(SHARED)
    assert shares["bmp"] > HIGH
    assert shares["patell"] > HIGH
    for test in ("kolari_pynnonen", "rank", "bootstrap"):
        assert LOW <= shares[test] <= HIGH, test


def test_every_test_keeps_its_size_on_one_asset() -> None:
    shares = rejected(replace(SHARED, assets=1))
    assert set(shares) == set(TESTS)
    for test, share in shares.items():
        assert LOW <= share <= HIGH, test
    assert shares["bmp"] == shares["kolari_pynnonen"]


def test_a_planted_effect_is_found_more_often() -> None:
    planted = rejected(replace(SHARED, effect=EFFECT), runs=40)
    assert min(planted.values()) > 50


def test_one_date_has_no_bootstrap() -> None:
    shares = rejected(replace(SCENARIOS[5], assets=15), runs=30)
    assert np.isnan(shares["bootstrap"])
    assert shares["bmp"] > 20 > shares["kolari_pynnonen"]


def test_a_world_is_what_it_says() -> None:
    world = replace(SHARED, induced=4.0, effect=0.02, days=3000, dates=400, assets=2)
    moments, assets = simulate(world, np.random.default_rng(3))
    rows = assets[0].closes_at.searchsorted(moments)
    assert len(moments) == 400
    assert np.diff(rows).min() >= len(STUDY.days)
    assert rows.min() >= STUDY.estimation + STUDY.gap
    one, other = (
        a.returns - np.polyval(np.polyfit(a.controls["market"], a.returns, 1), a.controls["market"])
        for a in assets
    )
    outside = np.setdiff1d(np.arange(3000), rows[:, None] + np.arange(3))
    assert np.corrcoef(one[outside], other[outside])[0, 1] == pytest.approx(0.4, abs=0.06)
    assert one[outside].std() == pytest.approx(0.015, rel=0.06)
    assert one[rows + 1].std() == pytest.approx(0.030, rel=0.12)
    assert one[rows].mean() - one[outside].mean() == pytest.approx(0.02, abs=0.005)


def test_the_tables_are_markdown_and_mark_what_misses(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    days = pd.bdate_range("2020-01-01", periods=420)
    prices = pd.DataFrame(
        100 * np.exp(rng.normal(0, 0.01, (420, len(REAL_ASSETS) + 1)).cumsum(axis=0)),
        index=days.rename("date"),
        columns=[*REAL_ASSETS, "SPY"],
    )
    file = tmp_path / "prices.csv"
    prices.reset_index().melt("date", var_name="ticker", value_name="adj_close").to_csv(file)
    moments, assets = real_days(file)(rng)
    assert [asset.name for asset in assets] == list(REAL_ASSETS)
    assert moments.is_monotonic_increasing
    lines = list(tables(2, seed=1, prices=file))
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 * 2 + len(SCENARIOS) + 1 + len(PLANTED)
    assert {row.count("|") for row in rows} == {len(TESTS) + 2}
    assert "**100.0**" in "".join(rows) or "**0.0**" in "".join(rows)
