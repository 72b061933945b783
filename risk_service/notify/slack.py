"""Slack by incoming webhook, in Block Kit (docs.slack.dev, "Incoming webhooks", "Blocks").

Limits by those documents: 50 blocks, a header of 150 characters, a section of 3,000 and ten fields
of 2,000, ten elements of context, buttons of 75 with an address of 3,000.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from risk_service.notify.addresses import WebAddress, web_target
from risk_service.notify.contract import Channel, Parcel, Post
from risk_service.notify.http_answer import strict_answer
from risk_service.notify.wording import (
    ACTS,
    clipped,
    facts,
    headline,
    part,
    sector_lines,
    stories,
    story_words,
    web_links,
)

Block = dict[str, Any]
HEADER, SECTION, FIELD, BUTTON_URL = 150, 3_000, 2_000, 3_000


class SlackConfig(BaseModel):
    """Slack's webhook knows its workspace and channel; there is nothing to set."""

    model_config = ConfigDict(extra="forbid")


class SlackSecrets(BaseModel):
    """The address of an incoming webhook: whoever has it can post."""

    model_config = ConfigDict(extra="forbid")

    url: WebAddress = Field(examples=["https://hooks.slack.com/services/T000/B000/XXXX"])


def write(parcel: Parcel, now: datetime) -> Post:
    """Blocks for the screen, and ``text`` for phones."""
    payload = parcel.payload
    line = f"{ACTS[parcel.act]}: {headline(payload)}"
    blocks = [
        {"type": "header", "text": _plain(line, HEADER)},
        *_facts(payload),
        *_sections("What moved it", [_story(story) for story in stories(payload)]),
        *_sections("Sectors so far", [escaped(one) for one in sector_lines(payload)]),
        {"type": "context", "elements": [_mrkdwn(_origin(payload, parcel.id), SECTION)]},
        *_buttons(payload),
    ]
    body = orjson.dumps({"text": escaped(clipped(line, SECTION)), "blocks": blocks})
    return Post(str(parcel.secrets["url"]), body, {"content-type": "application/json"})


def escaped(text: str) -> str:
    """Text in which Slack sees no link, mention or mark-up of its own.

    >>> escaped("<!channel> & all")
    '&lt;!channel&gt; &amp; all'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": clipped(text, most), "emoji": False}


def _mrkdwn(text: str, most: int) -> Block:
    return {"type": "mrkdwn", "text": text if len(text) <= most else text[: most - 1] + "…"}


def _facts(payload: Mapping[str, Any]) -> list[Block]:
    fields = [
        _mrkdwn(f"*{escaped(name)}*\n{escaped(clipped(value, 300))}", FIELD)
        for name, value in facts(payload)[:10]
    ]
    return [{"type": "section", "fields": fields}] if fields else []


def _sections(title: str, lines: list[str]) -> list[Block]:
    if not lines:
        return []
    return [{"type": "section", "text": _mrkdwn("\n".join([f"*{title}*", *lines]), SECTION)}]


def _story(story: Mapping[str, Any]) -> str:
    text = escaped(clipped(" ".join(str(story.get("text") or "").split()), 300))
    url = str(story.get("url") or "")
    if url.startswith(("http://", "https://")) and not set(url) & set("<>| ") and len(url) < 400:
        text = f"<{escaped(url)}|{text}>"
    told = [str(story.get("source") or ""), story_words(story)]
    return f"• {text} {escaped(clipped(', '.join(filter(None, told)), 200))}".rstrip()


def _origin(payload: Mapping[str, Any], id_: str) -> str:
    rule = part(payload, "rule")
    versions = ", ".join(f"{k} {v}" for k, v in part(payload, "versions").items())
    told = [f"Rule {rule['name']}" if rule.get("name") else "", versions, id_]
    return escaped(clipped(" · ".join(filter(None, told)), 500))


def _buttons(payload: Mapping[str, Any]) -> list[Block]:
    buttons = [
        {"type": "button", "text": _plain(name, 75), "url": url, "action_id": name.lower()}
        for name, url in web_links(payload)
        if len(url) <= BUTTON_URL
    ]
    return [{"type": "actions", "elements": buttons}] if buttons else []


SLACK = Channel("slack", SlackConfig, SlackSecrets, write, strict_answer, web_target("secrets.url"))
