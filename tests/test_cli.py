"""The commands as people and cron call them: real processes on a real database."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.registry import versions
from risk_service.cli import main
from risk_service.store.engine import make_engine, migrate, reading, writing
from risk_service.store.index import read_days
from risk_service.store.keys import scope_of
from risk_service.store.leases import take_lease
from risk_service.store.tables import events, leases
from tests.service import comes_true, command, environment, free_port
from tests.wire import Reply, Wire

TALKS = "US and Russian diplomats agree to restore embassy staff after Istanbul talks"
STRIKE = "Russia launches massive missile attack on Kyiv, killing dozens"

FAST = next(version for version in versions() if version.startswith("fast-"))
"""The accurate model takes its time over the chronology, and which one reads it matters not."""


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for the commands that do not get in each other's way."""
    return f"sqlite:///{tmp_path_factory.mktemp('cli') / 'data' / 'risk.sqlite3'}"


@pytest.fixture
def own_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'risk.sqlite3'}"


def rows_of(url: str, query) -> list:  # type: ignore[no-untyped-def, type-arg]
    with reading(make_engine(url)) as conn:
        return list(conn.execute(query).all())


def ran(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_keys_are_made_listed_and_revoked(shared_url: str) -> None:
    key = ran(command(shared_url, "keys", "create", "--name", "de[s]k", "--scope", "write")).strip()
    engine = make_engine(shared_url)
    with reading(engine) as conn:
        assert scope_of(conn, key) == "write"
    listed = ran(command(shared_url, "keys", "list"))
    assert "de[s]k" in listed
    assert "write" in listed
    assert key not in listed
    ran(command(shared_url, "keys", "revoke", "1"))
    with reading(engine) as conn:
        assert scope_of(conn, key) is None


def news() -> str:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    rows = [
        ["published", "headline", "country", "seen"],
        [yesterday.strftime("%m/%d/%Y %H:%M"), TALKS, "Ann", "1"],
        [yesterday.strftime("%m/%d/%Y %H:%M"), STRIKE, "", "2"],
        ["soon", "Talks [red]about[/red] talks", "", "3"],
    ]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().replace("country", "actor").replace("published", "published_at")


def test_a_file_is_imported_once_and_bad_rows_are_told(own_url: str, tmp_path: Path) -> None:
    path = tmp_path / "my_news.csv"
    path.write_text(news())
    options = (
        "--assume-utc", "--date-format", "%m/%d/%Y %H:%M", "--language", "en",
        "--actor", "Russia", "--recipient", "us",
    )  # fmt: skip
    first = command(own_url, "import", *options, str(path))
    assert "my_news.csv: 3 rows, 2 new, 0 known, 1 set aside" in ran(first)
    assert "assessed 2: relevant 2, scored 2" in first.stdout
    assert "columns left alone: seen" in first.stderr
    assert "left out 1 times: actor: 'Ann' is no country" in first.stderr
    (bad,) = [line for line in first.stderr.splitlines() if "line 4" in line]
    assert "published_at: 'soon' is not a moment" in bad
    columns = (events.c.source, events.c.language, events.c.actor, events.c.recipient)
    assert set(rows_of(own_url, select(*columns))) == {("my_news", "en", "RUS", "USA")}
    second = command(own_url, "import", *options, str(path))
    assert "my_news.csv: 3 rows, 0 new, 2 known, 1 set aside" in ran(second)
    assert "assessed 0" in second.stdout
    answer = json.loads(ran(command(own_url, "index")))
    assert answer["coverage"]["stories"] == 2
    assert rows_of(own_url, select(leases)) == []


def test_texts_are_scored_from_standard_input(shared_url: str) -> None:
    lines = ran(command(shared_url, "score", stdin=f"{TALKS}\n\n  {STRIKE}\n")).splitlines()
    talks, strike = (json.loads(line) for line in lines)
    assert (talks["text"], strike["text"]) == (TALKS, STRIKE)
    assert talks["p_thaw"] > talks["p_escalation"]
    assert strike["p_escalation"] > strike["p_thaw"]
    assert sum(talks[f"p_{name}"] for name in ("thaw", "escalation", "neutral")) == pytest.approx(1)


def test_the_history_is_csv_and_the_same_as_in_the_store(shared_url: str) -> None:
    """With the bundled chronology, as at the first start of the service."""
    settings = {"chronology": "true", "model": FAST}
    told = ran(command(shared_url, "index", "--since", "2022-02-01", **settings))
    days = list(csv.DictReader(io.StringIO(told)))
    assert days[0]["day"] == "2022-02-01"
    with reading(make_engine(shared_url)) as conn:
        kept = read_days(conn, "USA-RUS", datetime(2022, 2, 1).date())  # noqa: DTZ001
    assert [day["day"] for day in days] == [str(day) for day in kept["day"]]
    assert [float(day["risk_index"]) for day in days] == list(kept["risk_index"])
    risks = {day["day"]: float(day["risk_index"]) for day in days}
    assert risks["2022-03-15"] > risks["2022-02-01"] > 50


FEED = """<rss version="2.0"><channel><title>Wire</title><item><title>{title}</title>
<guid>{title}</guid><pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item></channel></rss>"""


def test_the_worker_once_reads_its_feeds(own_url: str) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    with Wire() as wire:
        good = wire.route("/news,1.xml", Reply(FEED.format(title=STRIKE, at=at).encode()))
        gone = f"http://127.0.0.1:{free_port()}/gone"
        feeds = f"rss:{gone},rss:{good},rss:{wire.url}/nothing"
        done = command(own_url, "worker", "--once", feeds=feeds, feed_private="true")
        assert done.returncode == 0
        assert len(wire.asked_for("/news,1.xml")) == 1
    assert done.stderr.count("a chore failed") == 2
    assert rows_of(own_url, select(events.c.text)) == [(STRIKE,)]
    answer = json.loads(ran(command(own_url, "index")))
    # One feed of three is a minority: its news counts, and the answer says that most is unread.
    assert (answer["state"], answer["coverage"]["stories"]) == ("stale", 1)
    assert "most of the news feeds" in answer["freshness"]["reasons"][0]
    assert len(answer["freshness"]["reasons"]) == 3


def test_a_worker_that_is_told_to_stop_gives_its_lease_back(own_url: str) -> None:
    with Wire() as wire:
        feed = wire.route("/news", Reply(b"<rss version='2.0'><channel/></rss>"))
        told = environment(own_url, feeds=f"rss:{feed}", feed_private="true")
        process = subprocess.Popen([sys.executable, "-m", "risk_service", "worker"], env=told)
        try:
            assert comes_true(lambda: bool(wire.asked_for("/news")), 60)
            assert len(rows_of(own_url, select(leases))) == 1
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert rows_of(own_url, select(leases)) == []
        finally:
            process.kill()
            process.wait()


def test_an_import_beside_a_running_worker_leaves_the_scoring_to_it(
    own_url: str, tmp_path: Path
) -> None:
    engine = make_engine(own_url)
    migrate(engine)
    now = datetime.now(UTC)
    with writing(engine) as conn:
        take_lease(conn, "worker", "another", now, timedelta(minutes=5))
    path = tmp_path / "news.csv"
    path.write_text(f"published_at,text\n{now - timedelta(hours=1)},{TALKS}\n")
    assert "a running worker will score them" in ran(command(own_url, "import", str(path)))
    assert rows_of(own_url, select(events.c.assessed_with)) == [(None,)]


BAD = {
    "prices": ("nonsense", "RISK_PRICES: must be yfinance, fred, file:PATH, each at most once"),
    "feeds": ("gdelt,nonsense", "RISK_FEEDS: 'gdelt,nonsense' is not default, none, gdelt or"),
    "port": ("http", "RISK_PORT: Input should be a valid integer"),
    "log_level": ("loud", "RISK_LOG_LEVEL: must be debug, info, warning or error"),
}


def test_bad_settings_are_named_in_one_line(shared_url: str) -> None:
    settings = {name: value for name, (value, _) in BAD.items()}
    done = command(shared_url, "serve", **settings)
    assert (done.returncode, done.stdout) == (1, "")
    complaint = one_line(done.stderr)
    for _, said in BAD.values():
        assert said in complaint


Complain = Callable[..., str]


@pytest.fixture
def complaint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complain:
    """A command run in this process, which fails with status 1; gives the line that it says."""
    before = signal.getsignal(signal.SIGTERM)

    def run(url: str, *arguments: str, **settings: str) -> str:
        for name, value in environment(url, **settings).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["risk-service", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        signal.signal(signal.SIGTERM, before)
        said = capsys.readouterr()
        assert (end.value.code, said.out) == (1, "")
        return one_line(said.err)

    return run


def one_line(said: str) -> str:
    """What a complaint says; it must be one line with our name in front."""
    assert said.startswith("risk-service: ")
    assert said.count("\n") == 1
    assert said.endswith("\n")
    return said.removeprefix("risk-service: ").strip()


def test_an_unreadable_database_is_named_in_one_line(complaint: Complain, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite3").write_text("this is no database, but it is long enough " * 10)
    (tmp_path / "folder.sqlite3").mkdir()
    for url, said in {
        f"sqlite:///{tmp_path / 'text.sqlite3'}": "database: file is not a database",
        f"sqlite:///{tmp_path / 'folder.sqlite3'}": "database: unable to open database file",
        f"sqlite:///{os.devnull}/risk.sqlite3": os.devnull,
        f"postgresql://me:secret@127.0.0.1:{free_port()}/risk": "database: connection failed",
        "mysql://127.0.0.1/risk": "RISK_DATABASE_URL: must be an address of sqlite or postgresql",
        "nonsense": "RISK_DATABASE_URL: must be an address of sqlite or postgresql",
    }.items():
        told = complaint(url, "keys", "list")
        assert said in told
        assert "secret" not in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("index", "--dyad", "USA-XXX"), "dyad: 'USA-XXX' is not among USA-RUS"),
        (("index", "--since", "soon"), "--since: 'soon' is not a day such as 2025-02-28"),
        (("keys", "create", "--name", "x", "--scope", "root"), "scope: 'root' is not one of"),
        (("keys", "revoke", "7"), "no key 7 is in use"),
        (("prices",), "RISK_PRICES is none: there is nothing to refresh"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    complaint: Complain, own_url: str, arguments: tuple[str, ...], said: str
) -> None:
    assert complaint(own_url, *arguments).startswith(said)


def test_an_unknown_model_names_those_there_are(complaint: Complain, own_url: str) -> None:
    there_are = ", ".join(versions())
    told = complaint(own_url, "index", model="fast-0")
    assert told == f"there is no model version 'fast-0'; RISK_MODEL may name: {there_are}"


def test_rows_whose_times_say_too_little_name_the_option_that_helps(
    own_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "news.csv"
    path.write_text(f"published_at,text\n2025-08-15T21:30:00,{TALKS}\n08/09/2025,{TALKS}\n")
    told = command(own_url, "import", str(path)).stderr
    assert "line 2: published_at: '2025-08-15T21:30:00' has no time zone; --assume-utc" in told
    assert "line 3: published_at: '08/09/2025' may have day or month first; --date-format" in told
    listed = ran(command(own_url, "set-aside", "--origin", "news.csv")).splitlines()
    shape = re.compile(r"\S+ \d\d:\d\dZ  news\.csv \(\w{12}\), (line \d): published_at: .*")
    assert [shape.sub(r"\1", row) for row in listed] == ["line 2", "line 3"]
    assert "--date-format" in listed[1]
    first = command(own_url, "set-aside", "--csv", "--limit", "1")
    (row,) = csv.DictReader(io.StringIO(ran(first)))
    assert (row["locator"], "published_at=2025" in row["raw"]) == ("line 2", True)
    assert "more than 1 rows" in first.stderr


def test_a_file_without_times_is_named_in_one_line(
    complaint: Complain, own_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("a,b\n1,2\n")
    assert complaint(own_url, "import", str(path)).startswith("prices.csv: no column says when")
    assert complaint(own_url, "import", "--actor", "Ann", str(path)) == "--actor: 'Ann' is unknown"
