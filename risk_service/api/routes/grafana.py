"""``/grafana``: flat arrays with ISO times for Grafana's Infinity data source.

Infinity detects the fields of an array at the root by itself ("JSON" in its documentation,
grafana.com/docs/plugins/yesoreyeram-infinity-datasource), and Grafana sends the moments of a
panel's span, which ``/v1`` takes as days.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from risk_service.api.deps import DyadDep, Moment, PartsDep, standing
from risk_service.api.formats import json_response, tagged, unchanged
from risk_service.api.grafana_rows import (
    as_annotations,
    by_hour,
    days_as_points,
    now_row,
    point_rows,
)
from risk_service.api.queries import backwards
from risk_service.api.reshaped import live_as
from risk_service.api.schemas.common import shown
from risk_service.api.schemas.grafana import GrafanaNowOut, GrafanaPointOut, GrafanaStoryOut
from risk_service.api.udf_bars import HOUR
from risk_service.api.udf_series import MOST_HOURS, live_of, settled_days, watched_hours
from risk_service.store.engine import reading
from risk_service.store.story_marks import strongest_stories

router = APIRouter(prefix="/grafana", tags=["tools"])

DEFAULT_SPAN = timedelta(days=30)
MOST_STORIES = 1_000


def _span(
    parts: PartsDep,
    since: Annotated[
        Moment | None, Query(alias="from", description="Else thirty days before the end")
    ] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Else now")] = None,
) -> tuple[datetime, datetime]:
    last = until or parts.clock()
    first = since or last - DEFAULT_SPAN
    if last < first:
        raise backwards(first, last)
    return first, last


SpanDep = Annotated[tuple[datetime, datetime], Depends(_span)]


@router.get(
    "/index",
    response_model=list[GrafanaPointOut],
    responses=shown(GrafanaPointOut, many=True),
    summary="Grafana: the index over time",
)
def get_index(request: Request, parts: PartsDep, dyad: DyadDep, span: SpanDep) -> Response:
    """Hours of a span of at most 31 days, else days, at the moment each value was to be known; the
    live value is the last row. Hours and days nobody watched have no row.
    """
    live = live_of(parts.snapshots.held(dyad))
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        headers = tagged(request, about, span[0].date(), live.moment, live.values)
        if (same := unchanged(request, headers)) is not None:
            return same
        since, until = span
        days = days_as_points(settled_days(conn, parts, dyad))
        if live.moment is not None and not days.empty and by_hour(since, until, MOST_HOURS):
            end = min(until, live.moment)
            start = max(since, days["time"].iloc[0], end - MOST_HOURS)
            # From the hour before, so that the one at a midnight is of the day that it ends.
            first, last = int(start.timestamp()) - HOUR, int(max(start, end).timestamp())
            days = watched_hours(conn, parts, dyad, first, last, live.moment)
    return json_response(point_rows(days, since, until, live), headers)


@router.get(
    "/now",
    response_model=list[GrafanaNowOut],
    responses=shown(GrafanaNowOut, many=True),
    summary="Grafana: the index now",
)
def get_now(request: Request, parts: PartsDep, dyad: DyadDep) -> Response:
    """One row: value, interval, moves, coverage, and whether and why it is stale."""
    return live_as(request, parts, dyad, lambda live: [now_row(live)])


@router.get(
    "/stories",
    response_model=list[GrafanaStoryOut],
    responses=shown(GrafanaStoryOut, many=True),
    summary="Grafana: stories",
)
def get_stories(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    span: SpanDep,
    limit: Annotated[int, Query(ge=1, le=MOST_STORIES)] = 50,
) -> Response:
    """The weightiest stories published in a span, in order of time: a table or annotations."""
    with reading(parts.engine) as conn:
        headers = tagged(request, standing(conn, parts, dyad, parts.clock()), span[0].date())
        if (same := unchanged(request, headers)) is not None:
            return same
        model = parts.desk.classifier.version
        stories = strongest_stories(conn, dyad, model, *span, limit)
    return json_response(as_annotations(stories), headers)
