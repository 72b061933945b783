"""The live answer in a shape that is not ours, as the tools of others want it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from risk_service.api.deps import Parts, held_answer, standing
from risk_service.api.formats import json_response, tagged, unchanged
from risk_service.store.engine import reading


def live_as(request: Request, parts: Parts, dyad: str, shape: Callable[[Any], object]) -> Response:
    """What ``shape`` makes of the live answer, or 304 where the caller holds it."""
    held = held_answer(parts, dyad)
    with reading(parts.engine) as conn:
        headers = tagged(request, standing(conn, parts, dyad, parts.clock()), held.etag)
    if (same := unchanged(request, headers)) is not None:
        return same
    return json_response(shape(orjson.loads(held.body)), headers)
