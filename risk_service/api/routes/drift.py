"""``/v1/models/drift``: how the news and the scores of it have moved, by week."""

from __future__ import annotations

from typing import Any

import pandas as pd
from fastapi import APIRouter, Request
from starlette.responses import Response

from risk_service.api.deps import DyadDep, FormatDep, PartsDep, standing
from risk_service.api.formats import (
    caching,
    encoded,
    table_response,
    unchanged,
    untimed,
    weak_etag,
)  # fmt: skip
from risk_service.api.schemas.drift import DriftOut
from risk_service.drift import WEEK
from risk_service.store.drift import read_drift
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/models", tags=["about"])

_OF_REFERENCE = ("reference_from", "reference_to", "reference_scored")


@router.get("/drift", response_model=DriftOut, summary="Drift by week")
def get_drift(request: Request, parts: PartsDep, dyad: DyadDep, form: FormatDep) -> Response:
    """Score distribution, directions, languages, unknown words and relevance of each ISO week,
    beside the first weeks of news.

    Computed each hour by the worker. In CSV and Arrow the languages are one text.
    """
    now = parts.clock()
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, now)
        version = about["versions"]["model"]
        weeks = read_drift(conn, dyad, version)
    newest = "" if weeks.empty else weeks["computed_at"].max()
    over = [week + WEEK <= now.date() for week in weeks["week"]]
    etag = weak_etag(request, form, version, newest, sum(over), untimed(about["freshness"]))
    headers = caching(request, etag)
    if (same := unchanged(request, headers)) is not None:
        return same
    around = {"dyad": dyad, "model_version": version, "reference": _reference(weeks), **about}
    table = _table(weeks, over, plain=form != "json")
    return table_response(form, encoded(form, table), around, headers)


def _reference(weeks: pd.DataFrame) -> Row:
    if weeks.empty:
        return {"first_day": None, "last_day": None, "scored": 0}
    first, last, scored = (weeks[name].iloc[-1] for name in _OF_REFERENCE)
    return {"first_day": first, "last_day": last, "scored": int(scored)}


def _table(weeks: pd.DataFrame, over: list[bool], *, plain: bool) -> pd.DataFrame:
    table = weeks.drop(columns=list(_OF_REFERENCE))
    table.insert(1, "whole", over)
    numbers = [name for name in table.columns if name not in _NOT_NUMBERS]
    table[numbers] = table[numbers].astype(float)
    if plain:
        table["languages"] = [_told(mix) for mix in table["languages"]]
    return table


_NOT_NUMBERS = {"week", "whole", "events", "relevant", "scored", "languages", "computed_at"}


def _told(mix: dict[str, Any]) -> str:
    ordered = sorted(mix.items(), key=lambda pair: (-pair[1], pair[0]))
    return "; ".join(f"{language} {share:.4f}" for language, share in ordered)
