"""``/v1/models``: which there are, their cards, two compared; and who serves, for admins."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from models.card import Card
from models.classifier import Classifier
from risk_service.api.callers import key_in
from risk_service.api.deps import DyadDep, Parts, PartsDep, standing
from risk_service.api.formats import json_response
from risk_service.api.problems import invalid
from risk_service.api.schemas.models import (
    ChangeOut,
    ComparisonOut,
    ModelOut,
    ModelsOut,
    OrderIn,
    RollbackIn,
)
from risk_service.errors import NotFound
from risk_service.promotion import Bench, Order, challenge, kept_exam, promote, rollback
from risk_service.shadow import shadow_difference
from risk_service.store import models as store
from risk_service.store.engine import reading
from risk_service.store.keys import name_of
from risk_service.store.upsert import Row
from training.card_page import card_page
from training.comparing import Comparison, compared
from training.examine import read_paper

router = APIRouter(prefix="/v1/models", tags=["models"])
ADMINISTRATOR = "administrator"
"""Who changed the champion with a key that was revoked in the same moment."""
TOLD = 20
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

_NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
Version = Annotated[str, Path(pattern=_NAME, description="A version", examples=["fast-1a2b3c4d"])]
Asked = Annotated[str, Query(pattern=_NAME, examples=["fast-1a2b3c4d"])]


@router.get("", response_model=ModelsOut, summary="The model that serves, and every other")
def get_models(parts: PartsDep, dyad: DyadDep) -> Response:
    """What the champion is for and not for, was trained on, and how good it is; what else there is.

    The champion is the model that texts are scored with here. The index is made with the model
    that ``versions`` names: the same, once the champion has scored the past.
    """
    classifier = parts.champion.classifier
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        rows, history = store.all_models(conn), store.promotion_history(conn)
        challenger = store.challenger_version(conn)
    return json_response(
        {
            "champion": {"version": classifier.version, "card": card_of(classifier)},
            "challenger": challenger,
            "rescoring": parts.desks.coming is not None,
            "models": [_in_short(row) for row in rows],
            "history": [{k: v for k, v in row.items() if k != "id"} for row in history[-TOLD:]],
            **about,
        }
    )


@router.get("/compare", response_model=ComparisonOut, summary="Two models side by side")
def get_comparison(parts: PartsDep, dyad: DyadDep, a: Asked, b: Asked) -> Response:
    """Cards of both, and where both were examined on the same rows, how they differ there.

    ``shadow`` compares them on live events of 60 days: the directions, and what the index would
    have been with either. A challenger scores events beside the champion for it.
    """
    paper, now = read_paper(parts.gate.labels), parts.clock()
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, now)
        rows = {"a": _known(conn, "a", a), "b": _known(conn, "b", b)}
        exams = [kept_exam(conn, row, paper) for row in rows.values()]
        shadow = shadow_difference(conn, parts.desk.method, dyad, a, b, now)
    first, second = exams
    exam = _exam(compared(paper, first, second)) if first and second else None
    short = {name: _in_short(row) for name, row in rows.items()}
    return json_response({**short, "exam": exam, "shadow": shadow, **about})


@router.get("/{version}", response_model=ModelOut, summary="The card of a model")
def get_model(
    parts: PartsDep,
    dyad: DyadDep,
    request: Request,
    version: Version,
    form: Annotated[
        Literal["json", "html"] | None,
        Query(alias="format", description="Else by the Accept header, else JSON"),
    ] = None,
) -> Response:
    """What a version is for and not for, was trained on, and how good it is; also as a page."""
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
        row = _row_or_served(conn, parts, version)
    if form == "html" or (form is None and "text/html" in request.headers.get("accept", "")):
        page = card_page(Card.of(row["card"]), row["aliases"])
        headers = {"content-security-policy": PAGE_POLICY, "vary": "Accept"}
        return Response(page, media_type="text/html", headers=headers)
    told = {name: row[name] for name in ("version", "aliases", "registered_at", "card")}
    return json_response({**told, **about}, {"vary": "Accept"})


@router.post("/{version}/promote", response_model=ChangeOut, summary="Let a model serve")
def post_promotion(parts: PartsDep, request: Request, version: Version, body: OrderIn) -> Response:
    """Let a version serve in place of the champion, if it passes the gate; or beside it.

    The gate examines both on rows that neither has learnt from, which takes some seconds the first
    time. What it complains of is the problem 409, and is noted. Replicas follow within seconds, and
    the past is scored anew in the background.
    """
    bench, order = _bench(parts), _order(parts, request, body.reason, body.force)
    if body.alias == store.CHALLENGER:
        with reading(parts.engine) as conn:
            before = store.challenger_version(conn)
        challenge(bench, version, order.at)
        return _change(store.CHALLENGER, before, version, None)
    change = promote(bench, version, order)
    verdict = change.verdict.as_row() if change.verdict else None
    return _change(store.CHAMPION, change.before, change.after, verdict)


@router.post("/rollback", response_model=ChangeOut, summary="Undo the last promotion")
def post_rollback(parts: PartsDep, request: Request, body: RollbackIn) -> Response:
    """Let the champion of before the last promotion serve again; each call undoes one more."""
    change = rollback(_bench(parts), _order(parts, request, body.reason, force=False))
    return _change(store.CHAMPION, change.before, change.after, None)


def card_of(classifier: Classifier) -> Row:
    """The classifier's card as plain data."""
    return asdict(classifier.card)


def _known(conn: Connection, field: str, version: str) -> Row:
    row = store.one_model(conn, version)
    if row is None:
        raise NotFound(f"{field}: there is no model {version!r}")
    return row


def _row_or_served(conn: Connection, parts: Parts, version: str) -> Row:
    """A registered version, or the one that serves here though the registry does not know it."""
    served = parts.champion.classifier
    if store.one_model(conn, version) is None and version == served.version:
        return {"version": version, "aliases": [], "registered_at": None, "card": card_of(served)}
    return _known(conn, "version", version)


def _in_short(row: Row) -> Row:
    told = {name: row[name] for name in ("version", "name", "sha256", "aliases", "registered_at")}
    card = row["card"]
    return {**told, "measured_on": card["measured_on"], "metrics": card["metrics"]}


def _exam(found: Comparison) -> Row:
    return {
        "rows": found.rows,
        "figures": {
            name: {"a": asdict(a), "b": asdict(b)} for name, (a, b) in found.figures.items()
        },
        "macro_f1_difference": asdict(found.macro_f1_difference),
        "texts_per_second": dict(zip("ab", found.texts_per_second, strict=True)),
        "differ": found.differ,
        "differing": [
            {
                "text": one.text,
                "truth": one.truth,
                "a": one.first,
                "b": one.second,
                "a_probabilities": one.first_probabilities,
                "b_probabilities": one.second_probabilities,
            }
            for one in found.differing
        ],
    }


def _bench(parts: Parts) -> Bench:
    return Bench(parts.engine, parts.models_dir, parts.gate)


def _order(parts: Parts, request: Request, reason: str, force: bool) -> Order:
    key = key_in(dict(request.scope["headers"]))
    with reading(parts.engine) as conn:
        who = name_of(conn, key) if key else None
    try:
        return Order(who or ADMINISTRATOR, parts.clock(), reason, force)
    except ValueError as error:
        raise invalid(*str(error).split(": ", 1)) from None


def _change(alias: str, before: str | None, after: str, verdict: Any) -> Response:
    return json_response({"alias": alias, "before": before, "after": after, "verdict": verdict})
