from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from risk_service.core.sectors import Member
from risk_service.feeds.file_prices import FilePrices
from risk_service.feeds.price_contract import PriceReading
from risk_service.feeds.price_files import MAX_UNPACKED

MEMBERS = {
    member.ticker: member
    for member in (
        Member("XOM", "XNYS", "USD"),
        Member("CVX", "XNYS", "USD"),
        Member("CL=F", "NYMEX", "USD"),
        Member("BA.L", "XLON", "GBP", "pence"),
    )
}
NOW = datetime(2025, 3, 7, 12, tzinfo=UTC)
HEADER = "date,ticker,close,adj_close\n"
PRIVATE = Path(__file__).parents[3] / "shared" / "data" / "prices_daily.csv.gz"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(text: str) -> Path:
        path = tmp_path / "prices.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return put


def read(
    path: Path, *tickers: str, start: date = date(2020, 1, 1), now: datetime = NOW
) -> PriceReading:
    return FilePrices(path, MEMBERS).closes(tickers or ["XOM"], start, now.date(), now)


def test_rows_become_closes(write: Write) -> None:
    text = "date,ticker,close,adj_close,volume,source\n2025-03-03,XOM,110.5,108.25,9,made up\n"
    (close,) = read(write(text)).closes
    assert (close.trading_day, close.close, close.adj_close) == (date(2025, 3, 3), 110.5, 108.25)
    assert (close.currency, close.provider, close.simulated) == ("USD", "file", False)


def test_columns_in_any_order_a_byte_order_mark_and_blank_lines_do_no_harm(write: Write) -> None:
    text = "\ufeffTicker, Close,adj_close,Date\r\n\r\nXOM, 110,109,2025-03-03\r\n\r\n"
    reading = read(write(text))
    assert [close.close for close in reading.closes] == [110.0]
    assert reading.set_aside == []


def test_a_negative_price_is_a_price(write: Write) -> None:
    reading = read(write(HEADER + "2020-04-20,CL=F,-37.63,-37.63\n"), "CL=F")
    assert reading.closes[0].close == -37.63


def test_pence_by_configuration_or_by_the_rows_currency(write: Write) -> None:
    assert read(write(HEADER + "2025-03-03,BA.L,1500,1400\n"), "BA.L").closes[0].close == 15.0
    text = "date,ticker,close,adj_close,currency\n2025-03-03,BA.L,15,14,GBP\n"
    assert read(write(text), "BA.L").closes[0].close == 15.0
    reading = read(write(text.replace("GBP", "USD")), "BA.L")
    assert reading.closes == []
    assert "GBP is configured" in reading.failures["BA.L"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2025-03-03,XOM,nan,1", "not a number"),
        ("2025-03-03,XOM,1,inf", "not a number"),
        ("2025-03-03,XOM,n/a,1", "not a number"),
        ("2025-03-03,XOM,,", "not a number"),
        ('2025-03-03,XOM,"1,000",1', "not a number"),
        ("2025-03-01,XOM,1,1", "no trading day of XNYS"),
        ("03/03/2025,XOM,1,1", "no date like"),
        ("2025-02-30,XOM,1,1", "no date like"),
        (",XOM,1,1", "no date like"),
        ("2025-03-03, ,1,1", "names no ticker"),
        ("2025-03-03,XOM,1", "has 3 fields, the header 4"),
        ("2025-03-03,XOM,1,1,1", "has 5 fields, the header 4"),
    ],
)
def test_a_bad_row_is_set_aside_and_the_rest_kept(write: Write, row: str, reason: str) -> None:
    reading = read(write(f"{HEADER}2025-03-04,XOM,2,2\n{row}\n2025-03-05,XOM,3,3\n"))
    assert [close.close for close in reading.closes] == [2.0, 3.0]
    (bad,) = reading.set_aside
    assert reason in bad.reason
    assert (bad.origin, bad.locator) == ("prices:file", "prices.csv:3")


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_an_absurd_day_does_no_harm(write: Write, day: str) -> None:
    reading = read(write(f"{HEADER}{day},XOM,1,1\n2025-03-05,XOM,3,3\n"), start=date(1, 1, 1))
    assert [close.close for close in reading.closes] == [3.0]


def test_a_ticker_that_is_never_adjusted_counts_with_its_close(write: Write) -> None:
    text = HEADER + "2025-03-03,CL=F,68,\n2025-03-04,CL=F,69,\n2025-03-03,XOM,110,109\n"
    reading = read(write(text), "CL=F")
    assert [(c.close, c.adj_close) for c in reading.closes] == [(68, 68), (69, 69)]


def test_a_row_that_lacks_only_its_adjustment_is_set_aside(write: Write) -> None:
    reading = read(write(HEADER + "2025-03-03,XOM,110,\n2025-03-04,XOM,111,109\n"))
    assert [close.adj_close for close in reading.closes] == [109]
    assert len(reading.set_aside) == 1


def test_a_row_that_has_only_its_adjusted_close_counts_with_it(write: Write) -> None:
    reading = read(write(HEADER + "2025-03-03,XOM,,109\n2025-03-04,XOM,111,110\n"))
    assert [(c.close, c.adj_close) for c in reading.closes] == [(109, 109), (111, 110)]


def test_a_repeated_row_counts_once_and_contradicting_rows_not_at_all(write: Write) -> None:
    text = HEADER + (
        "2025-03-03,XOM,110,109\n2025-03-03,XOM,110,109\n"
        "2025-03-04,XOM,111,110\n2025-03-04,XOM,112,111\n"
    )
    reading = read(write(text))
    assert [close.close for close in reading.closes] == [110]
    assert [bad.locator for bad in reading.set_aside] == ["prices.csv:4", "prices.csv:5"]
    assert "says otherwise" in reading.set_aside[0].reason


def test_a_day_that_is_not_over_is_left_out(write: Write) -> None:
    text = HEADER + "2025-03-06,XOM,110,110\n2025-03-07,XOM,111,111\n2025-03-10,XOM,112,112\n"
    assert [close.close for close in read(write(text)).closes] == [110]


def test_only_the_asked_span_and_tickers_are_given(write: Write) -> None:
    text = HEADER + "2025-03-03,XOM,1,1\n2025-03-04,XOM,2,2\n2025-03-04,CVX,3,3\n"
    reading = read(write(text), start=date(2025, 3, 4))
    assert [(close.ticker, close.close) for close in reading.closes] == [("XOM", 2.0)]


def test_a_ticker_the_file_lacks_and_one_not_configured_are_failures(write: Write) -> None:
    reading = read(write(HEADER + "2025-03-03,XOM,1,1\n"), "XOM", "CVX", "TSLA")
    assert set(reading.failures) == {"CVX", "TSLA"}
    assert "has no rows" in reading.failures["CVX"]


def many_rows() -> str:
    days = pd.bdate_range("2023-01-03", "2024-12-20").strftime("%Y-%m-%d")
    return HEADER + "".join(f"{day},XOM,{100 + n},{99 + n}\n" for n, day in enumerate(days))


def test_gzip_is_seen_by_its_first_bytes_and_half_a_file_gives_its_whole_rows(
    tmp_path: Path,
) -> None:
    packed = gzip.compress(many_rows().encode())
    path = tmp_path / "prices.csv"
    path.write_bytes(packed)
    whole = read(path)
    path.write_bytes(packed[: len(packed) // 2])
    half = read(path)
    assert 10 < len(half.closes) < len(whole.closes)
    assert half.closes == whole.closes[: len(half.closes)]
    assert any("breaks off" in bad.reason for bad in half.set_aside)


def test_a_gzip_bomb_is_not_unpacked_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(HEADER.encode())
        for _ in range(MAX_UNPACKED // 1_000_000 + 1):
            stream.write(b"\n" * 1_000_000)
    assert path.stat().st_size < 3_000_000
    assert "unpacks to more than" in read(path).failures["XOM"]


def test_half_a_plain_file_gives_its_whole_rows(write: Write) -> None:
    text = HEADER + "2025-03-03,XOM,110,109\n2025-03-04,XOM,11"
    reading = read(write(text))
    assert [close.close for close in reading.closes] == [110]
    assert "has 3 fields" in reading.set_aside[0].reason


@pytest.mark.parametrize("packed", [False, True])
def test_parquet_is_read_whatever_type_its_days_have(tmp_path: Path, packed: bool) -> None:
    frame = pd.DataFrame(
        {"date": ["2025-03-03", "2025-03-04"], "ticker": "XOM", "close": [110.0, None],
         "adj_close": [109.0, 110.0]}
    )  # fmt: skip
    days = pd.to_datetime(frame["date"])
    kinds = [frame["date"], days, days.dt.date, days.dt.tz_localize("America/New_York")]
    for kind in kinds:
        path = tmp_path / "prices.parquet"
        frame.assign(date=kind).to_parquet(path)
        if packed:
            path.write_bytes(gzip.compress(path.read_bytes()))
        reading = read(path)
        assert [(c.trading_day, c.close) for c in reading.closes] == [
            (date(2025, 3, 3), 110.0),
            (date(2025, 3, 4), 110.0),
        ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "lacks the columns"),
        (b"date,ticker,close\n2025-03-03,XOM,1\n", "lacks the columns ['adj_close']"),
        (b"date,ticker,close,adj_close,close\n", "has a column twice"),
        (b"PAR1 and then nothing of use", "no whole Parquet file"),
        (
            b"\x1f\x8b\x08\x00garbage that is no deflate",
            "cannot be unpacked: the compressed body is broken",
        ),
        (b"\xff\xfe\x00binary\x00\n", "lacks the columns"),
    ],
)
def test_a_file_that_is_none_fails_every_ticker(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    reading = read(path, "XOM", "CVX")
    assert reading.closes == []
    assert set(reading.failures) == {"XOM", "CVX"}
    assert reason in reading.failures["XOM"]


def test_a_missing_file_fails_every_ticker(tmp_path: Path) -> None:
    assert "cannot be read" in read(tmp_path / "none.csv").failures["XOM"]


def test_a_changed_file_is_read_again(write: Write) -> None:
    path = write(HEADER + "2025-03-03,XOM,110,109\n")
    provider = FilePrices(path, MEMBERS)

    def prices() -> list[float]:
        span = (date(2025, 1, 1), NOW.date(), NOW)
        return [close.close for close in provider.closes(["XOM"], *span).closes]

    assert prices() == [110]
    stamp = path.stat()
    write(HEADER + "2025-03-03,XOM,111,109\n")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))
    assert prices() == [111]


@pytest.mark.skipif(not PRIVATE.exists(), reason="the private price file is not here")
def test_a_large_file_of_real_prices_is_read() -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    reading = read(PRIVATE, "XOM", "CVX", "BA.L", now=now, start=date(2004, 1, 1))
    assert len(reading.closes) > 16_000
    assert reading.failures == {}
    assert max(close.close for close in reading.closes if close.ticker == "BA.L") < 20
