"""GDELT's files made by us, in GDELT's formats, served from a test's own server."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

from risk_service.feeds.gdelt_slots import files_of
from tests.wire import Reply, Wire


def export_row(number: int, slot: datetime, **changes: str) -> str:
    """One row of 61 columns: Russia threatens the United States."""
    fields = {
        0: str(number), 1: f"{slot:%Y%m%d}", 7: "RUS", 17: "USA", 26: "130", 29: "3", 30: "-4.4",
        59: f"{slot:%Y%m%d%H%M%S}", 60: f"https://news.example/{number}",
    }  # fmt: skip
    places = {"day": 1, "actor": 7, "recipient": 17, "code": 26, "quad": 29, "goldstein": 30,
              "added": 59, "url": 60, "id": 0}  # fmt: skip
    fields |= {places[name]: value for name, value in changes.items()}
    return "\t".join(fields.get(column, "") for column in range(61))


def gkg_row(number: int, slot: datetime, title: str | None, **changes: str) -> str:
    """One row of 27 columns: a page with a title, or none."""
    extras = f"<PAGE_LINKS>a;b</PAGE_LINKS><PAGE_TITLE>{title}</PAGE_TITLE>" if title else ""
    fields = {
        0: f"{slot:%Y%m%d%H%M%S}-{number}", 1: f"{slot:%Y%m%d%H%M%S}", 2: "1", 3: "news.example",
        4: f"https://news.example/{number}", 26: extras,
    }  # fmt: skip
    places = {"added": 1, "source": 3, "url": 4, "translation": 25}
    fields |= {places[name]: value for name, value in changes.items()}
    return "\t".join(fields.get(column, "") for column in range(27))


def zipped(*rows: str, names: tuple[str, ...] = ("rows.csv",)) -> bytes:
    """A zip with the same rows under each of the names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "".join(row + "\n" for row in rows))
    return packed.getvalue()


def put_slot(wire: Wire, slot: datetime, export: bytes, gkg: bytes) -> None:
    """Serve the two files of a slot and make it the latest."""
    lines = []
    for name, body in zip(files_of(slot), (export, gkg), strict=True):
        wire.route(f"/gdeltv2/{name}", Reply(body))
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        lines.append(f"{len(body)} {md5} http://data.gdeltproject.org/gdeltv2/{name}\n")
    mentions = f"{slot:%Y%m%d%H%M%S}.mentions.CSV.zip"
    lines.insert(1, f"10 {'0' * 32} http://data.gdeltproject.org/gdeltv2/{mentions}\n")
    wire.route("/gdeltv2/lastupdate.txt", Reply("".join(lines).encode()))
