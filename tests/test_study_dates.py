from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_service.errors import FileError
from risk_service.study_dates import read_dates


def test_dates_are_grouped_by_direction_and_days_are_known_at_their_end(tmp_path: Path) -> None:
    path = tmp_path / "dates.csv"
    path.write_text(
        "at,direction,text,mine\n2014-03-01,escalation,Crimea,1\n"
        "2022-02-24T05:00:00+02:00,escalation,Invasion,2\n2025-08-15,thaw,,3\n2025-10-22,,x,4\n"
    )
    groups = read_dates(path)
    assert list(groups) == ["thaw", "escalation", "given"]
    assert groups["escalation"]["text"].tolist() == ["Crimea", "Invasion"]
    assert groups["escalation"]["knowable_at"].tolist() == [
        datetime(2014, 3, 1, 23, 59, 59, tzinfo=UTC), datetime(2022, 2, 24, 3, tzinfo=UTC),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("at\n2014-03-01\n2014-03-01T10:00\n", "dates.csv, line 3: at: .* has no time zone"),
        ("when\n2014-03-01\n", "dates.csv, line 2: at"),
        ("at,direction\n2014-03-01,worse\n", "line 2: direction: 'worse' is not thaw"),
        ("at\n", "dates.csv: has no dates"),
    ],
)
def test_what_is_no_date_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "dates.csv"
    path.write_text(text)
    with pytest.raises(FileError, match=complaint):
        read_dates(path)
