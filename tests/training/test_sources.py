from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from risk_service.store.engine import make_engine
from tests.small_corpus import small_corpus, write_labels
from training.labels import read_labels
from training.sources import from_files, from_query

ROWS = small_corpus()
QUERY = "SELECT direction, intensity, text, seen FROM labelled ORDER BY place"


@pytest.fixture
def labelled(database_url: str) -> str:
    """A database with a table of labels of its own."""
    engine = make_engine(database_url)
    frame = pd.DataFrame(ROWS, columns=["direction", "intensity", "text"])
    frame["intensity"] = pd.to_numeric(frame["intensity"])
    frame["seen"] = pd.date_range("2025-01-01", periods=len(frame), freq="D", tz="UTC")
    frame["place"] = range(len(frame))
    frame.to_sql("labelled", engine, index=False)
    engine.dispose()
    return database_url


def test_files_are_joined(tmp_path: Path) -> None:
    paths = [
        write_labels(tmp_path / name, part)
        for name, part in (("a.csv", ROWS[:200]), ("b.csv", ROWS[100:]))
    ]
    rows = from_files(paths)
    assert len(rows) == 300
    assert rows["file"].tolist() == ["a"] * 200 + ["b"] * 100


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (ROWS[:30], "30 labelled rows"),
        ([row for row in ROWS if row[0] == "thaw"], "0 rows of escalation"),
        ([("thaw", "2", "Talks end")] * 300, "1 labelled rows"),
        ([*ROWS, ("escalation", "2", ROWS[0][2])], "one text under two directions"),
        ([("", "2", text) for _, _, text in ROWS], "no direction"),
        ([("good", "2", text) for _, _, text in ROWS], "none of thaw"),
    ],
)
def test_bad_sets_are_refused(
    tmp_path: Path, rows: list[tuple[str, str, str]], complaint: str
) -> None:
    path = write_labels(tmp_path / "rows.csv", rows)
    with pytest.raises(ValueError, match=complaint):
        from_files([path])


def test_files_that_contradict_one_another_are_refused(tmp_path: Path) -> None:
    one = write_labels(tmp_path / "a.csv", ROWS)
    other = write_labels(tmp_path / "b.csv", [("neutral", "", ROWS[0][2])])
    with pytest.raises(ValueError, match="two directions"):
        from_files([one, other])


def test_a_query_gives_what_a_file_gives(labelled: str, tmp_path: Path) -> None:
    rows = from_query(labelled, QUERY)
    wanted = read_labels(write_labels(tmp_path / "rows.csv", ROWS))
    columns = ["direction", "intensity", "text"]
    pd.testing.assert_frame_equal(rows[columns], wanted[columns])
    assert pd.to_datetime(rows["seen"], utc=True).iloc[-1] == pd.Timestamp("2025-10-27", tz="UTC")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM labelled",
        "DELETE FROM labelled RETURNING direction, intensity, text",
        "CREATE TABLE another (one INTEGER)",
        "DROP TABLE labelled",
    ],
)
def test_a_query_never_writes(labelled: str, statement: str) -> None:
    with pytest.raises(ValueError, match=r"query: .*read-?only"):
        from_query(labelled, statement)
    engine: Engine = make_engine(labelled)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM labelled")).scalar() == 300
    engine.dispose()


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("SELECT one FROM nowhere", "query: .*nowhere"),
        ("SELECT text FROM labelled", "query: columns missing: direction, intensity"),
        (f"{QUERY} LIMIT 5", "query: 5 labelled rows"),
        ("SELECT '' AS direction, '' AS intensity, text FROM labelled", "no direction"),
    ],
)
def test_queries_that_give_no_labels_are_refused(labelled: str, query: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_query(labelled, query)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="query: unable to open"):
        from_query(f"sqlite:///{tmp_path / 'none.sqlite3'}", "SELECT 1")
    assert not (tmp_path / "none.sqlite3").exists()
    with pytest.raises(ValueError, match="neither sqlite nor postgresql"):
        from_query("mysql://127.0.0.1/risk", "SELECT 1")
    with pytest.raises(ValueError, match="query"):
        from_query("nonsense", "SELECT 1")
