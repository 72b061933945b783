"""The challenger beside the champion: it scores in shadow, and how the two differ is told.

What it says feeds no index. It is compared on the events that both have scored, and the index is
computed with either on those alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine

from models.classifier import Classifier
from models.registry import BadArtifact, load
from risk_service.assess import score_rows
from risk_service.core.method import Method
from risk_service.core.shadow import compare_events, count_differences, index_with_both
from risk_service.desk import Desk
from risk_service.desks import Desks
from risk_service.errors import NoModel
from risk_service.settle import STORY_REACH, end_of
from risk_service.store.engine import reading, writing
from risk_service.store.models import challenger_version
from risk_service.store.shadow import (
    events_scored_by,
    save_shadow_scores,
    texts_of,
    unshadowed_events,
)
from risk_service.store.upsert import Row

BATCH = 100
"""Events scored between two short transactions."""
MOST_AT_ONCE = 5_000
"""Events of one turn; what is left is the next one's."""
DAYS_TOLD = 60
EVENTS_TOLD = 20


@dataclass(slots=True)
class Shadow:
    """The chore: called now and again, it lets the challenger score what the champion has.

    That is new events, and of the past as much as the index of today is made of, so that the two
    can be compared at once. The model is opened once, and again when another is challenger.
    """

    engine: Engine
    desks: Desks
    models_dir: Path | None
    opened: Classifier | None = None

    def __call__(self, now: datetime) -> int:
        """Score at most ``MOST_AT_ONCE`` events, the newest first; returns how many.

        Raises
        ------
        NoModel
            When the challenger cannot be opened; the champion is not touched by it.
        """
        with reading(self.engine) as conn:
            version = challenger_version(conn)
        if version is None:
            self.opened = None
            return 0
        if self.opened is None or self.opened.version != version:
            try:
                self.opened = load(version, self.models_dir)
            except BadArtifact as error:
                raise NoModel(f"challenger: {error}") from error
        return shadow_score(self.engine, self.desks.index, self.opened, now)


def shadow_score(engine: Engine, desk: Desk, challenger: Classifier, now: datetime) -> int:
    """Let a challenger score what the desk's model has scored of the index's window up to now.

    Returns how many events it scored; at most ``MOST_AT_ONCE``. Safe to repeat.
    """
    since = now - desk.method.window - STORY_REACH
    shadow, done = replace(desk, classifier=challenger), 0
    while done < MOST_AT_ONCE:
        with reading(engine) as conn:
            found = unshadowed_events(
                conn, desk.classifier.version, challenger.version, since, BATCH
            )
        rows = score_rows(shadow, dict(found), now)
        with writing(engine) as conn:
            save_shadow_scores(conn, rows)
        done += len(rows)
        # An event that nothing can be made of would come again and again.
        if len(rows) < BATCH:
            break
    return done


def shadow_difference(
    conn: Connection,
    method: Method,
    dyad: str,
    a: str,
    b: str,
    now: datetime,
    days: int = DAYS_TOLD,
) -> Row | None:
    """Where two versions differ on the events that both have scored, in the index or in shadow.

    Parameters
    ----------
    a, b
        Versions; usually the champion and the challenger.
    days
        So many days before ``now`` are looked at: events published in them, and the index at their
        ends.

    Returns
    -------
    dict or None
        Plain data: ``since``, ``events``, ``weight``, ``changed``, ``changed_weight``,
        ``opposite``, ``opposite_weight``, ``mean_difference`` (see ``core.shadow.Differences``);
        ``largest``, the events that differ most; ``days``, the index with either, of the days
        whose news both have scored. None where they have no event in common.
    """
    last = (now - timedelta(days=1)).date()
    since = end_of(last - timedelta(days=days))
    reach = since - method.window - STORY_REACH
    first, second = (events_scored_by(conn, dyad, version, reach, now) for version in (a, b))
    table = _published_since(since, first, compare_events(first, second, method))
    if table.empty:
        return None
    return {
        "since": since,
        **asdict(count_differences(table)),
        "largest": _largest(conn, table.head(EVENTS_TOLD)),
        "days": _days(first, second, since, end_of(last), method),
    }


def _published_since(since: datetime, events: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    recent = set(events.loc[events["published_at"] >= since, "event_id"])
    return compared[compared["event_id"].isin(recent)]


def _largest(conn: Connection, table: pd.DataFrame) -> list[Row]:
    texts = texts_of(conn, [int(id_) for id_ in table["event_id"]])
    return [
        {
            "event_id": int(row["event_id"]),
            **{str(name): value for name, value in texts[int(row["event_id"])].items()},
            "weight": round(float(row["weight"]), 6),
            "a": row["a"],
            "b": row["b"],
            "net_a": round(float(row["net_a"]), 6),
            "net_b": round(float(row["net_b"]), 6),
        }
        for row in table.to_dict("records")
    ]


def _days(
    first: pd.DataFrame, second: pd.DataFrame, since: datetime, until: datetime, method: Method
) -> list[Row]:
    """The index with either, at the end of each day after ``since`` up to ``until``."""
    ends = pd.date_range(since + timedelta(days=1), until, freq="D")
    table = index_with_both(first, second, ends, method)
    return [
        {
            "day": (pd.Timestamp(moment) - timedelta(days=1)).date(),
            **{str(name): round(float(value), 6) for name, value in row.items()},
        }
        for moment, row in zip(table.index, table.to_dict("records"), strict=True)
    ]
