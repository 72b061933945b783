"""``/v1/models``: the model that is served, with its card."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from models.classifier import Classifier
from risk_service.api.deps import DyadDep, PartsDep, standing
from risk_service.api.formats import json_response
from risk_service.api.schemas.about import ModelsOut
from risk_service.store.engine import reading
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/models", tags=["about"])


@router.get("", response_model=ModelsOut, summary="The model that is served")
def get_models(parts: PartsDep, dyad: DyadDep) -> Response:
    """What the model is for and not for, was trained on, and how good it is."""
    classifier = parts.desk.classifier
    with reading(parts.engine) as conn:
        about = standing(conn, parts, dyad, parts.clock())
    champion = {"version": classifier.version, "card": card_of(classifier)}
    return json_response({"champion": champion, **about})


def card_of(classifier: Classifier) -> Row:
    """The classifier's card as plain data."""
    return asdict(classifier.card)
