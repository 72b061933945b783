"""Every kind of channel by its name."""

from __future__ import annotations

from risk_service.notify.alertmanager import ALERTMANAGER
from risk_service.notify.contract import Channel
from risk_service.notify.email import EMAIL
from risk_service.notify.pagerduty import PAGERDUTY
from risk_service.notify.slack import SLACK
from risk_service.notify.webhook import WEBHOOK

KINDS: dict[str, Channel] = {
    channel.kind: channel for channel in (WEBHOOK, SLACK, PAGERDUTY, ALERTMANAGER, EMAIL)
}
