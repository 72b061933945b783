"""The ``webhooks`` section of the OpenAPI document: what channels of kind webhook are sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header

from risk_service.api.schemas.alert_payload import AlertPayload

webhooks = APIRouter()

_ANSWERS: dict[int | str, dict[str, str]] = {
    200: {"description": "Taken; any status from 200 to 299 says so"},
    410: {"description": "Nothing more is wanted here: the channel is disabled"},
}


@webhooks.post("alert", responses=_ANSWERS, tags=["alerts"], summary="An alert")
def alert(
    body: AlertPayload,
    webhook_id: Annotated[str, Header(description="The same however often it is sent")],
    webhook_timestamp: Annotated[str, Header(description="Seconds since 1970 of this attempt")],
    webhook_signature: Annotated[str, Header(description="v1, and a signature for each secret")],
) -> None:
    """An alert fires, is acknowledged or is over; signed by Standard Webhooks 1.0.0.

    Whatever is not taken is sent again on a schedule of some days, under the same ``webhook-id``.
    """
