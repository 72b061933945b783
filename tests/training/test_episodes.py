"""The document of the episodes, made from closes that we made up, with an effect planted in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sqlalchemy import Engine

from risk_service.core.events import Event
from risk_service.feeds.calendars import trading_days
from risk_service.pipeline import work_off
from risk_service.store.engine import make_engine, migrate, writing
from risk_service.store.events import save_events
from risk_service.store.freshness import record_watch
from risk_service.wiring import House
from tests.api.house import desk_of_tests
from tests.service import ROOT
from training.episode_studies import EPISODES
from training.episodes import check_prices, main, with_blocks, write_documents

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
SPANS = (
    (date(2013, 1, 2), date(2014, 3, 31)),
    (date(2021, 1, 4), date(2022, 3, 25)),
    (date(2024, 6, 3), date(2025, 11, 14)),
)
TICKERS = ("SPY", "XLE", "XOM", "ITA", "LMT", "GD")
PLANTED = pd.Timestamp("2022-02-24")
EFFECT = 0.2
MARKS = [*(one.name for one in EPISODES), "summary", "chronology", "surprise"]


def made_up() -> pd.DataFrame:
    days = [d for first, last in SPANS for d in trading_days("XNYS", first, last)]
    rng = np.random.default_rng(5)
    steps = pd.DataFrame(rng.normal(0, 0.01, (len(days), 6)), pd.to_datetime(days), TICKERS)
    steps = steps.add(0.8 * steps["SPY"], axis=0)
    steps.loc[PLANTED, ["ITA", "LMT", "GD"]] += EFFECT
    wide = (100 * np.exp(steps.cumsum())).rename_axis("date").reset_index()
    long = wide.melt("date", var_name="ticker", value_name="close")
    return long.assign(adj_close=long["close"])


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("prices") / "closes.csv"
    made_up().to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('house') / 'house.sqlite3'}")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def document(engine: Engine, prices: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with its pictures beside it."""
    first = datetime(2025, 1, 6, 12, tzinfo=UTC)
    events = [
        Event(
            first + timedelta(days=6 * n),
            f"Washington and Moscow {('agree on', 'strike at')[n % 2]} port number {n}",
            "Test Wire",
        )
        for n in range(50)
    ]
    desk = desk_of_tests()
    with writing(engine) as conn:
        save_events(conn, events, "chronology", NOW)
        record_watch(conn, "test", datetime(2025, 1, 1, tzinfo=UTC), NOW, timedelta(0))
    work_off(engine, desk, lambda: NOW)
    docs = tmp_path_factory.mktemp("docs")
    page = docs / "episodes.md"
    marks = "\n".join(f"<!-- {name}: made -->\n<!-- {name}: end -->" for name in MARKS)
    page.write_text(f"# Words of ours\n\n{marks}\n", "utf-8")
    write_documents(House(engine, desk), prices, docs, NOW)
    return page


def block(document: Path, name: str) -> str:
    text = document.read_text("utf-8")
    return text[text.index(f"<!-- {name}: made -->") : text.index(f"<!-- {name}: end -->")]


def cells(text: str, name: str) -> list[str]:
    (row,) = re.findall(rf"^\| {re.escape(name)} \|.*$", text, re.MULTILINE)
    return [cell.strip() for cell in str(row).strip("|").split("|")]


def by_statsmodels(ticker: str, at: str, last: int) -> tuple[float, float]:
    """CAR over days 0 to ``last`` with its error, from one regression with a dummy for the window.

    The coefficient of a column that is 1 on a day of the window alone is that day's abnormal
    return, and their covariance has the forecast error in it.
    """
    wide = made_up().pivot(index="date", columns="ticker", values="close")
    returns = np.log(wide).diff()
    zero = returns.index.get_loc(pd.Timestamp(at))
    rows = [*range(zero - 15 - 250, zero - 15), *range(zero, zero + last + 1)]
    x = np.zeros((len(rows), last + 3))
    x[:, 0], x[:, 1] = 1, returns["SPY"].iloc[rows]
    x[250:, 2:] = np.eye(last + 1)
    fit = sm.OLS(returns[ticker].iloc[rows].to_numpy(), x).fit()
    window = np.r_[0.0, 0.0, np.ones(last + 1)]
    return float(window @ fit.params), float(np.sqrt(window @ fit.cov_params() @ window))


@pytest.mark.parametrize(("last", "column"), [(0, 1), (2, 3), (10, 5)])
def test_a_cumulated_return_is_statsmodels(document: Path, last: int, column: int) -> None:
    row = cells(block(document, "invasion-2022"), "Lockheed Martin")
    car, error = by_statsmodels("LMT", "2022-02-24", last)
    assert row[column] == f"{100 * car:+.2f} %".replace("-", "−")
    assert car / error > 5
    assert row[column + 1] == "< 0.001"


def test_what_was_planted_is_found_and_nothing_else(document: Path) -> None:
    text = block(document, "invasion-2022")
    beyond = re.search(r"Beyond chance .*?: (.*?)\. Not", text)
    assert beyond is not None
    found = re.findall(r"(defence basket|Lockheed Martin) \+(\d+)\.", beyond[1])
    assert [name for name, _ in found] == ["defence basket", "Lockheed Martin"]
    assert all(15 < int(size) < 25 for _, size in found)
    assert "Beyond chance over days 0 to 2, after correction: nothing" in block(
        document, "alaska-2025"
    )
    summary = block(document, "summary")
    assert "defence basket, February 2022" in summary and "March 2014" not in summary


def test_what_has_no_closes_is_named(document: Path) -> None:
    text = block(document, "invasion-2022")
    for name in ("Rheinmetall", "BAE Systems", "Brent, spot"):
        assert re.search(rf"Not studied: .*{name} \(.*has no closes\)", text)
        assert f"| {name} |" not in text


def test_the_index_stands_beside_it_where_it_is_settled(document: Path) -> None:
    assert "| 15 August 2025 |" in block(document, "alaska-2025")
    assert "2014 |" not in block(document, "crimea-2014").split("on the days around it")[1]


def test_the_chronology_is_studied_apart_with_placebo_and_correction(document: Path) -> None:
    text = block(document, "chronology")
    rows = re.findall(r"^\| (.+?) \| (thaw|escalation) \| (energy|defence) basket \|", text, re.M)
    assert len(rows) == 12
    counts = re.findall(r"^\| (.+?) \| (thaw|escalation) \| (\d+) \| (\d+) \|", text, re.M)
    assert len(counts) == 6
    assert ("all about the dyad", "thaw", "25") in [row[:3] for row in counts]
    assert "Of these 12 tests" in text


def test_surprise_is_told_by_direction(document: Path) -> None:
    rows = re.findall(r"^\| (thaw|escalation) \| (\d+) \|", block(document, "surprise"), re.M)
    assert [name for name, _ in rows] == ["thaw", "escalation"]
    # Of 50 happenings 20 are needed to expect the next, and 20 of those to tell the scale.
    assert sum(int(count) for _, count in rows) == 10


def test_pictures_are_small_and_hold_no_prices(document: Path) -> None:
    pictures = sorted((document.parent / "episodes").glob("*.svg"))
    assert [p.stem for p in pictures] == sorted([*(e.name for e in EPISODES), "chronology"])
    assert all(p.stat().st_size < 80_000 for p in pictures)


def test_the_page_of_the_project_has_every_mark_and_its_pictures() -> None:
    docs = ROOT / "docs"
    text = (docs / "episodes.md").read_text("utf-8")
    assert with_blocks(text, dict.fromkeys(MARKS, "x")).count("\n\nx\n\n") == len(MARKS)
    once = with_blocks(text, dict.fromkeys(MARKS, "x"))
    assert with_blocks(once, dict.fromkeys(MARKS, "x")) == once
    named = re.findall(r"\((episodes/[a-z0-9-]+\.svg)\)", text)
    assert len(named) == len(EPISODES) + 1
    assert all(0 < (docs / name).stat().st_size < 80_000 for name in named)
    with pytest.raises(ValueError, match="no marks for other"):
        with_blocks(text, {"other": "x"})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("date,ticker,close,adj_close\n2020-01-02,SPY,1,1\n", "no closes of XLE, ITA"),
        ("date,close\n2020-01-02,1\n", "lacks the columns"),
    ],
)
def test_without_closes_it_says_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, told: str
) -> None:
    file = tmp_path / "closes.csv"
    if content is not None:
        file.write_text(content)
    assert main([str(file)]) == 1
    assert told in capsys.readouterr().err


def test_closes_that_can_be_studied_pass(prices: Path) -> None:
    check_prices(prices)
