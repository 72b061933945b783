"""``/v1/alerts``: rules that are asked about before anybody keeps them."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from risk_service.alert_chart import draw_preview
from risk_service.alert_preview import Preview, preview, read_vintages, stated
from risk_service.api.deps import DyadDep, PartsDep, standing
from risk_service.api.formats import Format, encoded, table_response
from risk_service.api.problems import INVALID, NOT_FOUND, Problem, from_core
from risk_service.api.schemas.alerts import NOTE, PreviewIn, PreviewOut
from risk_service.api.schemas.common import ALSO_CSV_OR_PICTURE
from risk_service.core.jumps import calendar, known_then
from risk_service.pictures import PICTURE_TYPES
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

Shape = Literal["json", "csv", "svg", "png"]


def _shape(
    request: Request,
    form: Annotated[
        Shape | None, Query(alias="format", description="Else by the Accept header, else JSON")
    ] = None,
) -> Shape:
    accept = request.headers.get("accept", "")
    return form or ("csv" if accept.startswith("text/csv") else "json")


ShapeDep = Annotated[Shape, Depends(_shape)]


@router.post(
    "/preview",
    response_model=PreviewOut,
    responses=ALSO_CSV_OR_PICTURE,
    summary="What a rule would have done",
)
def post_preview(parts: PartsDep, dyad: DyadDep, form: ShapeDep, body: PreviewIn) -> Response:
    """Every past firing of a rule on the dyad's index, and its false alarms a quarter.

    A read: nothing is kept. Days are judged without look-ahead, each as it was known then, and the
    threshold is either given or found for ``max_false_alarms``. As CSV the firings alone, as SVG or
    PNG the series with its firings drawn in. ``series`` may be a part of the index; ``sector:``
    series and rules that are judged by the clock have no preview.
    """
    started = time.perf_counter()
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        vintages = read_vintages(conn, dyad, body.told, body.series)
    if vintages.empty:
        raise Problem(NOT_FOUND, f"dyad: no day of {dyad} is settled yet")
    try:
        found = preview(vintages, body.asked())
    except ValueError as error:
        raise Problem(INVALID, str(error), [from_core(error)]) from None
    if form in ("svg", "png"):
        title = f"{dyad}, {body.series}: {body.rule.kind}"
        days, values = calendar(vintages), known_then(vintages).values[:, 0]
        drawn = draw_preview(days, values, found, body.rule.rule(), title, form)
        return Response(drawn, media_type=PICTURE_TYPES[form])
    told = {"dyad": dyad, **_told(body, found), "seconds": round(time.perf_counter() - started, 3)}
    shape: Format = "csv" if form == "csv" else "json"
    return table_response(shape, encoded(shape, found.firings), {**told, **about}, {})


def _told(body: PreviewIn, found: Preview) -> Row:
    """What stands around the firings: the rule as it was asked about, and what was found of it."""
    return {
        "series": body.series,
        "note": NOTE,
        "rule": body.rule.model_dump(),
        "threshold": found.threshold,
        "told": body.told,
        "false_alarms": None if found.expected is None else stated(found.expected, "settled"),
        "unknown_because": found.unknown_because,
        "calibrated_before": found.calibrated_before,
        "first_day": found.first_day,
        "last_day": found.last_day,
        "days": found.days,
        "gaps": found.gaps,
    }
