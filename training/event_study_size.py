"""Do the event study's tests keep their promise? Size and power by simulation.

``python -m training.event_study_size`` prints two tables in Markdown: how often each test rejects
at 5 % where there is no effect, and where each asset gains 1 % on day 0. With ``--prices FILE``
(columns date, ticker, adj_close) it also studies random days of real closes, where nobody planted
anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.event_study import TESTS, Asset, Study, run_study
from risk_service.core.returns import log_returns

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], tuple[pd.DatetimeIndex, list[Asset]]]

STUDY = Study(first=0, last=2, estimation=120, least=100, gap=5, controls=("market",), draws=999)
WANTED = (3.5, 6.5)
EFFECT = 0.01
REAL_ASSETS = (
    "XLE", "XOM", "CVX", "COP", "OXY", "XOP", "ITA", "LMT", "RTX", "NOC", "GD", "BA",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world without effect, unless one is planted.

    Parameters
    ----------
    name
        What the table calls it.
    dates, assets
        Events, and how many assets share each of them.
    correlation
        Of the assets' residuals, 0-1.
    induced
        Variance of the residuals in event windows, as a multiple of other days'.
    tails
        Degrees of freedom of Student's t that residuals follow; infinite for the normal.
    days
        Trading days in all.
    effect
        Added to each asset's return on day 0.
    """

    name: str
    dates: int = 40
    assets: int = 10
    correlation: float = 0.0
    induced: float = 1.0
    tails: float = np.inf
    days: int = 4000
    effect: float = 0.0


SCENARIOS = (
    Scenario("40 dates, one asset", assets=1),
    Scenario("40 dates shared by 10 independent assets"),
    Scenario("40 dates shared by 10 assets, correlation 0.3", correlation=0.3),
    Scenario("the same, Student's t with 4 degrees of freedom", correlation=0.3, tails=4.0),
    Scenario("the same, normal, variance doubled by events", correlation=0.3, induced=2.0),
    Scenario("one date shared by 40 assets, correlation 0.3", 1, 40, 0.3, days=160),
    Scenario("dense: one asset, a quarter of all days in event windows", 80, 1, days=1090),
    Scenario("dense, shared by 10 assets, correlation 0.3", 80, 10, 0.3, days=1090),
)
PLANTED = tuple(replace(scenario, effect=EFFECT) for scenario in SCENARIOS)


def simulate(scenario: Scenario, rng: np.random.Generator) -> tuple[pd.DatetimeIndex, list[Asset]]:
    """One history: moments an hour before the close of each day 0, and the assets."""
    days = pd.bdate_range("1990-01-01", periods=scenario.days)
    closes_at = (days + pd.Timedelta(hours=21)).tz_localize("UTC")
    rows = _event_rows(scenario.days, scenario.dates, rng)
    market = rng.normal(0, 0.01, scenario.days)
    residuals = _residuals(scenario, rng)
    inside = (rows[:, None] + np.arange(len(STUDY.days))).ravel()
    residuals[:, inside] *= np.sqrt(scenario.induced)
    residuals[:, rows] += scenario.effect
    returns = 0.0002 + rng.uniform(0.5, 1.5, (scenario.assets, 1)) * market + residuals
    controls = pd.DataFrame({"market": market}, index=days)
    assets = [
        Asset(f"A{n}", days, closes_at, closes_at, own, controls) for n, own in enumerate(returns)
    ]
    return closes_at[rows] - pd.Timedelta(hours=1), assets


def _residuals(scenario: Scenario, rng: np.random.Generator) -> Floats:
    """Daily standard deviation 1.5 %, with a part common to all assets."""
    shape = (scenario.assets + 1, scenario.days)
    if np.isinf(scenario.tails):
        drawn = rng.normal(size=shape)
    else:
        drawn = rng.standard_t(scenario.tails, shape) * np.sqrt(1 - 2 / scenario.tails)
    common, own = drawn[0], drawn[1:]
    share = scenario.correlation
    mixed: Floats = 0.015 * (np.sqrt(share) * common + np.sqrt(1 - share) * own)
    return mixed


def _event_rows(days: int, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Days 0 at random, with whole estimation windows before them and windows that do not meet."""
    before, length = STUDY.estimation + STUDY.gap, len(STUDY.days)
    places = days - before - count * length + 1
    chosen = np.sort(rng.choice(places, count, replace=False))
    return before + chosen + np.arange(count) * (length - 1)


def real_days(prices: Path) -> Draw:
    """Draws of 40 random days on real closes of energy and defence, with the market as control."""
    table = pd.read_csv(prices, parse_dates=["date"])
    wide = table.pivot(index="date", columns="ticker", values="adj_close")
    wide = wide[[*REAL_ASSETS, "SPY"]].dropna()
    days = pd.DatetimeIndex(wide.index).as_unit("ns")
    closes_at = (days + pd.Timedelta(hours=21)).tz_localize("UTC")
    returns = {name: np.asarray(log_returns(wide[name]), np.float64) for name in wide}
    controls = pd.DataFrame({"market": returns["SPY"]}, index=days)
    assets = [
        Asset(name, days, closes_at, closes_at, returns[name], controls) for name in REAL_ASSETS
    ]

    def draw(rng: np.random.Generator) -> tuple[pd.DatetimeIndex, list[Asset]]:
        rows = _event_rows(len(days) - 1, 40, rng) + 1
        return closes_at[rows] - pd.Timedelta(hours=1), assets

    return draw


def rejections(draw: Draw, runs: int, seed: int) -> dict[str, float]:
    """Share of studies, in per cent, in which each test's p-value is at most 0.05.

    NaN for a test that could not be made.
    """
    p_values = np.empty((runs, len(TESTS)))
    for run, child in enumerate(np.random.SeedSequence(seed).spawn(runs)):
        moments, assets = draw(np.random.default_rng(child))
        pooled = run_study(moments, assets, replace(STUDY, seed=run)).pooled
        p_values[run] = [pooled.significance(test).p_value for test in TESTS]
    known = np.isfinite(p_values).all(axis=0)
    shares = np.where(known, 100 * (p_values <= 0.05).mean(axis=0), np.nan)
    return dict(zip(TESTS, shares.tolist(), strict=True))


def tables(runs: int, seed: int, prices: Path | None = None) -> Iterator[str]:
    """Lines of the two tables; shares outside ``WANTED`` are bold in the first."""
    error = 100 * np.sqrt(0.05 * 0.95 / runs)
    yield f"Rejections at 5 % without an effect, per cent of {runs:,} studies"
    yield f"(standard error {error:.1f}; outside {WANTED[0]}–{WANTED[1]} in bold):"
    yield from ("", *_head("no effect"))
    for scenario in SCENARIOS:
        yield _row(scenario.name, rejections(_draw(scenario), runs, seed), bold=True)
    if prices is not None:
        shares = rejections(real_days(prices), runs, seed)
        yield _row("real closes of 12 tickers, 40 random days", shares, bold=True)
    yield from ("", f"Power: rejections with {EFFECT:.0%} planted on day 0, per cent:", "")
    yield from _head("1 % on day 0")
    for scenario in PLANTED:
        yield _row(scenario.name, rejections(_draw(scenario), runs, seed), bold=False)


def _draw(scenario: Scenario) -> Draw:
    return lambda rng: simulate(scenario, rng)


def _head(title: str) -> tuple[str, str]:
    return f"| {title} | {' | '.join(TESTS)} |", "|---|" + "---:|" * len(TESTS)


def _row(name: str, shares: dict[str, float], bold: bool) -> str:
    cells = []
    for share in shares.values():
        cell = "–" if np.isnan(share) else f"{share:.1f}"
        outside = bold and not np.isnan(share) and not WANTED[0] <= share <= WANTED[1]
        cells.append(f"**{cell}**" if outside else cell)
    return f"| {name} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prices", type=Path, help="real closes, as CSV")
    given = parser.parse_args(arguments)
    for line in tables(given.runs, given.seed, given.prices):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
