"""``/openbb``, ``/widgets.json``, ``/apps.json``: a custom backend for OpenBB Workspace.

Follows "Data Integration" and the references of OpenBB's documentation
(docs.openbb.co/workspace/developers). Workspace sends parameters of its own (``theme``, ``raw``)
to widgets, known to them or not: here, unlike in ``/v1``, an unknown one is passed over.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BeforeValidator, WithJsonSchema
from starlette.responses import Response

from risk_service.api import openbb_answers as told
from risk_service.api.deps import Day, DyadDep, Parts, PartsDep, midnight, standing
from risk_service.api.formats import json_response, tagged, unchanged
from risk_service.api.openbb_widgets import apps, widgets
from risk_service.api.problems import invalid
from risk_service.api.queries import backwards
from risk_service.api.reshaped import live_as
from risk_service.api.schemas.common import shown
from risk_service.api.schemas.openbb import (
    OpenbbAppsOut,
    OpenbbArticleOut,
    OpenbbDayOut,
    OpenbbFigureOut,
    OpenbbMetricOut,
    OpenbbSectorOut,
    OpenbbStoryOut,
    OpenbbThemeOut,
    OpenbbWidgetsOut,
)
from risk_service.api.udf_series import sector_days, settled_days
from risk_service.core.dyads import THEMES
from risk_service.desk import DEFAULT_DYAD
from risk_service.store.close_counts import count_closes
from risk_service.store.engine import reading
from risk_service.store.story_marks import strongest_stories

router = APIRouter(tags=["tools"])

NEWS_OF = timedelta(days=14)
ALL = "all"
# Workspace sends a date that is not chosen as nothing at all, or as an empty text.
_DAY_OR_NONE = {"anyOf": [{"type": "string", "format": "date"}, {"const": ""}, {"type": "null"}]}
Chosen = Annotated[
    Day | None, BeforeValidator(lambda value: value or None), WithJsonSchema(_DAY_OR_NONE)
]


def _span(
    since: Annotated[Chosen, Query(alias="from", description="First day")] = None,
    until: Annotated[Chosen, Query(alias="to", description="Last day")] = None,
) -> tuple[date | None, date | None]:
    if since is not None and until is not None and until < since:
        raise backwards(since, until)
    return since, until


SpanDep = Annotated[tuple[date | None, date | None], Depends(_span)]


@router.get("/widgets.json", response_model=OpenbbWidgetsOut, summary="OpenBB: the widgets")
def get_widgets(parts: PartsDep) -> Response:
    """What OpenBB Workspace may put on a dashboard, and where it asks for it."""
    return json_response(widgets(parts.desk.dyads))


@router.get("/apps.json", response_model=OpenbbAppsOut, summary="OpenBB: a ready dashboard")
def get_apps() -> Response:
    """A dashboard of the widgets, in three tabs."""
    return json_response(apps())


@router.get(
    "/openbb/metric",
    response_model=list[OpenbbMetricOut],
    responses=shown(OpenbbMetricOut, many=True),
    summary="OpenBB: the index now",
)
def get_metric(request: Request, parts: PartsDep, dyad: DyadDep) -> Response:
    """Value, interval, moves, escalation and thaw, and the state of the news, in words."""
    return live_as(request, parts, dyad, told.metrics)


@router.get(
    "/openbb/themes",
    response_model=list[OpenbbThemeOut],
    responses=shown(OpenbbThemeOut, many=True),
    summary="OpenBB: by theme",
)
def get_themes(request: Request, parts: PartsDep, dyad: DyadDep) -> Response:
    """What each theme adds to the index now; the points sum to its distance from 50."""
    return live_as(request, parts, dyad, told.theme_rows)


@router.get(
    "/openbb/stories",
    response_model=list[OpenbbStoryOut],
    responses=shown(OpenbbStoryOut, many=True),
    summary="OpenBB: what moved it",
)
def get_stories(request: Request, parts: PartsDep, dyad: DyadDep) -> Response:
    """The stories that weigh most in the index now."""
    return live_as(request, parts, dyad, told.story_rows)


@router.get(
    "/openbb/history",
    response_model=list[OpenbbDayOut],
    responses=shown(OpenbbDayOut, many=True),
    summary="OpenBB: days as a table",
)
def get_history(request: Request, parts: PartsDep, dyad: DyadDep, span: SpanDep) -> Response:
    """Settled days, the newest first."""
    return _of_days(request, parts, dyad, span, told.history_rows)


@router.get(
    "/openbb/chart",
    response_model=OpenbbFigureOut | list[OpenbbDayOut],
    responses=shown(OpenbbFigureOut),
    summary="OpenBB: the index as a plotly figure",
)
def get_chart(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    span: SpanDep,
    theme: Annotated[Literal["dark", "light"], Query(description="Of the workspace")] = "dark",
    raw: Annotated[bool, Query(description="The rows behind the figure in its place")] = False,
) -> Response:
    """The index with its interval, by day; by week where a span has more than ten years of days."""
    if raw:
        return _of_days(request, parts, dyad, span, told.history_rows)
    return _of_days(request, parts, dyad, span, lambda days: told.figure(days, dyad, theme))


@router.get(
    "/openbb/sectors",
    response_model=list[OpenbbSectorOut],
    responses=shown(OpenbbSectorOut, many=True),
    summary="OpenBB: the sectors",
)
def get_sectors(request: Request, parts: PartsDep) -> Response:
    """Level and moves of each sector; ``simulated`` says what its closes are."""
    simulated, today = parts.simulated_prices, parts.clock().date()
    with reading(parts.engine) as conn:
        about = standing(conn, parts, DEFAULT_DYAD, parts.clock())
        headers = tagged(request, about, count_closes(conn, simulated=simulated))
        if (same := unchanged(request, headers)) is not None:
            return same
        rows = [
            told.sector_row(name, sector_days(conn, parts, name), today, simulated=simulated)
            for name in parts.sectors.members
        ]
    return json_response(rows, headers)


@router.get(
    "/openbb/news",
    response_model=list[OpenbbArticleOut],
    responses=shown(OpenbbArticleOut, many=True),
    summary="OpenBB: stories as news",
)
def get_news(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    topic: Annotated[str, Query(description="A theme of the index, or all")] = ALL,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """The weightiest stories of the day on which the news was watched last, and of the fourteen
    before it.
    """
    if topic not in ("", ALL, *THEMES):
        raise invalid("topic", f"is not one of {', '.join((ALL, *THEMES))}")
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        until = about["freshness"]["watched_until"] or parts.clock()
        headers = tagged(request, about, until.date())
        if (same := unchanged(request, headers)) is not None:
            return same
        model = parts.desk.classifier.version
        first, last = midnight(until.date()) - NEWS_OF, until + timedelta(seconds=1)
        one = topic if topic in THEMES else None
        stories = strongest_stories(conn, dyad, model, first, last, limit, one)
    return json_response(told.articles(stories), headers)


def _of_days(
    request: Request, parts: Parts, dyad: str, span: tuple[date | None, date | None], shape: Any
) -> Response:
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        headers = tagged(request, about)
        if (same := unchanged(request, headers)) is not None:
            return same
        days = settled_days(conn, parts, dyad)
    return json_response(shape(_between(days, *span)), headers)


def _between(days: pd.DataFrame, since: date | None, until: date | None) -> pd.DataFrame:
    kept = pd.Series(True, index=days.index)
    if since is not None:
        kept &= days["day"] >= pd.Timestamp(midnight(since).replace(tzinfo=None))
    if until is not None:
        kept &= days["day"] <= pd.Timestamp(midnight(until).replace(tzinfo=None))
    return days[kept]
