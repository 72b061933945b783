"""Files to import: which kind one is, and its rows, read as a stream."""

from __future__ import annotations

import codecs
from itertools import chain
from pathlib import Path
from typing import Literal

from risk_service.errors import FileError
from risk_service.feeds.file_contract import FileRows
from risk_service.feeds.json_rows import json_lines, json_list
from risk_service.feeds.lines import read_lines
from risk_service.feeds.parquet_rows import parquet_rows
from risk_service.feeds.table_rows import Complaint, no_event, table_rows
from risk_service.feeds.unpack import unpacked

Kind = Literal["table", "json", "parquet"]

_KINDS: dict[str, Kind] = {
    ".csv": "table", ".tsv": "table", ".tab": "table",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_PACKINGS = (".gz", ".gzip", ".zip")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PARQUET = b"PAR1"


def read_rows(path: Path, origin: str, complaint: Complaint = no_event) -> FileRows:
    """Rows of a CSV, TSV, JSONL, JSON-list or Parquet file, also gzipped or in a zip by itself.

    The kind goes by the name's ending, and by the content where that says nothing. ``origin`` is
    what rows set aside are filed under, and ``complaint`` says of a table's column names why
    nothing can come of them. Text is UTF-8, with or without byte order mark; a row that
    is not is set aside. Memory holds a few thousand rows, whatever the file's size. Of a packed
    file that ends too early, what is whole is read, and a last row is set aside to say so.

    Raises
    ------
    FileError
        When nothing can be read: no such file, an empty one, another encoding, a header that
        ``complaint`` refuses, a Parquet file that is not whole.
    """
    pieces = unpacked(path)
    head = next(pieces, b"")
    if not head.strip():
        raise FileError("is empty")
    kind = _kind(path, head)
    if kind == "parquet":
        pieces.close()  # type: ignore[attr-defined]
        yield from parquet_rows(path, origin)
        return
    if head.startswith(_UTF16):
        raise FileError("is UTF-16; the file must be UTF-8")
    whole = chain([head], pieces)
    if kind == "table":
        yield from table_rows(read_lines(whole), origin, complaint)
    elif _first(head) == b"[":
        yield from json_list(whole, origin)
    else:
        yield from json_lines(read_lines(whole), origin)


def _kind(path: Path, head: bytes) -> Kind:
    if head.startswith(_PARQUET):
        return "parquet"
    name = Path(path.name.lower())
    known = _KINDS.get((Path(name.stem) if name.suffix in _PACKINGS else name).suffix)
    return known or ("json" if _first(head) in (b"{", b"[") else "table")


def _first(head: bytes) -> bytes:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
