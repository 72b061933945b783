import csv
import io
import math
from datetime import UTC, datetime

import pandas as pd
import pytest

from risk_service.api.formats import chosen_format, encoded, rows_of, to_json
from tests.api.house import House

odd = pd.DataFrame(
    {
        "day": pd.to_datetime(["2025-01-01", None]),
        "moment": pd.to_datetime(["2025-01-01T00:00:00.5", None], utc=True),
        "number": [0.123456789, math.nan],
        "count": pd.array([3, None], dtype="Int64"),
        "flag": [True, False],
        "text": ['say "no", then\nstop', None],
    }
)


def test_unknown_is_null_and_never_zero() -> None:
    first, second = rows_of(odd)
    assert first == {
        "day": "2025-01-01",
        "moment": "2025-01-01T00:00:00.500000Z",
        "number": 0.123457,
        "count": 3,
        "flag": True,
        "text": 'say "no", then\nstop',
    }
    assert to_json(second) == (
        b'{"day":null,"moment":null,"number":null,"count":null,"flag":false,"text":null}'
    )


def test_csv_quotes_what_needs_it_and_leaves_unknown_empty() -> None:
    content = encoded("csv", odd).content
    assert isinstance(content, bytes)
    rows = list(csv.reader(io.StringIO(content.decode())))
    assert rows[0] == list(odd.columns)
    assert rows[1] == [
        "2025-01-01", "2025-01-01T00:00:00.500000Z", "0.123457", "3", "true",
        'say "no", then\nstop',
    ]  # fmt: skip
    assert rows[2] == ["", "", "", "", "false", ""]


@pytest.mark.parametrize("form", ["json", "csv", "arrow", "parquet"])
def test_no_rows_are_a_table_too(form: str) -> None:
    assert encoded(form, odd.iloc[:0]).count == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/html, text/csv;q=0.9", "csv"),
        ("application/vnd.apache.arrow.stream", "arrow"),
        ("application/json, text/csv", "json"),
    ],
)
def test_accept_chooses_the_first_format_we_know(accept: str, form: str) -> None:
    assert chosen_format(None, accept) == form


def test_no_events_as_csv_are_a_head_alone(small_house: House) -> None:
    answer = small_house.get("/v1/events", format="csv", q="nowhere to be found")
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 1


def test_a_clock_with_microseconds_is_no_matter(small_house: House) -> None:
    small_house.clock.now = datetime(2025, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
    for path in ("/v1/index/history?resolution=1h", "/v1/sectors", "/v1/events?format=csv"):
        assert small_house.client.get(path).status_code == 200
