"""``/v1/methodology``: how the index is made, so that anybody can make it again."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from risk_service.api.deps import DyadDep, PartsDep, standing
from risk_service.api.formats import json_response
from risk_service.api.routes.models import card_of
from risk_service.api.schemas.about import MethodologyOut
from risk_service.core.method import Method
from risk_service.core.relevance import RELEVANCE
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/methodology", tags=["about"])

FORMULAS = {
    "decay": "d = 2^-(age / half_life) for each relevant event within the window before a moment",
    "report_weight": "n = 1/k for the k-th report of a story, so that copies add little",
    "escalation": "e = relevance n severity p_escalation",
    "thaw": "t = relevance n severity p_thaw",
    "mass": "m = e + t + neutral_mass relevance n p_neutral",
    "net_escalation": "sum d (e - t) / (sum d m + prior_stories), within -1 to +1",
    "risk_index": "50 + 50 net_escalation: 50 is neither, higher is more risk",
    "interval": "quantiles of the Bayesian bootstrap over stories and pseudo-stories",
    "escalation_index": "100 sum d e / (sum d m + prior_stories) / its mean in the base period",
    "thaw_index": "100 sum d t / (sum d m + prior_stories) / its mean in the base period",
    "attention": "sum d m: how much news there is, whichever way it points",
    "pressure": "sum d (e - t): net escalation times all news weighed, unbounded",
    "coverage": "attention / (attention + prior_stories)",
    "day": "the index of a day is its value at the next midnight UTC, from what came before it",
    "close": "a day meets the first close strictly after its end; an event, after publication",
}
PAPERS = (
    ("Goldstein 1992", "A Conflict-Cooperation Scale for WEIS Events Data", "coded events"),
    ("Gerner, Schrodt and Yilmaz 2012", "CAMEO codebook", "event codes and their values"),
    ("Hafez 2009", "Event novelty in news analytics", "weights of repeated reports"),
    ("Ferguson 1973", "A Bayesian Analysis of Some Nonparametric Problems", "prior of thin news"),
    ("Rubin 1981", "The Bayesian Bootstrap", "interval"),
    ("Genest and Zidek 1986", "Combining Probability Distributions", "text and code pooled"),
    ("Caldara and Iacoviello 2022", "Measuring Geopolitical Risk", "threats against acts"),
    ("MacKinlay 1997", "Event Studies in Economics and Finance", "abnormal returns"),
)  # fmt: skip


@router.get("", response_model=MethodologyOut, summary="How the index is made")
def get_methodology(parts: PartsDep, dyad: DyadDep) -> Response:
    """Version, parameters, formulas, papers, gazetteers, and the served model in short."""
    desk = parts.desk
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
    return json_response(
        {
            "version": desk.method.version,
            "parameters": parameters_of(desk.method),
            "formulas": FORMULAS,
            "papers": [
                {"name": name, "title": title, "used_for": use} for name, title, use in PAPERS
            ],
            "gazetteers": [{"dyad": g.name, "version": g.version} for g in desk.gazetteers],
            "model": _in_short(card_of(desk.classifier)),
            **about,
        }
    )


def parameters_of(method: Method) -> Row:
    """The numbers of a method, spans of time in days, with the relevance of each directness.

    >>> parameters_of(Method())["half_life_days"]
    7.0
    """
    found: Row = {}
    for field in fields(method):
        value: Any = getattr(method, field.name)
        if isinstance(value, timedelta):
            found[f"{field.name}_days"] = value / timedelta(days=1)
        elif field.name != "version":
            found[field.name] = value
    return {**found, "relevance": dict(RELEVANCE)}


def _in_short(card: Row) -> Row:
    told = ("name", "version", "created", "intended_use", "limits", "metrics")
    return {name: card[name] for name in told if name in card}
