import gzip
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from risk_service.core.events import Event
from risk_service.errors import FeedError
from risk_service.feeds import gdelt_files
from risk_service.feeds.gdelt_files import (
    Harvest,
    Listed,
    read_export,
    read_gkg,
    read_listing,
    unzipped_lines,
)
from tests.feeds.gdelt_wire import export_row, gkg_row, zipped

SLOT = datetime(2025, 8, 15, 18, tzinfo=UTC)
NOW = datetime(2025, 8, 15, 18, 1, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "wire" / "gdelt" / "v2"


def dyad(actor: str, recipient: str) -> bool:
    return {actor, recipient} == {"USA", "RUS"}


def exported(*rows: str) -> Harvest:
    harvest = Harvest("gdelt", "export")
    read_export(rows, harvest, dyad, NOW)
    return harvest


def documents(*rows: str) -> Harvest:
    harvest = Harvest("gdelt", "gkg")
    read_gkg(rows, harvest, lambda text: "Talks" in text, NOW)
    return harvest


def test_a_coded_row_becomes_an_event() -> None:
    row = export_row(1, SLOT, code="0256", goldstein="3.5", quad="1", day="20240815")
    assert exported(row).events == [
        Event(
            published_at=SLOT,
            text="",
            source="GDELT",
            url="https://news.example/1",
            occurred_on=date(2024, 8, 15),
            actor="RUS",
            recipient="USA",
            event_code="0256",
            goldstein=3.5,
            quad_class=1,
            external_id="1",
        )
    ]


def test_other_countries_are_left_without_a_word() -> None:
    harvest = exported(export_row(1, SLOT, actor="FRA"), export_row(2, SLOT, recipient=""))
    assert (harvest.events, harvest.set_aside) == ([], [])


def test_what_is_unknown_stays_unknown() -> None:
    (event,) = exported(export_row(1, SLOT, goldstein="", quad="", url="BBC Monitoring")).events
    assert (event.goldstein, event.quad_class, event.url) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"added": "2025081518"}, "published_at"),
        ({"added": "20251315180000"}, "published_at"),
        ({"added": "20250816180000"}, "published_at"),
        ({"day": "2025"}, "occurred_on"),
        ({"goldstein": "-12"}, "goldstein"),
        ({"goldstein": "nan"}, "goldstein"),
        ({"goldstein": "much"}, "goldstein"),
        ({"code": "---"}, "event_code"),
        ({"id": ""}, "external_id"),
    ],
)
def test_a_bad_row_is_set_aside_by_its_field(changes: dict[str, str], field: str) -> None:
    harvest = exported(export_row(1, SLOT, **changes), export_row(2, SLOT))
    assert [event.external_id for event in harvest.events] == ["2"]
    (row,) = harvest.set_aside
    assert row.reason.startswith(f"{field}: ")
    assert row.locator == "export row 1"


def test_a_row_of_the_wrong_width_is_set_aside() -> None:
    harvest = exported(export_row(1, SLOT) + "\t", export_row(2, SLOT), "half a\trow", "")
    assert len(harvest.events) == 1
    assert [row.reason for row in harvest.set_aside] == [
        "62 columns, not 61",
        "2 columns, not 61",
    ]


def test_many_bad_rows_are_counted_not_told() -> None:
    harvest = exported(export_row(1, SLOT), *["bad"] * 250)
    assert len(harvest.set_aside) == 101
    assert harvest.set_aside[-1].reason == "150 more rows of the file are bad"


def test_a_file_without_one_good_row_is_no_such_file() -> None:
    with pytest.raises(FeedError, match="no row of the file has 61 columns"):
        exported("<html>", "</html>")


def test_an_empty_file_gives_nothing() -> None:
    assert exported().events == []


def test_quotes_are_characters_like_any_other() -> None:
    harvest = exported(export_row(1, SLOT, url='https://news.example/"a'), export_row(2, SLOT))
    assert [event.external_id for event in harvest.events] == ["1", "2"]


def test_a_page_becomes_an_event_by_its_title() -> None:
    rows = [
        gkg_row(1, SLOT, "Talks &#x2019;resume&#x2019; in Geneva"),
        gkg_row(2, SLOT, "Rain in Bergen"),
        gkg_row(3, SLOT, None),
    ]
    assert documents(*rows).events == [
        Event(
            published_at=SLOT,
            text="Talks ’resume’ in Geneva",
            source="news.example",
            url="https://news.example/1",
            language="en",
            external_id="https://news.example/1",
        )
    ]


def test_the_language_of_a_translated_page_is_its_own() -> None:
    row = gkg_row(1, SLOT, "Talks", translation="srclc:rus;eng:GT-RUS 1.0", source="")
    (event,) = documents(row).events
    assert (event.language, event.source) == ("ru", "GDELT")


@pytest.mark.parametrize("changes", [{"added": "20250816180000"}, {"added": "never"}])
def test_a_page_without_a_moment_is_set_aside(changes: dict[str, str]) -> None:
    harvest = documents(gkg_row(1, SLOT, "Talks", **changes))
    assert harvest.events == []
    assert harvest.set_aside[0].reason.startswith("published_at")


def test_the_listing_names_files_with_size_and_sum() -> None:
    body = (
        f"12 {'a' * 32} http://data.gdeltproject.org/gdeltv2/20250815180000.export.CSV.zip\n"
        f"13 {'b' * 32} http://data.gdeltproject.org/gdeltv2/20250815180000.mentions.CSV.zip\n"
        f"14 {'c' * 32} http://elsewhere.example/x/20250815180000.gkg.csv.zip\r\n"
    )
    assert read_listing(body.encode()) == {
        "20250815180000.export.CSV.zip": Listed(12, "a" * 32),
        "20250815180000.gkg.csv.zip": Listed(14, "c" * 32),
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b"\xff\xfe", b"12 abc http://x/20250815180000.export.CSV.zip"],
)
def test_what_is_no_listing_is_an_error(body: bytes) -> None:
    with pytest.raises(FeedError, match="names no export file"):
        read_listing(body)


def test_lines_come_out_of_a_checked_zip() -> None:
    packed = zipped("one\u2028same line", "two")
    listed = Listed(len(packed), hashlib.md5(packed, usedforsecurity=False).hexdigest())
    assert list(unzipped_lines(packed, listed)) == ["one\u2028same line\n", "two\n"]


def test_size_and_sum_are_checked() -> None:
    packed = zipped("one")
    with pytest.raises(FeedError, match="bytes, not"):
        list(unzipped_lines(packed, Listed(len(packed) + 1, "a" * 32)))
    with pytest.raises(FeedError, match="MD5"):
        list(unzipped_lines(packed, Listed(len(packed), "a" * 32)))


def test_a_zip_of_two_files_is_refused() -> None:
    with pytest.raises(FeedError, match="2 files"):
        list(unzipped_lines(zipped("one", names=("a", "b")), None))


def test_a_zip_of_thousands_of_files_is_not_even_opened() -> None:
    packed = zipped("one", names=tuple(f"file {n}" for n in range(200)))
    with pytest.raises(FeedError, match="directory is too large"):
        list(unzipped_lines(packed, None))


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdelt_files, "MAX_MEMBER", 1_000)
    with pytest.raises(FeedError, match="too many"):
        list(unzipped_lines(zipped("a" * 2_000), None))


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    packed = bytearray(zipped("a" * 5_000))
    directory = packed.rindex(b"PK\x01\x02")
    packed[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    with pytest.raises(FeedError, match="damaged"):
        list(unzipped_lines(bytes(packed), None))


def test_a_zip_packed_otherwise_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", "one\n")
    with pytest.raises(FeedError, match="do not open"):
        list(unzipped_lines(packed.getvalue(), None))


@pytest.mark.parametrize("keep", [0, 10, 100, -1])
def test_a_zip_cut_short_is_refused(keep: int) -> None:
    with pytest.raises(FeedError):
        list(unzipped_lines(zipped(*map(str, range(2_000)))[:keep], None))


def test_a_flipped_byte_is_found() -> None:
    packed = bytearray(zipped(*map(str, range(2_000))))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(FeedError, match="damaged"):
        list(unzipped_lines(bytes(packed), None))


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded files are not here")
def test_every_recorded_file_is_read() -> None:
    events = bad = 0
    for path in sorted(SAMPLES.glob("*.export.CSV.zip")):
        harvest = Harvest("gdelt", path.name)
        read_export(unzipped_lines(path.read_bytes(), None), harvest, dyad, datetime.now(UTC))
        events, bad = events + len(harvest.events), bad + harvest.bad
    for path in sorted(SAMPLES.glob("*gkg*.gz")):
        harvest = Harvest("gdelt", path.name)
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            read_gkg(lines, harvest, lambda text: True, datetime.now(UTC))
        events, bad = events + len(harvest.events), bad + harvest.bad
    assert events > 100
    assert bad < 5
