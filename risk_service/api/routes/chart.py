"""``/v1/index/chart.svg`` and ``.png``: the index as a picture to embed in a page or a report."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any, NamedTuple

import orjson
import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from risk_service.api import history
from risk_service.api.deps import AsOf, DaysDep, DyadDep, Parts, PartsDep, check_as_of, standing
from risk_service.api.formats import Encoded, tagged, unchanged
from risk_service.api.problems import UNAVAILABLE, Problem
from risk_service.index_chart import Look, Theme, draw_index
from risk_service.pictures import PICTURE_TYPES, Picture
from risk_service.snapshot import Snapshot
from risk_service.store.engine import reading
from risk_service.store.upsert import Row
from risk_service.store.vintages import count_vintages

router = APIRouter(prefix="/v1/index", tags=["index"])

MOST_POINTS = 1_500
"""Of more days than this whole weeks are drawn: a picture has no more room."""
AT_ONCE, PATIENCE = 2, 5.0
"""Pictures drawn at the same time, and seconds the next one waits for its turn."""
FOR_PAGES = {
    # To be shown on pages of others is what a picture is for; its styles are inside it.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
_drawing = threading.BoundedSemaphore(AT_ONCE)


class Size(NamedTuple):
    """Pixels of a picture, and its theme."""

    width: int
    height: int
    theme: Theme


def _size(
    width: Annotated[int, Query(ge=200, le=2_000, description="Pixels")] = 800,
    height: Annotated[int, Query(ge=120, le=1_200, description="Pixels")] = 360,
    theme: Annotated[Theme, Query(description="Of the page around it")] = "light",
) -> Size:
    return Size(width, height, theme)


SizeDep = Annotated[Size, Depends(_size)]


def _pictured(kind: Picture) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string"} if kind == "svg" else {"type": "string", "format": "binary"}
    return {200: {"content": {PICTURE_TYPES[kind]: {"schema": schema}}}}


@router.get(
    "/chart.svg", response_class=Response, responses=_pictured("svg"), summary="The index as SVG"
)
def get_svg(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    days: DaysDep,
    size: SizeDep,
    as_of: AsOf = None,
) -> Response:
    """Settled days with their band, or weeks where there are more than 1,500 days; the last year
    if no span is given. Says in the picture when the news is stale, thin or read as of a moment.
    """
    return _chart(request, parts, history.Span(dyad, *days, as_of, weekly=False), size, "svg")


@router.get(
    "/chart.png", response_class=Response, responses=_pictured("png"), summary="The index as PNG"
)
def get_png(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    days: DaysDep,
    size: SizeDep,
    as_of: AsOf = None,
) -> Response:
    """The same picture in pixels."""
    return _chart(request, parts, history.Span(dyad, *days, as_of, weekly=False), size, "png")


def _chart(
    request: Request, parts: Parts, span: history.Span, size: Size, picture: Picture
) -> Response:
    now = parts.clock()
    check_as_of(span.as_of, now)
    if span.since is None and span.until is None:
        last = span.as_of or now
        span = history.Span(span.dyad, (last - timedelta(days=366)).date(), None, span.as_of, False)
    held = parts.snapshots.held(span.dyad)
    with reading(parts.engine) as conn:
        about = standing(conn, parts, span.dyad, now)
        notes = _notes(held, about, span)
        headers = {**tagged(request, about, span.since, notes), **FOR_PAGES}
        if (same := unchanged(request, headers)) is not None:
            return same
        look = Look(size.width, size.height, size.theme, picture)
        key = ("chart", span, look, notes, count_vintages(conn, span.dyad))

        def make() -> Encoded:
            days = history.days(conn, span)
            with _turn():
                return Encoded(len(days), _drawn(days, span.dyad, notes, look))

        made = parts.held.get_or_make(key, make)
    assert isinstance(made.content, bytes)
    return Response(made.content, headers=headers, media_type=PICTURE_TYPES[picture])


@contextmanager
def _turn() -> Iterator[None]:
    """One of the few places to draw in; 503 for whoever waits too long."""
    if not _drawing.acquire(timeout=PATIENCE):
        detail = "Too many pictures are being drawn at once."
        raise Problem(UNAVAILABLE, detail, headers={"Retry-After": "5"})
    try:
        yield
    finally:
        _drawing.release()


def _drawn(days: pd.DataFrame, dyad: str, notes: tuple[str, ...], look: Look) -> bytes:
    title = f"{dyad} risk index"
    if len(days) > MOST_POINTS:
        days, title = history.weekly(days), f"{title}, weekly means"
    return draw_index(days, title, notes, look)


def _notes(held: Snapshot | None, about: Row, span: history.Span) -> tuple[str, ...]:
    """What to know of a picture: the moment it is read as of, else what the live answer says."""
    if span.as_of is not None:
        return (f"as known at {span.as_of:%Y-%m-%d %H:%M} UTC",)
    watched = about["freshness"]["watched_until"]
    if about["freshness"]["stale"]:
        seen = "no news has been read yet" if watched is None else f"no news since {watched:%F %R}"
        return (f"STALE: {seen} UTC",)
    answer = {} if held is None else orjson.loads(held.body)
    return ("thin: little news stands behind it now",) if answer.get("state") == "thin" else ()
