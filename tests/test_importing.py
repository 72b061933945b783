import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from risk_service.errors import FileError
from risk_service.feeds.row_event import RowOptions
from risk_service.importing import Imported, import_file, stem
from risk_service.store.engine import reading
from risk_service.store.events import count_events
from risk_service.store.tables import events, imports, set_aside

NOW = datetime(2025, 8, 15, 21, 30, tzinfo=UTC)
HEADER = "published_at,headline,outlet,times_seen\n"


def news(*, rows: int) -> str:
    start = NOW - timedelta(days=30)
    return HEADER + "".join(
        f"{start + timedelta(minutes=n)},Talks about treaty {n} go on,Wire {n % 7},1\n"
        for n in range(rows)
    )


def written(folder: Path, content: str | bytes, name: str = "news.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def stored(engine: Engine) -> int:
    with reading(engine) as conn:
        return count_events(conn)


def aside(engine: Engine) -> dict[str, str]:
    with reading(engine) as conn:
        query = select(set_aside.c.locator, set_aside.c.reason, set_aside.c.origin)
        rows = conn.execute(query).all()
    assert all(row[2].startswith("news.csv (") for row in rows)
    return {row[0]: row[1] for row in rows}


def test_a_file_is_kept_once_however_often_it_is_imported(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, news(rows=120))
    seen: list[int] = []
    first = import_file(engine, path, now=NOW, progress=seen.append, chunk=50)
    assert first == Imported(120, 120, 0, 0, ignored=("times_seen",))
    assert seen == [50, 50, 20]
    second = import_file(engine, path, now=NOW)
    assert (second.rows, second.added, second.repeated, second.already) == (120, 0, 120, True)
    assert stored(engine) == 120
    with reading(engine) as conn:
        row = conn.execute(select(imports)).one()
    assert (row.path, row.rows_read, row.added, row.finished_at) == (str(path), 120, 120, NOW)


def test_another_file_with_the_same_rows_adds_only_what_is_new(
    engine: Engine, tmp_path: Path
) -> None:
    import_file(engine, written(tmp_path, news(rows=30)), now=NOW)
    result = import_file(engine, written(tmp_path, news(rows=40), "more.csv"), now=NOW)
    assert (result.rows, result.added, result.repeated) == (40, 10, 30)


class KilledError(Exception):
    pass


def test_a_killed_import_goes_on_behind_the_last_chunk_kept(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, news(rows=100) + "soon,Talks,Wire,1\n")
    chunks: list[int] = []

    def kill_in_the_second(rows: int) -> None:
        chunks.append(rows)
        if len(chunks) == 2:
            raise KilledError

    with pytest.raises(KilledError):
        import_file(engine, path, now=NOW, progress=kill_in_the_second, chunk=30)
    assert stored(engine) == 60
    rest: list[int] = []
    result = import_file(engine, path, now=NOW, progress=rest.append, chunk=30)
    assert rest == [30, 11]
    assert (result.rows, result.added, result.repeated, result.bad) == (101, 100, 0, 1)
    assert result.resumed_from == 60
    assert stored(engine) == 100


def test_a_chunk_and_how_far_it_got_are_kept_together_or_not_at_all(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, news(rows=50))

    def fail(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as broken:
        broken.setattr("risk_service.importing.save_import", fail)
        with pytest.raises(KilledError):
            import_file(engine, path, now=NOW)
    assert stored(engine) == 0
    assert import_file(engine, path, now=NOW).added == 50


BAD_ROWS = {
    "line 3": (f"{NOW.isoformat()},,Wire,1", "text: is empty"),
    "line 4": (f"{NOW.isoformat()},{'x' * 100_000},Wire,1", "text: 100000 characters"),
    "line 5": ("2025-08-15T10:00:00,Naive,Wire,1", "published_at: "),
    "line 6": ("2025-08-16T10:00:00Z,Tomorrow,Wire,1", "lies in the future"),
    "line 7": ("1025-08-15T10:00:00Z,Long ago,Wire,1", "published_at: year 1025"),
    "line 8": ("2025-08-15T10:00:00Z,Talks,Wire", "3 fields where the header has 4"),
    "line 9": ('2025-08-15T10:00:00Z,"No" and,Wire,1', "malformed"),
    "line 10": ("2025-08-15T10:00:00Z,\0,Wire,1", "text: is empty"),
}


def test_bad_rows_are_set_aside_with_place_and_reason(engine: Engine, tmp_path: Path) -> None:
    lines = [f"{NOW.isoformat()},Good one,Wire,1", *(line for line, _ in BAD_ROWS.values())]
    lines.append(f"{NOW.isoformat()},Another good one,Wire,1")
    content = (HEADER + "\n".join(lines)).encode() + b"\n2025-08-15T10:00:00Z,\xcc\xee,Wire,1\n"
    result = import_file(engine, written(tmp_path, content), now=NOW)
    assert (result.rows, result.added, result.bad) == (11, 2, 9)
    found = aside(engine)
    assert found.pop("line 12") == "not UTF-8 at byte 22 of the line"
    assert set(found) == set(BAD_ROWS)
    assert all(reason in found[line] for line, (_, reason) in BAD_ROWS.items())
    assert {row.locator for row in result.samples} == {*BAD_ROWS, "line 12"}


def test_rows_that_were_bad_may_be_good_the_next_time(engine: Engine, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "date,text\n2025-08-14,Known\n2025-08-15,Today\n2025-08-15 10:00,Naive\nsoon,Never\n",
    )
    first = import_file(engine, path, now=NOW)
    assert (first.added, first.bad) == (1, 3)
    options = RowOptions("news", assume_utc=True)
    second = import_file(engine, path, now=NOW + timedelta(days=1), options=options)
    assert (second.rows, second.added, second.repeated, second.bad) == (4, 2, 1, 1)
    assert list(aside(engine)) == ["line 5"]


@pytest.mark.parametrize(
    ("options", "added"),
    [
        (RowOptions("Other"), 2),
        (RowOptions("news", language="en"), 0),
        (RowOptions("news", actor="USA"), 2),
        (RowOptions("news", recipient="RUS"), 2),
        (RowOptions("news", date_format="%Y-%d-%m"), 1),
        (RowOptions("news", assume_utc=True), 0),
    ],
)
def test_other_options_are_another_import(
    engine: Engine, tmp_path: Path, options: RowOptions, added: int
) -> None:
    path = written(tmp_path, "published_at,text\n2025-08-14T09:00Z,Talks\n2025-08-03,Tariffs\n")
    assert import_file(engine, path, now=NOW).added == 2
    second = import_file(engine, path, now=NOW, options=options)
    assert (second.added, second.repeated, second.already) == (added, 2 - added, False)
    assert stored(engine) == 2 + added
    assert import_file(engine, path, now=NOW, options=options).already is True
    assert import_file(engine, path, now=NOW).already is True


def test_a_copy_by_another_name_is_no_other_import(engine: Engine, tmp_path: Path) -> None:
    content = "published_at,text\n2025-08-14T09:00Z,Talks\n"
    import_file(engine, written(tmp_path, content), now=NOW)
    copy = written(tmp_path, content, "copy.csv")
    assert import_file(engine, copy, now=NOW).already is True
    assert stored(engine) == 1


def test_of_a_gzip_that_ends_early_what_is_whole_goes_in(engine: Engine, tmp_path: Path) -> None:
    packed = gzip.compress(news(rows=2_000).encode())
    path = written(tmp_path, packed[: len(packed) * 2 // 3], "news.csv.gz")
    result = import_file(engine, path, now=NOW)
    assert result.added > 1_000
    assert result.bad == 1
    assert result.samples[0].reason == "the gzip file ends too early"
    whole = import_file(engine, written(tmp_path, packed, "news.csv.gz"), now=NOW)
    assert (whole.rows, whole.repeated) == (2_000, result.added)


def test_coded_events_of_one_day_stay_apart_and_are_not_doubled(
    engine: Engine, tmp_path: Path
) -> None:
    rows = [
        {"date": "2018-01-03", "name": name, "actor_side": "US", "recipient_side": "RU",
         "event_code": 10, "goldstein": 0.0}
        for name in ("Ann", "Bob", "Ann")
    ]  # fmt: skip
    path = written(tmp_path, "\n".join(json.dumps(row) for row in rows), "codes.jsonl")
    result = import_file(engine, path, now=NOW, origin="archive")
    assert (result.rows, result.added, result.repeated) == (3, 2, 1)
    with reading(engine) as conn:
        row = conn.execute(select(events)).first()
    assert row is not None
    assert (row.source, row.origin, row.event_code) == ("codes", "archive", "010")


def test_values_left_out_are_counted(engine: Engine, tmp_path: Path) -> None:
    content = "date,text,actor\n" + "".join(f"2025-08-0{n},Talks,Ann\n" for n in range(1, 6))
    result = import_file(engine, written(tmp_path, content), now=NOW)
    assert result.left_out == (("actor: 'Ann' is no country", 5),)
    assert result.added == 5


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("", "news.csv: is empty"), ("a,b\n1,2\n", "news.csv: no column says when")],
)
def test_a_file_that_cannot_be_read_is_named(
    sqlite_engine: Engine, tmp_path: Path, content: str, complaint: str
) -> None:
    with pytest.raises(FileError, match=complaint):
        import_file(sqlite_engine, written(tmp_path, content), now=NOW)
    with reading(sqlite_engine) as conn:
        assert conn.execute(select(imports)).all() == []


def test_a_file_that_is_not_there_is_named(sqlite_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nothing\.csv: No such file"):
        import_file(sqlite_engine, tmp_path / "nothing.csv", now=NOW)


def test_ten_thousand_rows_take_seconds_not_minutes(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path, news(rows=10_000))
    start = time.perf_counter()
    assert import_file(engine, path, now=NOW).added == 10_000
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("name", "source"),
    [("news.csv.gz", "news"), ("a.b.csv", "a"), (".hidden.csv", "hidden"), ("plain", "plain")],
)
def test_the_stem_of_a_name(name: str, source: str) -> None:
    assert stem(Path(name)) == source
