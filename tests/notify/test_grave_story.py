"""A grave story is named in the short text of every channel."""

from __future__ import annotations

from datetime import UTC, datetime
from math import nan
from typing import Any

import orjson
import pytest

from risk_service.alerting.group import Start
from risk_service.alerting.payload import HEADLINE, TITLE, headline, moved_on
from risk_service.notify.contract import Mail
from risk_service.notify.kinds import KINDS
from tests.notify.alerts import NOW, parcel

TITLE_OF_STORY = "Moscow expels twelve American diplomats"
LONG = "Moscow expels twelve American diplomats over " + "a dispute about consulates " * 9
RULE = {
    "name": "Grave news", "dyad": "USA-RUS", "series": "risk", "severity": "critical",
    "rule": {"kind": "grave_story"},
}  # fmt: skip
START = Start("17", datetime(2025, 3, 10, tzinfo=UTC), nan, 1.0, 3.0)
CHANNELS: dict[str, dict[str, Any]] = {
    "webhook": {"config": {"url": "https://desk.example.org"}},
    "slack": {"secrets": {"url": "https://hooks.example.org/services/T/B/X"}},
    "pagerduty": {"config": {"url": "https://events.example.org"}, "secrets": {"routing_key": "R"}},
    "alertmanager": {"config": {"url": "http://am.example.org/"}},
    "email": {"config": {"host": "mail.example.org", "sender": "r@example.org",
                         "to": ["d@example.org"]}},
}  # fmt: skip


def told(text: str, rule: dict[str, Any] = RULE) -> str:
    return headline(rule, "escalation", START, [{"text": text}])


def short_text(kind: str, line: str) -> str:
    """What a phone shows of the alert."""
    written = KINDS[kind].write(parcel(kind, **CHANNELS[kind], headline=line, stories=[]), NOW)
    if isinstance(written, Mail):
        return str(written.message["Subject"])
    body = orjson.loads(written.body)
    return str({
        "webhook": lambda: body["data"]["headline"],
        "slack": lambda: body["blocks"][0]["text"]["text"],
        "pagerduty": lambda: body["payload"]["summary"],
        "alertmanager": lambda: body[0]["annotations"]["summary"],
    }[kind]())  # fmt: skip


def test_the_title_stands_in_the_headline() -> None:
    line = f"CRITICAL USA-RUS: grave story of escalation: “{TITLE_OF_STORY}” [Grave news]"
    assert told(f" {TITLE_OF_STORY}\n") == line
    assert headline(RULE, "escalation", START) == line.replace(f": “{TITLE_OF_STORY}”", "")


def test_a_long_title_is_cut_between_words() -> None:
    line = told(LONG)
    title = line.partition("“")[2].partition("”")[0]
    assert len(line) <= HEADLINE and len(title) <= TITLE + 1
    assert title.endswith("…") and LONG.startswith(title[:-1] + " ")
    assert line.endswith("[Grave news]")
    unbroken = told("x" * 500)
    assert "x" * (TITLE - 1) + "…”" in unbroken and len(unbroken) <= HEADLINE
    assert len(told(LONG, {**RULE, "name": "n" * 100})) <= HEADLINE


@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_names_the_story_in_its_short_text(kind: str) -> None:
    assert TITLE_OF_STORY in short_text(kind, told(TITLE_OF_STORY))
    assert "Moscow expels twelve American diplomats over" in short_text(kind, told(LONG))


def test_what_becomes_of_the_alert_names_it_too() -> None:
    payload = {"data": {"alert": {}, "headline": told(TITLE_OF_STORY)}}
    over = moved_on(payload, "resolved", NOW)["data"]["headline"]
    assert over.startswith("Over: ") and TITLE_OF_STORY in over
