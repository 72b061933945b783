import gzip
import json
import tracemalloc
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from risk_service.errors import FileError
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow
from risk_service.feeds.files import read_rows

ROWS = [
    {"published_at": f"2025-08-{day:02}T12:00:00Z", "text": f"Talks in Genève, day {day}"}
    for day in range(1, 29)
]


def table(delimiter: str) -> bytes:
    lines = [("published_at", "text"), *((row["published_at"], row["text"]) for row in ROWS)]
    return "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines).encode()


LINES = "\n".join(json.dumps(row) for row in ROWS).encode()
LIST = json.dumps(ROWS, indent=1).encode()
KINDS = {
    "a.csv": table(","),
    "a.tsv": table("\t"),
    "a.CSV": table(";"),
    "a.txt": table(","),
    "a": table("\t"),
    "a.jsonl": LINES,
    "a.ndjson": b"\xef\xbb\xbf" + LINES,
    "a.json": LIST,
    "b.jsonl": LIST,
    "b.json": LINES,
    "b": LINES,
    "c": LIST,
}


def values_of(rows: Iterable[FileRow | BadRow]) -> list[object]:
    return [row.values if isinstance(row, FileRow) else row for row in rows]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_known_plain_gzipped_and_zipped(tmp_path: Path, name: str) -> None:
    plain = tmp_path / name
    plain.write_bytes(KINDS[name])
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(KINDS[name]))
    zipped = tmp_path / f"{name}.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(name, KINDS[name])
    for path in (plain, packed, zipped):
        assert values_of(read_rows(path, "file")) == ROWS


def test_parquet_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "export"
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    assert values_of(read_rows(path, "file")) == ROWS


def test_a_gzip_that_ends_early_gives_what_is_whole_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(KINDS["a.csv"])[:-30])
    rows = list(read_rows(path, "file"))
    assert values_of(rows[:-1]) == ROWS[: len(rows) - 1]
    assert isinstance(rows[-1], BadRow)
    assert rows[-1].reason == "the gzip file ends too early"


def test_half_a_plain_file_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(KINDS["a.csv"][:-10])
    rows = list(read_rows(path, "file"))
    assert values_of(rows[:-1]) == ROWS[:-1]
    assert isinstance(rows[-1], BadRow)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        ("date,text\n".encode("utf-16"), "UTF-16"),
        ("date,text\n".encode("utf-16-le"), "not UTF-8 text"),
        (b"PAR1 but no more", "cannot be read as Parquet"),
        (gzip.compress(b"date,text\n", mtime=0)[:12], "ends too early"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "must be UTF-8"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=complaint):
        list(read_rows(path, "file"))


def test_a_long_file_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("date,text\n")
        for n in range(100_000):
            file.write(f"2025-01-02,Talks about the {n}th of many treaties go on in Geneva\n")
    tracemalloc.start()
    count = sum(isinstance(row, FileRow) for row in read_rows(path, "file"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 6 << 20
