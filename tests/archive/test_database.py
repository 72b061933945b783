from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, select, text

from risk_service.archive.database_shelf import DatabaseShelf
from risk_service.archive.parquet_shelf import ParquetShelf
from risk_service.archive.rows import Named, Source
from risk_service.archive.run import score_archive
from risk_service.errors import FileError
from risk_service.feeds.file_contract import FileRows
from risk_service.feeds.files import read_rows
from risk_service.feeds.sql_rows import sql_rows
from risk_service.store.archive_tables import archive_scores
from risk_service.store.engine import make_engine, reading, writing
from risk_service.store.tables import set_aside
from tests.archive.house import FAST, crew, news, reader, run, write
from tests.house import MovedClock, check_rerunnable


def table(engine: Engine) -> pd.DataFrame:
    with reading(engine) as conn:
        found = conn.execute(select(archive_scores).order_by(archive_scores.c.row)).all()
    return pd.DataFrame(found)


def test_the_database_holds_what_the_files_hold(engine: Engine, tmp_path: Path) -> None:
    path = write(tmp_path / "news.jsonl", news(25))
    shelf = DatabaseShelf(engine, FAST, MovedClock())
    check_rerunnable(engine, lambda: run(shelf, path))
    files = ParquetShelf(tmp_path / "out", FAST)
    run(files, path)
    expected = pd.read_parquet(files.folder).sort_values("row", ignore_index=True)
    columns = [name for name in expected.columns if name != "model_version"]
    pd.testing.assert_frame_equal(
        table(engine)[columns], expected[columns], check_dtype=False, check_categorical=False
    )
    with reading(engine) as conn:
        assert len(conn.execute(select(set_aside)).all()) == 3


def test_an_archive_cut_anew_and_killed_on_the_way_is_whole_in_the_end(
    engine: Engine, tmp_path: Path
) -> None:
    """Rows of a part that was robbed by a larger one are not taken for kept."""
    path = write(tmp_path / "news.csv", news(40))
    shelf = DatabaseShelf(engine, FAST, MovedClock())
    run(shelf, path, size=10)
    before = table(engine)
    half = write(tmp_path / "half" / "news.csv", news(40)[:20])
    sources = [Source("news", _until_the_disk_fails(half))]
    with crew() as hands, pytest.raises(FileError):
        score_archive(sources, Named(), hands, shelf, reader().made_with, size=20)
    sent: list[Sequence[str]] = []
    assert run(shelf, path, size=10, sent=sent).held == 2
    assert len(sent) == 2
    pd.testing.assert_frame_equal(table(engine), before)


def _until_the_disk_fails(path: Path) -> FileRows:
    yield from read_rows(path, "news", Named().complaint)
    raise FileError("the disk is gone")


def put_news(url: str) -> Engine:
    """A table of news in a database that is not ours."""
    engine = make_engine(url)
    with writing(engine) as conn:
        conn.execute(text("CREATE TABLE news (number INTEGER, headline TEXT, seen TEXT)"))
        for n, row in enumerate(news(25)):
            conn.execute(
                text("INSERT INTO news VALUES (:n, :headline, 'x')"),
                {"n": n, "headline": row["headline"] or None},
            )
    return engine


def test_a_query_is_an_archive_like_a_file(database_url: str, tmp_path: Path) -> None:
    put_news(database_url).dispose()
    named = Named(id="number")
    shelves = [ParquetShelf(tmp_path / name, FAST) for name in ("sql", "file")]
    query = "SELECT * FROM news ORDER BY number"
    with crew() as hands:
        source = Source("news", sql_rows(database_url, query))
        told = score_archive([source], named, hands, shelves[0], reader().made_with, size=10)
    assert (told.rows, told.bad) == (25, 3)
    run(shelves[1], write(tmp_path / "news.csv", news(25)))
    by_query, by_file = (pd.read_parquet(shelf.folder) for shelf in shelves)
    same = [name for name in by_file.columns if name != "id"]
    pd.testing.assert_frame_equal(by_query[same], by_file[same])
    assert ("a" + by_query["id"]).tolist() == by_file["id"].tolist()


@pytest.mark.parametrize(
    "query", ["DELETE FROM news RETURNING headline", "SELECT nothing FROM nowhere"]
)
def test_a_query_only_reads(database_url: str, query: str) -> None:
    engine = put_news(database_url)
    with pytest.raises(FileError, match="the query cannot be read"):
        list(sql_rows(database_url, query))
    with reading(engine) as conn:
        assert conn.execute(text("SELECT count(*) FROM news")).scalar_one() == 25
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://host/x", "nonsense", "sqlite:///none/such.sqlite3"])
def test_a_database_that_is_not_there_is_refused_and_not_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError):
        list(sql_rows(url, "SELECT 1"))
    assert list(tmp_path.iterdir()) == []
