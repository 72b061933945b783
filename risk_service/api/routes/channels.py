"""``/v1/alerts/channels``: where alerts are sent, for admins; secrets are shown once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection
from starlette.responses import Response

from risk_service.api.deps import Parts, PartsDep, standing
from risk_service.api.formats import json_response
from risk_service.api.problems import INVALID, FieldError, Problem, from_pydantic, invalid
from risk_service.api.schemas.channels import (
    ChannelChangeIn,
    ChannelIn,
    ChannelOut,
    ChannelsOut,
    DeletedOut,
    MadeChannelOut,
    QueuedOut,
    RotationIn,
)
from risk_service.desk import DEFAULT_DYAD
from risk_service.errors import NotFound
from risk_service.notify.addresses import check_outside
from risk_service.notify.contract import Parcel
from risk_service.notify.kinds import KINDS
from risk_service.notify.sample import payload_of_test
from risk_service.notify.signing import about_secrets, first_secrets, rotated, told_once
from risk_service.store import alert_channels as store
from risk_service.store.deliveries import queue_deliveries
from risk_service.store.engine import reading, writing
from risk_service.store.upsert import Row

router = APIRouter(prefix="/v1/alerts/channels", tags=["alerts"])

ChannelId = Annotated[
    str,
    Path(alias="channel", pattern=r"^channel_[0-9a-f]{16}$", examples=["channel_0123456789abcdef"]),
]
BY_HAND = "switched off by hand"
_SHOWN = ("id", "name", "kind", "config", "created_at", "disabled_at", "disabled_because")


@router.post("", response_model=MadeChannelOut, summary="A new channel")
def post_channel(parts: PartsDep, body: ChannelIn) -> Response:
    """Keep where alerts are to be sent; rules name channels by their ids.

    The answer shows the secret that a webhook is signed with, this once. The address may not lead
    into a private network, unless the service is set to allow it (RISK_ALERT_PRIVATE).
    """
    now, kind = parts.clock(), KINDS[body.kind]
    config = _checked(kind.config, "config", body.config)
    held = first_secrets(body.kind, _checked(kind.secrets, "secrets", body.secrets), now)
    _check_whole(parts, body.kind, config, held, now)
    with writing(parts.engine) as conn:
        id_ = store.add_channel(conn, body.name, body.kind, config, held, now)
        if id_ is None:
            raise _name_taken()
        row = _known(conn, id_)
    return json_response({**_shown(row), "secret": told_once(body.kind, held)})


@router.get("", response_model=ChannelsOut, summary="Every channel")
def get_channels(parts: PartsDep) -> Response:
    """Every channel by name, without secrets."""
    with reading(parts.engine) as conn:
        rows = store.all_channels(conn)
        about = standing(conn, parts, DEFAULT_DYAD, parts.clock())
    return json_response({"channels": [_shown(row) for row in rows], **about})


@router.get("/{channel}", response_model=ChannelOut, summary="One channel")
def get_channel(parts: PartsDep, channel: ChannelId) -> Response:
    """A channel without its secrets, and why it is disabled if it is."""
    with reading(parts.engine) as conn:
        return json_response(_shown(_known(conn, channel)))


@router.patch("/{channel}", response_model=ChannelOut, summary="Change a channel")
def patch_channel(parts: PartsDep, channel: ChannelId, body: ChannelChangeIn) -> Response:
    """Another name or config, or switch it off or on again.

    What waits for a channel that is switched off is dead; it stays listed, and can be sent again.
    """
    now = parts.clock()
    with reading(parts.engine) as conn:
        row = _known(conn, channel)
    changes: Row = {} if body.name is None else {"name": body.name}
    if body.config is not None:
        changes["config"] = _checked(KINDS[row["kind"]].config, "config", body.config)
        _check_whole(parts, row["kind"], changes["config"], row["secrets"], now)
    if body.enabled:
        changes |= {"disabled_at": None, "disabled_because": None}
    with writing(parts.engine) as conn:
        if changes and not store.change_channel(conn, channel, **changes):
            raise _name_taken()
        if body.enabled is False:
            store.disable_channel(conn, channel, BY_HAND, now)
        return json_response(_shown(_known(conn, channel)))


@router.delete("/{channel}", response_model=DeletedOut, summary="Delete a channel")
def delete_channel(parts: PartsDep, channel: ChannelId) -> Response:
    """Forget a channel with its address and secrets; its deliveries stay on record.

    Refused (422) while a rule sends through it.
    """
    with writing(parts.engine) as conn:
        _known(conn, channel)
        if rules := store.rules_through(conn, channel):
            raise invalid("channel", f"rules send through it: {', '.join(rules[:5])}")
        store.delete_channel(conn, channel, parts.clock())
    return json_response({"deleted": channel})


@router.post("/{channel}/rotate", response_model=MadeChannelOut, summary="New secrets")
def post_rotation(parts: PartsDep, channel: ChannelId, body: RotationIn | None = None) -> Response:
    """Put new secrets in place of those held; a webhook's may be left out: one is made, also for
    an empty body.

    A webhook is signed with its new and its old secret for ``keep_hours``, so that the receiver
    may change over meanwhile. The answer shows the new secret, this once.
    """
    now, body = parts.clock(), body or RotationIn()
    with writing(parts.engine) as conn:
        row = _known(conn, channel)
        kind = KINDS[row["kind"]]
        given = _checked(kind.secrets, "secrets", body.secrets)
        held = rotated(row["kind"], row["secrets"], given, now, timedelta(hours=body.keep_hours))
        _check_whole(parts, row["kind"], row["config"], held, now)
        store.change_channel(conn, channel, secrets=held)
        row = _known(conn, channel)
    return json_response({**_shown(row), "secret": told_once(row["kind"], held)})


@router.post("/{channel}/test", response_model=QueuedOut, summary="Send a test")
def post_test(parts: PartsDep, channel: ChannelId) -> Response:
    """Send an alert that was made up, and says so, on the way that real ones take."""
    now = parts.clock()
    with writing(parts.engine) as conn:
        row = _known(conn, channel)
        if row["disabled_at"] is not None:
            raise invalid("channel", f"is disabled: {row['disabled_because']}")
        payload = payload_of_test(now, row["name"])
        queued = queue_deliveries(conn, [channel], None, "test", payload, now)
    return json_response({"delivery": queued[0]})


def _known(conn: Connection, id_: str) -> Row:
    row = store.one_channel(conn, id_)
    if row is None:
        raise NotFound(f"channel: there is no channel {id_}")
    return row


def _shown(row: Row) -> Row:
    return {
        **{name: row[name] for name in _SHOWN},
        "secrets": about_secrets(row["kind"], row["secrets"]),
    }


def _checked(model: type[BaseModel], field: str, given: Mapping[str, Any]) -> Row:
    """What was given, as the model of its kind takes it; the problem names each wrong field."""
    try:
        return model.model_validate(given).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        found = [
            from_pydantic({**one, "loc": (field, *one["loc"])})
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        detail = "; ".join(f"{one.field}: {one.message}" for one in found[:5])
        raise Problem(INVALID, detail, found[:100]) from None


def _check_whole(parts: Parts, kind: str, config: Row, held: Row, now: datetime) -> None:
    """Raise Problem (422) for parts that do not go together, or that lead inside."""
    channel = KINDS[kind]
    try:
        channel.write(Parcel("msg_0", "test", config, held, payload_of_test(now, "new")), now)
    except ValueError as error:
        raise invalid("config", str(error)) from None
    field, host, port = channel.address(config, held)
    try:
        check_outside(host, port, parts.private_channels)
    except ValueError as error:
        raise invalid(field, str(error)) from None


def _name_taken() -> Problem:
    message = "another channel has this name"
    return Problem(INVALID, f"name: {message}", [FieldError("name", message)])
