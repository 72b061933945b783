"""Kept events as answers: nested for JSON, one flat row each for CSV."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.abstention import abstains
from risk_service.api.filters import DIRECTIONS
from risk_service.store.upsert import Row

_EVENT_FIELDS = (
    "id", "key", "published_at", "text", "source", "url", "received_at", "language", "occurred_on",
    "actor", "recipient", "event_code", "goldstein", "quad_class", "external_id", "origin",
)  # fmt: skip
_SCORE_FIELDS = (
    "model_version", "p_thaw", "p_escalation", "p_neutral", "severity", "act", "basis", "scored_at",
)  # fmt: skip
_FLAT_SCORE = ("direction", "abstains", "words")
_FLAT_RELEVANCE = ("dyad", "directness", "weight", "theme", "story_id")


def kept_event(row: Row) -> Row:
    """A row of ``page_of_events`` with its relevance and its score, or null for either."""
    answer = {name: row[name] for name in _EVENT_FIELDS}
    answer["assessed"] = row["assessed_with"] is not None
    answer["relevance"] = answer["score"] = None
    if row["dyad"] is not None:
        answer["relevance"] = {
            "dyad": row["dyad"],
            "directness": row["directness"],
            "weight": row["relevance"],
            "theme": row["theme"],
            "story_id": row["story_id"],
        }
    if row["p_thaw"] is not None:
        score = {name: row[name] for name in _SCORE_FIELDS}
        most = int(np.argmax([row[f"p_{name}"] for name in DIRECTIONS]))
        answer["score"] = {
            **score,
            "direction": DIRECTIONS[most],
            "abstains": abstains([row[f"p_{name}"] for name in DIRECTIONS]),
            "words": row["contributions"],
        }
    return answer


def flat_events(kept: list[Row]) -> pd.DataFrame:
    """One row an event, relevance and score spread out; words as "word weight; ..."."""
    columns = [*_EVENT_FIELDS, "assessed", *_FLAT_RELEVANCE, *_SCORE_FIELDS, *_FLAT_SCORE]
    rows = [
        {
            **event,
            **(event["relevance"] or {}),
            **(event["score"] or {}),
            "words": "; ".join(f"{w} {x}" for w, x in (event["score"] or {}).get("words", [])),
        }
        for event in kept
    ]
    frame = pd.DataFrame(rows, columns=columns)
    moments = {
        name: pd.to_datetime(frame[name], utc=True)
        for name in ("published_at", "received_at", "scored_at")
    }
    whole = {name: frame[name].astype("Int64") for name in ("quad_class", "story_id")}
    days = {"occurred_on": frame["occurred_on"].map(str, na_action="ignore")}
    return frame.assign(**moments, **whole, **days)
