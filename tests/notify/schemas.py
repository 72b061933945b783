"""What receivers take, written down from what they publish.

- ``ALERTMANAGER``: ``postableAlerts`` of prometheus/alertmanager, ``api/v2/openapi.yaml``.
- ``PAGERDUTY``: the body of ``POST /enqueue`` of PagerDuty/api-schema,
  ``reference/events-v2/openapiv3.json``; the two lengths from the guide "Send an alert event".
- ``SLACK``: the limits of docs.slack.dev, "Blocks" (header, section, context, actions), "Text
  object" and "Button element", and "Sending messages using incoming webhooks". Slack publishes no
  schema; kinds of block that we do not send are left out.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_LABELS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
ALERTMANAGER: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "startsAt": {"type": "string", "format": "date-time"},
            "endsAt": {"type": "string", "format": "date-time"},
            "annotations": _LABELS,
            "labels": _LABELS,
            "generatorURL": {"type": "string", "format": "uri"},
        },
        "required": ["labels"],
        "additionalProperties": False,
    },
}

_URL: Schema = {"type": "string", "pattern": "^https?://"}
PAGERDUTY: Schema = {
    "type": "object",
    "properties": {
        "payload": {
            "type": "object",
            "properties": {
                "summary": {"type": "string", "maxLength": 1024},
                "timestamp": {"type": "string", "format": "date-time"},
                "severity": {"enum": ["critical", "warning", "error", "info"]},
                "source": {"type": "string"},
                "component": {"type": "string"},
                "group": {"type": "string"},
                "class": {"type": "string"},
                "custom_details": {"type": "object"},
            },
            "required": ["summary", "severity", "source"],
            "additionalProperties": False,
        },
        "routing_key": {"type": "string"},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "maxLength": 255},
        "client": {"type": "string"},
        "client_url": _URL,
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"href": _URL, "text": {"type": "string"}},
                "required": ["href"],
            },
        },
    },
    "required": ["routing_key", "event_action"],
    "additionalProperties": False,
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
    "else": {"required": ["dedup_key"]},
}


def _text(kind: str, most: int) -> Schema:
    return {
        "type": "object",
        "properties": {
            "type": {"const": kind},
            "text": {"type": "string", "minLength": 1, "maxLength": most},
            **({"emoji": {"type": "boolean"}} if kind == "plain_text" else {}),
        },
        "required": ["type", "text"],
        "additionalProperties": False,
    }


def _block(kind: str, required: list[str], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"type": {"const": kind}, **properties},
        "required": ["type", *required],
        "additionalProperties": False,
    }


def _list(most: int, of: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": of}


_BUTTON = {
    "type": "object",
    "properties": {
        "type": {"const": "button"},
        "text": _text("plain_text", 75),
        "url": {**_URL, "maxLength": 3000},
        "action_id": {"type": "string", "maxLength": 255},
    },
    "required": ["type", "text"],
    "additionalProperties": False,
}
SLACK: Schema = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
        "blocks": _list(
            50,
            {
                "oneOf": [
                    _block("header", ["text"], text=_text("plain_text", 150)),
                    _block("section", ["text"], text=_text("mrkdwn", 3000)),
                    _block("section", ["fields"], fields=_list(10, _text("mrkdwn", 2000))),
                    _block("context", ["elements"], elements=_list(10, _text("mrkdwn", 3000))),
                    _block("actions", ["elements"], elements=_list(25, _BUTTON)),
                ]
            },
        ),
    },
    "required": ["text", "blocks"],
    "additionalProperties": False,
}
