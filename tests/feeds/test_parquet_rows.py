import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from risk_service.errors import FileError
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow
from risk_service.feeds.parquet_rows import parquet_rows

MOMENT = datetime(2025, 8, 15, 21, 30, 0, 123456, tzinfo=UTC)


def written(path: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=3)
    return path


def test_rows_come_with_their_types(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.parquet",
        published_at=pa.array([MOMENT] * 7, pa.timestamp("us", "Europe/Berlin")),
        text=pa.array([f"Talks {n}" for n in range(7)]),
        goldstein=pa.array([1.5, None] * 3 + [None]),
    )
    rows = list(parquet_rows(path, "file"))
    assert [row.locator for row in rows] == [f"row {n}" for n in range(1, 8)]
    first = rows[0]
    assert isinstance(first, FileRow)
    assert first.values == {"published_at": MOMENT, "text": "Talks 0", "goldstein": 1.5}
    assert isinstance(rows[1], FileRow) and rows[1].values["goldstein"] is None


def test_nanoseconds_become_plain_datetimes(tmp_path: Path) -> None:
    nanoseconds = pa.array([int(MOMENT.timestamp()) * 10**9 + 123456789], pa.timestamp("ns", "UTC"))
    (row,) = parquet_rows(written(tmp_path / "a.parquet", date=nanoseconds), "file")
    assert isinstance(row, FileRow)
    assert row.values["date"] == MOMENT
    assert type(row.values["date"]) is datetime


def test_a_time_beyond_the_calendar_costs_its_row_alone(tmp_path: Path) -> None:
    seconds = pa.array([0, 10**15, 60], pa.timestamp("s", "UTC"))
    rows = list(parquet_rows(written(tmp_path / "a.parquet", date=seconds), "file"))
    assert [type(row) for row in rows] == [FileRow, BadRow, FileRow]
    assert rows[1].locator == "row 2"


def test_a_gzipped_one_is_read_too(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.parquet", text=pa.array(["Talks"]))
    packed = tmp_path / "a.parquet.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(parquet_rows(packed, "file")) == list(parquet_rows(plain, "file"))


def test_half_of_one_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", text=pa.array(["Talks"] * 100))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        list(parquet_rows(path, "file"))
