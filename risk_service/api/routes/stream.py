"""``/v1/stream``: the index, stories and alerts as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from risk_service.api.deps import DyadDep, Parts, PartsDep
from risk_service.api.problems import NOT_FOUND, UNAVAILABLE, Problem, invalid
from risk_service.api.schemas.stream import EXAMPLE
from risk_service.api.streaming import EventStream, Pace, Wanted
from risk_service.store.engine import reading
from risk_service.store.stream import KINDS, open_alerts
from risk_service.telling import driving_stories, in_short

router = APIRouter(prefix="/v1/stream", tags=["index"])

MEDIA_TYPE = "text/event-stream"
LARGEST_ID = 2**63 - 1
PACE = Pace()
Kinds = Annotated[
    str,
    Query(
        max_length=100,
        description="Which of index, story and alert, comma between",
        examples=["index,alert"],
    ),
]
LastId = Annotated[
    int | None, Query(ge=0, le=LARGEST_ID, description="For those who cannot set the header")
]
LastIdHeader = Annotated[
    str | None, Header(alias="Last-Event-ID", max_length=100, description="The last id received")
]


@router.get(
    "",
    summary="The index, stories and alerts as they come",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    },
)
async def get_stream(
    request: Request,
    parts: PartsDep,
    dyad: DyadDep,
    kinds: Kinds = ",".join(KINDS),
    last_event_id: LastId = None,
    header: LastIdHeader = None,
) -> Response:
    """Server-sent events: ``index`` (the live answer in short), ``story`` (one that is new, has a
    new report, or whose score or weight moved) and ``alert`` (one that starts, resolves or is
    acknowledged).

    It begins with the present state. With ``Last-Event-ID`` it begins with all that came after
    that id, without gap or double, whichever replica is asked; where that is not kept any more
    (seven days), with ``reset`` and the present state. Browsers send the header by themselves.

    A comment every 15 seconds shows that the stream lives. A reader who takes too long is let go,
    and may come back. A key is looked at when the stream opens. 503: as many streams are open as
    this replica keeps.
    """
    wanted = Wanted(dyad, _kinds(kinds), _after(header, last_event_id))
    broadcast = parts.broadcast
    if broadcast is None:
        raise Problem(NOT_FOUND, "This replica serves no stream.")
    if not broadcast.open:
        detail = "This replica is ending, or has only begun."
        raise Problem(UNAVAILABLE, detail, headers={"Retry-After": "5"})
    if request.scope.get("head"):
        return Response(media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})
    return EventStream(
        broadcast, wanted, lambda: _present(parts, wanted), parts.metrics.streams, PACE
    )


def _kinds(written: str) -> frozenset[str]:
    kinds = [kind.strip() for kind in written.split(",") if kind.strip()]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        named = repr(unknown[0]) if unknown else "nothing"
        raise invalid("kinds", f"{named} is not among {', '.join(KINDS)}")
    return frozenset(kinds)


def _after(header: str | None, query: int | None) -> int | None:
    """The last id a reader has; a header that is no id of ours is older than all we keep."""
    if not header:
        return query
    return int(header) if header.isascii() and header.isdigit() and len(header) < 19 else -1


def _present(parts: Parts, wanted: Wanted) -> list[tuple[str, Mapping[str, Any]]]:
    """The index, the stories that weigh most and the open alerts, as far as they are wanted."""
    told: list[tuple[str, Mapping[str, Any]]] = []
    held = parts.snapshots.held(wanted.dyad)
    if held is not None:
        answer = orjson.loads(held.body)
        told.append(("index", in_short(answer)))
        told += [("story", {"dyad": wanted.dyad, **one}) for one in driving_stories(answer)]
    if "alert" in wanted.kinds:
        with reading(parts.engine) as conn:
            told += [("alert", alert) for alert in open_alerts(conn, wanted.dyad)]
    return [(kind, data) for kind, data in told if kind in wanted.kinds]
