"""Stories as the stream tells them, with the score of their first report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from risk_service.store.events import story_heads
from risk_service.store.stream import Entry, append
from risk_service.store.tables import relevances
from risk_service.store.upsert import Row

LONGEST_TEXT = 500
"""Characters of a text that are told; the whole stands at ``/v1/events/{id}``."""


def tell_stories(
    conn: Connection, dyad: str, model: str, stories: Mapping[int, bool], now: datetime
) -> None:
    """Tell stories by id, each new (True) or with new reports; what they add is not known yet.

    Call it last in a transaction, as ``append``.
    """
    if not stories:
        return
    heads = story_heads(conn, list(stories), model)
    counts = (
        select(relevances.c.story_id, func.count().label("reports"), func.min(relevances.c.theme))
        .where(relevances.c.dyad == dyad, relevances.c.story_id.in_(list(stories)))
        .group_by(relevances.c.story_id)
        .order_by(relevances.c.story_id)
    )
    told = [
        {**_head(heads[story]), "theme": theme, "reports": reports, "contribution": None,
         "why": "new" if stories[story] else "report"}
        for story, reports, theme in conn.execute(counts)
    ]  # fmt: skip
    append(conn, [story_entry(dyad, one) for one in told], now)


def story_entry(dyad: str, story: Mapping[str, Any]) -> Entry:
    """The entry of a story."""
    return Entry("story", dyad, str(story["story_id"]), {"dyad": dyad, **story})


def _head(head: Row) -> Row:
    scored = head["p_thaw"] is not None
    return {
        "story_id": head["id"],
        "text": shortened(head["text"] or f"coded event {head['event_code']}"),
        "source": head["source"],
        "url": head["url"],
        "published_at": head["published_at"],
        "direction": direction_of(head) if scored else None,
        "p_thaw": round(head["p_thaw"], 4) if scored else None,
        "p_escalation": round(head["p_escalation"], 4) if scored else None,
        "severity": round(head["severity"], 2) if scored else None,
    }


def direction_of(scores: Mapping[str, Any]) -> str | None:
    """The most probable direction; None where there is no score.

    >>> direction_of({"p_thaw": 0.2, "p_escalation": 0.5}), direction_of({"p_thaw": None})
    ('escalation', None)
    """
    if scores["p_thaw"] is None:
        return None
    thaw, escalation = scores["p_thaw"], scores["p_escalation"]
    shares = {"thaw": thaw, "escalation": escalation, "neutral": 1 - thaw - escalation}
    return max(shares, key=lambda name: shares[name])


def shortened(text: str) -> str:
    """A text of at most ``LONGEST_TEXT`` characters."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
