from __future__ import annotations

from datetime import date

import pytest

from risk_service.feeds.fred_rows import read_fred_rows

EVER = date(1990, 1, 1), date(2030, 1, 1)
OLD = b"DATE,VIXCLS\n2025-03-03,22.78\n2025-03-04,.\n2025-03-05,21.93\n"
NEW = b"observation_date,VIXCLS\r\n2025-03-03,22.78\r\n2025-03-04,\r\n2025-03-05,21.93\r\n"


@pytest.mark.parametrize("body", [OLD, NEW, b"\xef\xbb\xbf" + NEW])
def test_both_forms_say_the_same(body: bytes) -> None:
    rows, odd = read_fred_rows(body, "VIXCLS", *EVER)
    assert [f"{day:%Y-%m-%d}" for day in rows["day"]] == ["2025-03-03", "2025-03-05"]
    assert rows["close"].tolist() == rows["adj_close"].tolist() == [22.78, 21.93]
    assert odd == []


def test_a_price_below_zero_is_a_price() -> None:
    body = b"observation_date,DCOILWTICO\n2020-04-20,-36.98\n"
    rows, _ = read_fred_rows(body, "DCOILWTICO", *EVER)
    assert rows["close"].tolist() == [-36.98]


def test_only_the_span_is_read() -> None:
    rows, _ = read_fred_rows(OLD, "VIXCLS", date(2025, 3, 4), date(2025, 3, 5))
    assert rows["close"].tolist() == [21.93]
    rows, odd = read_fred_rows(OLD, "VIXCLS", date(2024, 3, 4), date(2024, 3, 5))
    assert (len(rows), odd) == (0, [])


def test_a_row_that_is_no_observation_is_told_with_its_reason() -> None:
    body = OLD + b"3/6/2025,20\n2025-03-07,abc\n2025-03-10,inf\n2025-03-11\n2025-03-05,99\n"
    rows, odd = read_fred_rows(body, "VIXCLS", *EVER)
    assert rows["close"].tolist() == [22.78, 21.93]
    assert [row.reason.split(":")[0] for row in odd] == ["day", "value", "value", "row", "day"]
    assert (odd[1].locator, odd[1].raw) == ("VIXCLS, line 6", "2025-03-07,abc")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>Sorry, observation_date,VIXCLS</body></html>",
        b"observation_date,DCOILWTICO\n2025-03-03,68\n",
        b"observation_date,VIXCLS,DCOILWTICO\n2025-03-03,22,68\n",
        b"day,VIXCLS\n2025-03-03,22\n",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_not_the_csv_of_the_series_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="the answer is not"):
        read_fred_rows(body, "VIXCLS", *EVER)
