"""What an alert owner's desk does beside the page: asks the API, posts news, reads what came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.web.chromium import Looked
from tests.wire import Wire


def api(room: Looked, path: str, method: str = "GET") -> Any:
    answer = httpx.request(method, room.url + path, headers={"X-API-Key": room.key}, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rules(room: Looked) -> list[dict[str, Any]]:
    return list(api(room, "/v1/alerts/rules")["rules"])


def told(wire: Wire, act: str) -> list[dict[str, Any]]:
    """Payloads of one act that came, oldest first."""
    bodies = [orjson.loads(asked.body) for asked in wire.asked_for("/hook")]
    return [body for body in bodies if body["type"] == f"alert.{act}"]


def section(page: Page, name: str) -> Locator:
    return page.locator("section.card", has=page.get_by_role("heading", name=name, exact=True))


def told_row(page: Page) -> Locator:
    return section(page, "What they told").locator("li").first


def post_grave_story(room: Looked, place: str) -> None:
    text = f"American and Russian envoys fire missiles at the port of {place}"
    event = {"published_at": datetime.now(UTC).isoformat(), "source": "Wire", "text": text}
    assert room.service.post(event, room.key).status_code in (200, 201)


def grave(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [
        (one["id"], one["nodes"][0]["html"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
