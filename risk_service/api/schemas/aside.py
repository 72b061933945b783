"""Rows that were set aside."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from risk_service.api.schemas.common import STANDING, Out, Standing, example

_ROW = {
    "seen_at": "2025-02-28T11:58:00Z", "origin": "news.csv (3f2a90c1d7be)", "locator": "line 7",
    "reason": "published_at: '02/03/2025' may have day or month first; --date-format tells which",
    "raw": "published_at=02/03/2025 | text=Talks resume in Geneva", "key": "0" * 64,
}  # fmt: skip


class AsideRow(Out):
    """A row of a file, feed or price provider that was not taken, and why."""

    seen_at: dt.datetime = Field(description="When it was last read")
    origin: str = Field(description="Feed, or file with the start of its digest")
    locator: str = Field(description="Place in it, such as line 7")
    reason: str
    raw: str = Field(description="The row as it was, at most 2,000 characters")
    key: str = Field(description="Names the row; the same row is kept once")


class AsideOut(Standing):
    """A page of rows set aside, those read last first."""

    model_config = example({"count": 1, "rows": [_ROW], "next": None, **STANDING})

    count: int
    rows: list[AsideRow]
    next: str | None = Field(description="Address of the next page; null on the last")
