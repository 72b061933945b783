"""Rows of Parquet, some thousands at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from risk_service.errors import FileError
from risk_service.feeds.contract import BadRow
from risk_service.feeds.file_contract import FileRow, FileRows
from risk_service.feeds.unpack import is_packed, opened, unpacked

BATCH = 5_000


def parquet_rows(path: Path, origin: str) -> FileRows:
    """Rows of a Parquet file, plain or packed; nanoseconds of its times are dropped.

    Raises
    ------
    FileError
        When it is not whole: a Parquet file cannot be read without its end.
    """
    number = 0
    with _seekable(path) as stream:
        try:
            for batch in pq.ParquetFile(stream).iter_batches(BATCH):
                for values in _rows(_in_microseconds(batch)):
                    number += 1
                    yield _row(values, f"row {number}", origin)
        except (pa.ArrowException, OSError) as error:
            raise FileError(f"cannot be read as Parquet: {error}") from error


@contextmanager
def _seekable(path: Path) -> Iterator[IO[bytes]]:
    if not is_packed(path):
        with opened(path) as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as spool:
        for piece in unpacked(path):
            spool.write(piece)
        spool.seek(0)
        yield spool


def _in_microseconds(batch: Any) -> Any:
    for place, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            column = batch.column(place).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(place, field.name, column)
    return batch


def _rows(batch: Any) -> Iterator[dict[str, object] | ValueError]:
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        # A time beyond the calendar spoils its row, not its neighbours.
        for place in range(batch.num_rows):
            try:
                yield batch.slice(place, 1).to_pylist()[0]
            except (ValueError, OverflowError) as error:
                yield ValueError(str(error))


def _row(values: dict[str, object] | ValueError, where: str, origin: str) -> FileRow | BadRow:
    if isinstance(values, ValueError):
        return BadRow(origin, where, f"malformed: {values}", "")
    return FileRow(where, values)
