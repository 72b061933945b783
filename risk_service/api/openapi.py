"""The OpenAPI document: FastAPI's own, with keys, problems and formats told as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from risk_service.api.doors import MODELS, Route, Rules, scope_needed
from risk_service.api.formats import MEDIA_TYPES
from risk_service.api.problems import (
    BAD_HOST,
    INTERNAL,
    INVALID,
    LOW_SCOPE,
    MEDIA_TYPE,
    NO_KEY,
    NOT_FOUND,
    NOT_JSON,
    NOT_PROMOTED,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    Kind,
)  # fmt: skip
from risk_service.api.schemas.about import Health, MethodologyOut
from risk_service.api.schemas.alert_payload import AlertPayload
from risk_service.api.schemas.alert_rules import (
    GoneOut,
    MuteIn,
    RuleChangeIn,
    RuleIn,
    RuleOut,
    RulesOut,
)
from risk_service.api.schemas.alerts import PreviewIn, PreviewOut
from risk_service.api.schemas.alerts_told import AlertOut, AlertsOut, CommentIn
from risk_service.api.schemas.aside import AsideOut
from risk_service.api.schemas.channels import (
    ChannelChangeIn,
    ChannelIn,
    ChannelOut,
    ChannelsOut,
    DeletedOut,
    DeliveriesOut,
    DeliveryOut,
    MadeChannelOut,
    QueuedOut,
    RotationIn,
)
from risk_service.api.schemas.common import ProblemOut
from risk_service.api.schemas.drift import DriftOut
from risk_service.api.schemas.events import EventIn, EventOut, EventsOut, OneEventOut, PostedOut
from risk_service.api.schemas.index import DriversOut, HistoryOut, IndexOut
from risk_service.api.schemas.labels import LabelIn, LabelledOut, LabelsOut
from risk_service.api.schemas.market import ConfirmationOut, EventMarketOut
from risk_service.api.schemas.models import (
    ChangeOut,
    ComparisonOut,
    ModelOut,
    ModelsOut,
    OrderIn,
    RollbackIn,
)
from risk_service.api.schemas.score import ScoreIn, ScoresOut
from risk_service.api.schemas.sectors import SectorOut, SectorsOut
from risk_service.api.schemas.sensitivity import SensitivityOut
from risk_service.api.schemas.stream import TOLD
from risk_service.api.schemas.studies import StudyIn, StudyOut
from risk_service.api.webhooks import webhooks

TITLE = "US–Russia risk index"
DESCRIPTION = (
    "News in, thaw against escalation scored, one checkable number out: 0 to 100, 50 is neither, "
    "higher is more risk. Every answer says how fresh it is and which versions made it. "
    "It does not predict returns."
)
TAGS = [
    {"name": "index", "description": "The index now, as of a moment and over time"},
    {"name": "events", "description": "Events put in and looked through"},
    {"name": "score", "description": "Texts scored without being kept"},
    {"name": "sectors", "description": "Energy and defense beside the index"},
    {"name": "alerts", "description": "What rules would have told, and how often for nothing"},
    {"name": "models", "description": "Which model serves, what it is, and another in its place"},
    {"name": "about", "description": "Method and model"},
    {"name": "tools", "description": "In the shapes of TradingView UDF, OpenBB and Grafana"},
    {"name": "health", "description": "For whatever keeps the service running"},
]
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_SCHEMA_REF = "#/components/schemas/Problem"
_TABLES = ("/v1/index/history", "/v1/sectors/{sector}", "/v1/models/drift")
_VALIDATED = ("/v1/index", "/udf/", "/openbb/", "/grafana/")
EXAMPLED: tuple[type[BaseModel], ...] = (
    IndexOut, HistoryOut, DriversOut, EventIn, PostedOut, EventOut, EventsOut, OneEventOut, ScoreIn,
    ScoresOut, SectorsOut, SectorOut, SensitivityOut, StudyIn, StudyOut,
    PreviewIn, PreviewOut, EventMarketOut, ConfirmationOut, LabelIn, LabelledOut, LabelsOut,
    MethodologyOut, ModelsOut, DriftOut, ModelOut,
    ComparisonOut, OrderIn, RollbackIn, ChangeOut, AsideOut, Health,
    ChannelIn, ChannelChangeIn, ChannelOut, ChannelsOut, MadeChannelOut, RotationIn, DeletedOut,
    QueuedOut, DeliveriesOut, DeliveryOut,
    AlertPayload, RuleIn, RuleChangeIn, RuleOut, RulesOut, GoneOut, MuteIn, AlertOut, AlertsOut,
    CommentIn,
)  # fmt: skip
_VALIDATION = ("HTTPValidationError", "ValidationError")

Document = dict[str, Any]


def document_of(app: FastAPI) -> Document:
    """The whole document of an application."""
    document = get_openapi(
        title=TITLE, version=app.version, description=DESCRIPTION, tags=TAGS, routes=app.routes,
        webhooks=webhooks.routes,
    )  # fmt: skip
    for operation in document["webhooks"].values():
        operation["post"]["responses"].pop("422", None)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _VALIDATION:
        schemas.pop(name, None)
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for kind in TOLD:
        # Events of the stream, which no answer holds as a whole.
        told = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(told.pop("$defs", {}))
        schemas[kind.__name__] = told
    for model in EXAMPLED:
        # FastAPI drops null from examples, and with it fields that an answer always has.
        schemas[model.__name__]["examples"] = model.model_json_schema()["examples"]
    components["securitySchemes"] = SECURITY_SCHEMES
    for method, path, operation in _operations(document):
        _tell_of_keys(method, path, operation)
        _tell_problems(path, operation)
        _tell_formats(path, operation)
    return document


def routes_of(document: Document) -> tuple[Route, ...]:
    """Every address of a document as a pattern, with the methods it takes."""
    return tuple(
        (
            re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))),
            frozenset(method.upper() for method in methods),
        )
        for path, methods in document["paths"].items()
    )


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _tell_of_keys(method: str, path: str, operation: Document) -> None:
    needed = scope_needed(method, path, Rules(open_reads=False))
    if needed is None:
        return
    keys: list[Document] = [{"bearer": []}, {"apiKey": []}]
    if needed == "read":
        # Open where the service listens on a loopback address.
        keys.append({})
    operation["security"] = keys
    operation["description"] += f"\n\nNeeds a key with the scope *{needed}*" + (
        ", unless the service listens on a loopback address; one that is sent is checked all the "
        "same, and a wrong or revoked one is answered with 401."
        if needed == "read"
        else "."
    )


def _tell_problems(path: str, operation: Document) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for kind in _problems_of(path, operation):
        responses[str(kind.status)] = {
            "description": kind.title,
            "content": {MEDIA_TYPE: {"schema": {"$ref": _SCHEMA_REF}}},
        }


def _problems_of(path: str, operation: Document) -> list[Kind]:
    if path == "/healthz":
        return [INVALID, INTERNAL]
    # Any query parameter that is not known is refused, so that each address has a 422.
    kinds = [BAD_HOST, NO_KEY, LOW_SCOPE, INVALID, TOO_MANY, INTERNAL, UNAVAILABLE]
    if "requestBody" in operation:
        kinds += [TOO_LARGE, NOT_JSON]
    if path.startswith(MODELS) and "requestBody" in operation:
        kinds += [NOT_PROMOTED]
    if operation.get("parameters") or "requestBody" in operation:
        kinds += [NOT_FOUND]
    return kinds


def _tell_formats(path: str, operation: Document) -> None:
    answer = operation["responses"]["200"]
    if path in _TABLES:
        answer["content"][MEDIA_TYPES["csv"]] = {"schema": {"type": "string"}}
        for form in ("arrow", "parquet"):
            binary = {"schema": {"type": "string", "format": "binary"}}
            answer["content"][MEDIA_TYPES[form]] = binary
    pages = path == "/v1/events" and "requestBody" not in operation
    if pages or path in ("/v1/set-aside", "/v1/labels"):
        answer["content"][MEDIA_TYPES["csv"]] = {"schema": {"type": "string"}}
    if path == f"{MODELS}{{version}}":
        answer["content"]["text/html"] = {"schema": {"type": "string"}}
    if path.startswith(_VALIDATED) or path in _TABLES:
        operation["responses"]["304"] = {"description": "Unchanged since If-None-Match"}
