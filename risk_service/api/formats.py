"""Answers as JSON, CSV, Arrow or Parquet, with entity tags.

A table is a DataFrame; its moments become ISO 8601 text in UTC, unknown becomes null or empty.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import ipc, parquet
from starlette.requests import Request
from starlette.responses import Response

from risk_service.api.polls import etag_known, poll_headers
from risk_service.store.upsert import Row

Format = Literal["json", "csv", "arrow", "parquet"]

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
DECIMALS = 6
_FORMULA = ("=", "+", "-", "@")
_MOMENTS = ("computed_at", "watched_until")


def to_json(content: Any) -> bytes:
    """JSON of plain data, datetimes and numpy numbers; NaN becomes null."""
    return orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY)


def json_response(content: Any, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(to_json(content), headers=headers, media_type="application/json")


def chosen_format(asked: Format | None, accept: str) -> Format:
    """The format asked for by the query, else by the Accept header, else JSON.

    >>> chosen_format(None, "text/csv, */*"), chosen_format("arrow", "text/csv")
    ('csv', 'arrow')
    """
    if asked is not None:
        return asked
    wanted = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    by_media = {media: name for name, media in MEDIA_TYPES.items()}
    return next((by_media[media] for media in wanted if media in by_media), "json")


def weak_etag(request: Request, *parts: object) -> str:
    """An entity tag of a table: its address with the query, and what its content hangs on."""
    named = "\x1f".join([str(request.url.query), *map(str, parts)])
    return f'W/"{hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:32]}"'


def untimed(freshness: Row) -> Row:
    """Freshness without its moments: what an entity tag must move with, such as ``stale``.

    >>> untimed({"computed_at": 1, "watched_until": 2, "stale": True})
    {'stale': True}
    """
    return {name: value for name, value in freshness.items() if name not in _MOMENTS}


def unchanged(request: Request, headers: Mapping[str, str]) -> Response | None:
    """304 where the caller holds the answer these headers of ``caching`` are of, else None."""
    held = request.headers.get("if-none-match")
    if held is None or not etag_known(held.encode("latin-1", "replace"), headers["etag"]):
        return None
    return Response(status_code=304, headers=headers)


def caching(request: Request, etag: str, *, formats: bool = True) -> dict[str, str]:
    """Validator and caching rules of an answer; ``formats``: whether Accept chooses among some."""
    caller = request.scope.get("caller")
    pairs = poll_headers(etag, keyed=caller is not None and caller.keyed)
    headers = {name.decode(): value.decode() for name, value in pairs}
    if formats:
        headers["vary"] = ", ".join(filter(None, [headers.get("vary"), "Accept"]))
    return headers


def tagged(request: Request, about: Row, *made_of: object) -> dict[str, str]:
    """Headers of an answer in a shape that is not ours: a validator over its standing and what
    else it is made of, caching rules, and freshness and versions.
    """
    etag = weak_etag(request, about["versions"], untimed(about["freshness"]), *made_of)
    return {**caching(request, etag, formats=False), **standing_headers(about)}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A table of ``count`` rows, written out: JSON rows or CSV as bytes, or an Arrow table
    for both of its formats; ``packed`` is CSV once more, gzipped, or empty."""

    count: int
    content: bytes | pa.Table
    packed: bytes = b""

    @property
    def size(self) -> int:
        """Bytes it takes."""
        kept = self.content
        return len(self.packed) + (len(kept) if isinstance(kept, bytes) else int(kept.nbytes))


def encoded(form: Format, frame: pd.DataFrame, *, pack: bool = False) -> Encoded:
    """A table in the wanted format, without what stands around it.

    ``pack``: gzip CSV now, once for all who will ask for it.
    """
    if form == "json":
        return Encoded(len(frame), to_json(rows_of(frame)))
    if form == "csv":
        written = _csv(frame)
        return Encoded(len(frame), written, gzip.compress(written, mtime=0) if pack else b"")
    return Encoded(len(frame), pa.Table.from_pandas(frame, preserve_index=False))


def table_response(
    form: Format, table: Encoded, about: Row, headers: dict[str, str], accepts: str = ""
) -> Response:
    """An encoded table as an answer; ``accepts`` is the caller's Accept-Encoding.

    ``about`` stands around the rows in JSON, in the schema's metadata in Arrow and Parquet; its
    freshness and versions stand in headers in every format.
    """
    headers = {**headers, **standing_headers(about)}
    body = table.content
    if table.packed and "gzip" in accepts:
        body = table.packed
        vary = ", ".join(filter(None, [headers.get("vary"), "Accept-Encoding"]))
        headers |= {"content-encoding": "gzip", "vary": vary}
    if form == "json":
        around = to_json({**about, "count": table.count})
        body = b"".join([around[:-1], b',"rows":', body, b"}"])
    elif form in ("arrow", "parquet"):
        body = _packed(form, body, about)
    return Response(body, headers=headers, media_type=MEDIA_TYPES[form])


def document_response(
    form: Literal["json", "csv"], made: Encoded, about: Row, headers: dict[str, str]
) -> Response:
    """A JSON object or a CSV table that was made before, with its standing as of now."""
    if form == "csv":
        return table_response("csv", made, about, headers)
    assert isinstance(made.content, bytes)
    body = b"".join([to_json(about)[:-1], b",", made.content[1:]])
    return Response(body, headers=headers, media_type="application/json")


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """One dict a row: numbers rounded to six decimals, moments as text, unknown as None or NaN."""
    names = [str(name) for name in frame.columns]
    columns = [_values(frame.iloc[:, i]) for i in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pd.Series[Any]) -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [text or None for text in _iso(column)]
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        days = np.datetime_as_string(column.to_numpy("datetime64[D]")).tolist()
        return [None if day == "NaT" else day for day in days]
    if pd.api.types.is_float_dtype(column.dtype):
        return list(np.round(column.to_numpy(float), DECIMALS).tolist())
    return list(column.astype(object).where(column.notna(), None).tolist())


def _iso(column: pd.Series[Any]) -> list[str]:
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    whole = bool((moments[~np.isnat(moments)].astype("int64") % 1_000_000 == 0).all())
    texts = np.datetime_as_string(moments, unit="s" if whole else "us", timezone="UTC")
    return ["" if text[:3] == "NaT" else text for text in texts.tolist()]


def _text_column(values: Iterable[Any]) -> list[Any]:
    return [unformula(value) if isinstance(value, str) else value for value in values]


def unformula(text: str) -> str:
    """The text, quoted where a spreadsheet would run it: a headline may start like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(frame: pd.DataFrame) -> bytes:
    columns = {}
    for i, name in enumerate(frame.columns):
        column = frame.iloc[:, i]
        values = _values(column)
        if pd.api.types.is_float_dtype(column.dtype):
            columns[str(name)] = pa.array(values, pa.float64(), from_pandas=True)
        else:
            columns[str(name)] = pa.array(_text_column(values))
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(pa.table(columns), sink)
    return bytes(sink.getvalue())


def _packed(form: Format, table: pa.Table, about: Row) -> bytes:
    table = table.replace_schema_metadata({b"risk_service": to_json(about)})
    sink = pa.BufferOutputStream()
    if form == "parquet":
        parquet.write_table(table, sink)
        return bytes(sink.getvalue())
    with ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def standing_headers(about: Row) -> dict[str, str]:
    """Freshness and versions as headers, for answers whose shape has no place for them."""
    versions, watched = about["versions"], about["freshness"]["watched_until"]
    return {
        "X-Model-Version": versions["model"],
        "X-Method-Version": versions["method"],
        "X-Index-Version": str(versions["index"]),
        "X-Watched-Until": "" if watched is None else watched.isoformat(),
    }
