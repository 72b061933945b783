"""What an alert tells: short text for phones, everything for machines, in one shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from risk_service.alerting.group import Start
from risk_service.core.jumps.series import SECTOR
from risk_service.store.upsert import Row

HEADLINE = 160
"""Characters at most, for a phone."""
STORIES, WORDS, TEXT = 3, 6, 400
TITLE = 90
"""Characters of a story's title within a headline, so that the rule's name mostly fits too."""
CHARTED = timedelta(days=90)
"""How much of the past the linked chart shows before an alert."""
UNITS = {
    "jump": "robust scales",
    "confirmed_jump": "robust scales",
    "level": "index points from 50",
    "drift": "sum of robust scales",
    "grave_story": "stories",
    "hour_jump": "robust scales",
    "stale": "hours",
    "model_drift": "PSI",
}


_PREFIXES = {"resolved": "Over: ", "acknowledged": "Seen: "}


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands around an alert when it starts; ``answer`` is the live index, None without."""

    answer: Mapping[str, Any] | None
    stories: Sequence[Row]
    sectors: Sequence[Row]
    past_share: float | None
    public_url: str


def payload_of(rule: Row, direction: str, id_: str, start: Start, scene: Scene) -> Row:
    """The payload of an alert that has just started; under 20 kB of JSON."""
    answer = scene.answer or {}
    return {
        "type": "alert.firing",
        "timestamp": _iso(start.at),
        "data": {
            "alert": {
                "id": id_,
                "state": "firing",
                "severity": rule["severity"],
                "direction": direction,
                "started_at": _iso(start.at),
                "resolved_at": None,
                "acknowledged_by": None,
            },
            "rule": _rule(rule),
            "dyad": rule["dyad"],
            "group": rule["group_key"],
            "headline": headline(rule, direction, start, scene.stories),
            "change": _change(rule, start, scene.past_share),
            "interval": answer.get("interval"),
            "stories": [_story(story) for story in scene.stories[:STORIES]],
            "sectors": list(scene.sectors),
            "links": links(scene.public_url, id_, rule, start.at),
            "versions": dict(answer.get("versions", {})),
        },
    }


def _rule(rule: Row) -> Row:
    told = {name: rule[name] for name in ("id", "name", "series", "threshold")}
    rate, _ = told_false_alarms(rule["false_alarms"])
    return {**told, "kind": rule["rule"]["kind"], "false_alarms": rate}


def _change(rule: Row, start: Start, past_share: float | None) -> Row:
    return {
        "from": _number(start.value_from, 2),
        "to": _number(start.value_to, 2),
        "score": _number(start.score, 3),
        "past_share": past_share,
        "unit": UNITS[rule["rule"]["kind"]],
    }


def told_false_alarms(kept: Row | None) -> tuple[Row | None, str | None]:
    """What a rule keeps of its false alarms, and why where it keeps nothing."""
    if kept is None:
        return None, "they were not asked for"
    return (None, str(kept["unknown_because"])) if "unknown_because" in kept else (kept, None)


def moved_on(payload: Row, act: str, now: datetime, **changes: Any) -> Row:
    """The payload of what became of an alert: resolved or acknowledged."""
    data = payload["data"]
    alert = {**data["alert"], **changes}
    told = data["headline"]
    for before in _PREFIXES.values():
        told = told.removeprefix(before)
    prefix = _PREFIXES.get(act, "")
    return {
        **payload,
        "type": f"alert.{act}",
        "timestamp": _iso(now),
        "data": {**data, "alert": alert, "headline": _cut(prefix + told, HEADLINE)},
    }


def headline(rule: Row, direction: str, start: Start, stories: Sequence[Row] = ()) -> str:
    """One line: how grave, which dyad, what moved; of a grave story its title."""
    kind, days = rule["rule"]["kind"], rule["rule"].get("days")
    series = "" if rule["series"] == "risk" else f" ({rule['series']})"
    to, came = _short(start.value_to), _short(start.value_from)
    moved = f"{came} to {to}" if came else to
    texts = {
        "jump": f"jump to {direction}{series}, {moved} in {days} d",
        "confirmed_jump": f"jump to {direction}{series}, {moved}, markets agree",
        "level": f"{direction} level{series}, now {to}",
        "drift": f"drift to {direction}{series}, now {to}",
        "grave_story": f"grave story of {direction}{_title(stories)}",
        "hour_jump": f"jump to {direction}, {moved} within the hour",
        "stale": f"{rule['rule'].get('what')} not read for {to} h",
        "model_drift": f"the model's scores have drifted, PSI {start.value_to:.2f}",
    }
    if rule["series"].startswith(SECTOR):
        way = "up" if direction == "escalation" else "down"
        texts["jump"] = f"{rule['series'].removeprefix(SECTOR)} {way} over {days} d"
    text = f"{rule['severity'].upper()} {rule['dyad']}: {texts[kind]} [{rule['name']}]"
    return _cut(text, HEADLINE)


def links(public_url: str, alert_id: str, rule: Row, started: datetime) -> Row:
    """Where alert, rule and chart are seen; paths alone where no public address is set.

    ``page`` and ``rule_page`` open them on the page, and ``chart`` is a picture of the index from
    ``CHARTED`` before the start on, for people; the others are the API's.
    """
    base, since = public_url.rstrip("/"), (started - CHARTED).date()
    return {
        "page": f"{base}/#alerts/{alert_id}",
        "rule_page": f"{base}/#alerts/{rule['id']}",
        "alert": f"{base}/v1/alerts/{alert_id}",
        "rule": f"{base}/v1/alerts/rules/{rule['id']}",
        "chart": f"{base}/v1/index/chart.svg?dyad={rule['dyad']}&from={since}",
    }


def _story(story: Row) -> Row:
    return {
        "story_id": story["story_id"],
        "text": _cut(story["text"], TEXT),
        "source": story["source"],
        "url": None if story["url"] is None else story["url"][:1_000],
        "published_at": _iso(story["published_at"]),
        "contribution": story["contribution"],
        "words": [[str(word)[:60], round(float(x), 4)] for word, x in story["words"][:WORDS]],
    }


def _title(stories: Sequence[Row]) -> str:
    """The title of the first story in quotes, cut between words where there is one."""
    if not stories:
        return ""
    title = " ".join(str(stories[0]["text"]).split())
    if len(title) > TITLE:
        whole, _, _ = title[:TITLE].rpartition(" ")
        title = (whole if len(whole) > TITLE // 2 else title[: TITLE - 1]) + "…"
    return f": “{title}”"


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _number(value: float, digits: int) -> float | None:
    return None if math.isnan(value) else round(value, digits)


def _short(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.1f}"
