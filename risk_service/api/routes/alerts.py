"""``/v1/alerts``: rules that are asked about before anybody keeps them."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from risk_service.alert_preview import preview, read_vintages
from risk_service.api.deps import DyadDep, PartsDep, standing
from risk_service.api.formats import encoded, table_response
from risk_service.api.problems import INVALID, NOT_FOUND, Problem, from_core
from risk_service.api.schemas.alerts import NOTE, PreviewIn, PreviewOut
from risk_service.store.engine import reading

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])

Shape = Literal["json", "csv"]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


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
    "/preview", response_model=PreviewOut, responses=_ANSWERS, summary="What a rule would have done"
)
def post_preview(parts: PartsDep, dyad: DyadDep, form: ShapeDep, body: PreviewIn) -> Response:
    """Every past firing of a rule on the dyad's risk index, and its false alarms a quarter.

    A read: nothing is kept. Days are judged without look-ahead, each as it was known then, and the
    threshold is either given or found for ``max_false_alarms``. As CSV the firings alone.
    """
    started = time.perf_counter()
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        vintages = read_vintages(conn, dyad, body.told)
    if vintages.empty:
        raise Problem(NOT_FOUND, f"dyad: no day of {dyad} is settled yet")
    try:
        found = preview(vintages, body.asked())
    except ValueError as error:
        raise Problem(INVALID, str(error), [from_core(error)]) from None
    around = {
        "dyad": dyad,
        "note": NOTE,
        "rule": body.rule.model_dump(),
        "threshold": found.threshold,
        "told": body.told,
        "false_alarms": None if found.expected is None else asdict(found.expected),
        "unknown_because": found.unknown_because,
        "calibrated_before": found.calibrated_before,
        "first_day": found.first_day,
        "last_day": found.last_day,
        "days": found.days,
        "gaps": found.gaps,
        "seconds": round(time.perf_counter() - started, 3),
        **about,
    }
    return table_response(form, encoded(form, found.firings), around, {})
