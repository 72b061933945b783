"""``risk-service event-study``: one HTML file that stands alone, with the exact parameters."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
from sqlalchemy import Engine

from risk_service.commands.study import event_study
from risk_service.core.event_study import Study
from risk_service.feeds.sample_prices import SamplePrices
from risk_service.feeds.sector_file import load_sectors
from risk_service.store.engine import reading, writing
from risk_service.store.prices import save_closes
from risk_service.studies import Question, read_study_closes, study_groups
from risk_service.study_answer import CROWDING
from risk_service.study_report import html_report
from risk_service.study_tables import averages_table, significance_table
from tests.house import NOW
from tests.service import command

SECTORS = load_sectors()
QUESTION = Question(
    ("energy", "XOM"), Study(first=0, last=2, estimation=60, least=40, draws=199), placebos=50
)


class Page(HTMLParser):
    """What a page says: its text, its headings' tags, and addresses it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith("#"):
                self.fetched.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def keep_simulated(engine: Engine, start: date, end: date) -> None:
    instruments = SECTORS.instruments
    closes = SamplePrices(instruments).closes(list(instruments), start, end, NOW).closes
    with writing(engine) as conn:
        save_closes(conn, closes)


def groups(text: str = "Talks") -> dict[str, pd.DataFrame]:
    moments = pd.Series([NOW - timedelta(days=n) for n in (120, 90, 60, 58, 30)])
    return {"thaw": pd.DataFrame({"knowable_at": pd.to_datetime(moments, utc=True), "text": text})}


@pytest.fixture
def priced(sqlite_engine: Engine) -> Engine:
    keep_simulated(sqlite_engine, date(2024, 6, 1), NOW.date())
    return sqlite_engine


def report(engine: Engine, text: str = "Talks", made_at: datetime = NOW) -> str:
    with reading(engine) as conn:
        closes = read_study_closes(conn, SECTORS, QUESTION, groups(), NOW, simulated=True)
    studied = study_groups(groups(text), closes, SECTORS, QUESTION)
    return html_report(studied, QUESTION, {"dates": "mine.csv"}, made_at, simulated=True)


def test_it_stands_alone_and_says_that_prices_are_simulated(priced: Engine) -> None:
    page = Page(report(priced))
    assert page.fetched == []
    assert "script" not in page.tags
    assert {"svg", "table"} <= set(page.tags)
    assert "Simulated prices: a random walk" in page.text
    assert "thaw: 4 used of 5" in page.text
    assert "merged with an earlier event" in page.text


def test_the_parameters_are_there_to_the_last(priced: Engine) -> None:
    page = Page(report(priced))
    told = orjson.loads(page.text[page.text.index("Parameters\n") :].split("\n", 1)[1].strip())
    assert told["parameters"] == {
        "dates": "mine.csv", "assets": ["energy", "XOM"], "model": "market", "controls": ["SPY"],
        "first": 0, "last": 2, "estimation": 60, "least": 40, "gap": 10, "overlap": "merge",
        "level": 0.95, "seed": 0, "clean": True, "bootstrap_draws": 199, "placebo_draws": 50,
        "as_of": None,
    }  # fmt: skip
    assert told["prices"]["simulated"] is True


def test_the_figures_are_those_of_the_tables(priced: Engine) -> None:
    with reading(priced) as conn:
        closes = read_study_closes(conn, SECTORS, QUESTION, groups(), NOW, simulated=True)
    studied = study_groups(groups(), closes, SECTORS, QUESTION)
    text = Page(html_report(studied, QUESTION, {}, NOW, simulated=True)).text
    for caar in averages_table(studied, True)["caar"]:
        assert f"{100 * caar:+.2f} %" in text
    for p in significance_table(studied, True)["p_value"].dropna():
        assert f"{p:.3f}" in text


def test_crowding_is_shown_with_its_meaning(priced: Engine) -> None:
    with reading(priced) as conn:
        closes = read_study_closes(conn, SECTORS, QUESTION, groups(), NOW, simulated=True)
    studied = study_groups(groups(), closes, SECTORS, QUESTION)
    text = Page(html_report(studied, QUESTION, {}, NOW, simulated=True)).text
    assert CROWDING in text
    assert all(f"{c:.2f}" in text for c in significance_table(studied, True)["crowding"])


def test_the_same_study_is_the_same_page(priced: Engine) -> None:
    assert report(priced) == report(priced)


def test_words_of_events_are_shown_and_not_run(priced: Engine) -> None:
    page = Page(report(priced, "<script>alert(1)</script>"))
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text


def test_without_closes_the_page_says_what_was_not_studied(sqlite_engine: Engine) -> None:
    text = Page(report(sqlite_engine)).text
    assert "Not studied: energy (energy: none of its holdings has a close)" in text
    assert "Not studied: XOM" in text


def test_the_command_writes_it_from_dates_of_ones_own(tmp_path: Path, priced: Engine) -> None:
    (tmp_path / "dates.csv").write_text("at,direction,text\n2025-05-01,thaw,Talks\n")
    url = priced.url.render_as_string(hide_password=False)
    page = tmp_path / "study.html"
    done = command(
        url, "event-study", str(page), "--dates", str(tmp_path / "dates.csv"), "--assets",
        "defense", "--first", "0", "--last", "1", "--estimation", "60", "--least", "40",
        prices="sample",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"thaw defense: CAAR [+-]\d\.\d\d % of 1 events, p unknown", done.stdout)
    assert "(simulated prices)" in done.stdout
    assert "2025-05-02" in Page(page.read_text("utf-8")).text


def test_where_nothing_could_be_studied_it_says_why_and_fails(tmp_path: Path) -> None:
    (tmp_path / "dates.csv").write_text("at,direction,text\n2025-05-01,thaw,Talks\n")
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    page = tmp_path / "study.html"
    done = command(url, "event-study", str(page), "--dates", str(tmp_path / "dates.csv"))
    assert done.returncode == 1
    assert "not studied: energy" in done.stderr


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"assets": "bakeries"}, "assets: 'bakeries' is not one of energy, defense"),
        ({"overlap": "join"}, "overlap: 'join' is not one of merge, drop"),
        ({"first": 1}, "first: 1 is not within"),
        ({"direction": "neutral"}, "direction: 'neutral' is not one of thaw, escalation"),
        ({"until": "2025-02-30"}, "day is out of range"),
        ({"year": 2024, "since": "2024-02-01"}, "year: stands beside since or until"),
    ],
)
def test_what_cannot_be_studied_is_refused_before_anything_is_opened(
    tmp_path: Path, asked: dict[str, Any], complaint: str
) -> None:
    page = tmp_path / "study.html"
    with pytest.raises(ValueError, match=complaint):
        event_study(page, **asked)
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_picture_is_refused_in_plain_words() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import pandas as pd\n"
        "from risk_service.errors import NoCharts\n"
        "from risk_service.studies import Studied\n"
        "from risk_service.study_chart import draw_study\n"
        "try:\n"
        "    draw_study(Studied((), {}, pd.DataFrame()), 'x', simulated=False, picture='svg')\n"
        "except NoCharts as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "charts need matplotlib: pip install 'risk-service[charts]'\n", (
        done.stderr
    )
