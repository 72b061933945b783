"""An alert in words, for channels that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ACTS = {"firing": "Firing", "acknowledged": "Acknowledged", "resolved": "Resolved", "test": "Test"}
_LINKS = {"Chart": ("chart",), "Alert": ("page", "alert"), "Rule": ("rule_page", "rule")}
"""Of each the address on the page, for people, else the API's."""

Payload = Mapping[str, Any]


def clipped(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis.

    >>> clipped("thaw or escalation", 8)
    'thaw or…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def headline(payload: Payload) -> str:
    """The one line for phones."""
    return str(payload["data"].get("headline") or "Alert")


def part(payload: Payload, name: str) -> dict[str, Any]:
    """A part of the data such as ``rule``; empty where it is missing or null."""
    return dict(payload["data"].get(name) or {})


def facts(payload: Payload) -> list[tuple[str, str]]:
    """Name and value of what is known: what moved, from where to where, how unusual."""
    alert, rule = part(payload, "alert"), part(payload, "rule")
    found = [
        ("Severity", alert.get("severity")),
        ("Series", " ".join(filter(None, [payload["data"].get("dyad"), rule.get("series")]))),
        ("Change", _change(part(payload, "change"))),
        ("How unusual", _unusual(part(payload, "change"))),
        ("Interval", _interval(part(payload, "interval"))),
        ("Since", alert.get("started_at")),
        ("Resolved", alert.get("resolved_at")),
        ("Acknowledged by", alert.get("acknowledged_by")),
    ]
    return [(name, str(value)) for name, value in found if value]


def stories(payload: Payload) -> list[dict[str, Any]]:
    """The stories that moved it, at most three."""
    return list(payload["data"].get("stories") or [])[:3]


def story_words(story: Mapping[str, Any]) -> str:
    """What of a story moved it, such as ``+9.1: seizes, tanker``."""
    pushed = story.get("contribution")
    words = ", ".join(_words(story))
    return ": ".join(filter(None, ["" if pushed is None else f"{pushed:+.1f}", words]))


def sector_lines(payload: Payload) -> list[str]:
    """How each sector has reacted so far."""
    return list(_sectors(payload))


def web_links(payload: Payload) -> list[tuple[str, str]]:
    """Name and address of the links that are whole addresses; paths alone lead nowhere outside."""
    known = part(payload, "links")
    whole = {
        key: str(url) for key, url in known.items() if str(url).startswith(("http://", "https://"))
    }
    found = {name: [whole[key] for key in keys if key in whole] for name, keys in _LINKS.items()}
    return [(name, urls[0]) for name, urls in found.items() if urls]


def first_link(payload: Payload) -> str | None:
    """The address of the alert, else of anything of it."""
    links = dict(web_links(payload))
    return links.get("Alert") or next(iter(links.values()), None)


def _change(change: Mapping[str, Any]) -> str | None:
    old, new = change.get("from"), change.get("to")
    if new is None:
        return None
    return _number(new) if old is None else f"{_number(old)} → {_number(new)}"


def _unusual(change: Mapping[str, Any]) -> str | None:
    score, share = change.get("score"), change.get("past_share")
    told = [] if score is None else [f"{score:.1f} {change.get('unit') or ''}".rstrip()]
    if share is not None:
        told.append(f"reached on {100 * share:.1f} % of the days before")
    return ", ".join(told) or None


def _interval(interval: Mapping[str, Any]) -> str | None:
    low, high, level = (interval.get(name) for name in ("low", "high", "level"))
    if low is None or high is None:
        return None
    return f"{_number(low)} to {_number(high)}" + ("" if level is None else f" ({level:.0%})")


def _words(story: Mapping[str, Any]) -> Iterator[str]:
    for word in list(story.get("words") or [])[:6]:
        yield str(word[0] if isinstance(word, list | tuple) else word)


def _sectors(payload: Payload) -> Iterator[str]:
    for one in payload["data"].get("sectors") or []:
        moves = [
            f"{name.replace('_', ' ')} {one[name]:+.2%}"
            for name in ("return", "abnormal_return")
            if one.get(name) is not None
        ]
        if moves:
            yield f"{one.get('sector')}: {', '.join(moves)}"


def _number(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
