"""Cursors: the place of the last row of a page, as text that a caller hands back as it is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import Request

from risk_service.api.problems import Problem, invalid


def next_address(request: Request, place: Sequence[object]) -> str:
    """Address of the page after the one whose last row stands at ``place``, filters kept."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    cursor = base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")
    return f"{request.url.path}?{urlencode([*pairs, ('cursor', cursor)])}"


def place_in(cursor: str) -> list[Any]:
    """The place a cursor names; Problem (422) for one that is none of ours."""
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise strange_cursor() from None
    if not isinstance(place, list):
        raise strange_cursor()
    return place


def dated_place(cursor: str, names: int) -> tuple[datetime, list[str]]:
    """The moment and so many texts that a cursor names; Problem (422) for one that is not ours."""
    place = place_in(cursor)
    try:
        moment, *told = place
        if len(told) != names or not all(isinstance(one, str) for one in told):
            raise ValueError("names")
        if "\x00" in "".join(told):
            raise ValueError("names")
        return moment_in(moment), told
    except (ValueError, OverflowError):
        raise strange_cursor() from None


def next_link(following: str | None) -> dict[str, str]:
    """The header that names the next page, where there is one."""
    return {} if following is None else {"Link": f'<{following}>; rel="next"'}


def moment_in(value: object) -> datetime:
    """A moment of a place; ValueError where it is none."""
    if not isinstance(value, str):
        raise ValueError("is not a moment")
    return datetime.fromisoformat(value).astimezone(UTC)


def strange_cursor() -> Problem:
    """The problem of a cursor that this service did not give."""
    return invalid("cursor", "is not one that this service gave")
