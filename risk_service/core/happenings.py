"""Happenings: one for each story, with its score as it was known, and those a study is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

import numpy as np
import pandas as pd

Direction = Literal["thaw", "escalation"]
Origin = Literal["all", "chronology", "live"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
HAPPENING_COLUMNS = (
    "event_id", "published_at", "text", "source", "origin", "theme", "directness",
    "model_version", "p_thaw", "p_escalation", "p_neutral", "severity", "scored_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which happenings are studied; None asks nothing.

    Parameters
    ----------
    directions
        Those whose probability is the greatest of three; each is studied apart.
    min_severity
        Least severity, 1 (words) to 3 (force).
    theme, directness
        As the gazetteer tells them.
    since, until
        Publication, [since, until), aware.
    origin
        The bundled ``chronology``, what came ``live`` (all else), or ``all``.
    min_surprise
        Least surprise (``core/surprise.py``); a happening whose surprise is unknown has none.
    """

    directions: tuple[Direction, ...] = DIRECTIONS
    min_severity: float | None = None
    theme: str | None = None
    directness: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    origin: Origin = "all"
    min_surprise: float | None = None


def as_known(scored: pd.DataFrame, model_version: str, as_of: datetime | None) -> pd.DataFrame:
    """One score for each happening.

    Parameters
    ----------
    scored
        Columns ``HAPPENING_COLUMNS``, one row for each happening and model.
    model_version
        The model served now.
    as_of
        Aware. With it, what was published later is left out, and of the scores the newest made by
        then counts. A happening that no model had scored by then has the served model's score.

    Returns
    -------
    DataFrame in order of publication
        The same columns, each happening once, and ``reconstructed``: whether its score was made
        more than a day after it was published, so that nobody could have read it then.
    """
    if as_of is not None:
        scored = scored[scored["published_at"] <= as_of]
    served = scored["model_version"] == model_version
    early = pd.Series(False, index=scored.index) if as_of is None else scored["scored_at"] <= as_of
    ranked = scored.assign(early=early, served=served)[early | served]
    ranked = ranked.sort_values(["published_at", "event_id", "early", "scored_at", "served"])
    chosen = ranked.drop_duplicates("event_id", keep="last").drop(columns=["early", "served"])
    late = chosen["scored_at"] - chosen["published_at"] > pd.Timedelta(days=1)
    return chosen.assign(reconstructed=late).reset_index(drop=True)


def direction_of(happenings: pd.DataFrame) -> pd.Series[str]:
    """The most probable of thaw, escalation and neutral; the first of equals."""
    names = ("thaw", "escalation", "neutral")
    values = happenings[[f"p_{name}" for name in names]].to_numpy(dtype=np.float64)
    most = values.argmax(axis=1) if len(values) else np.array([], dtype=int)
    return pd.Series(np.array(names, dtype=object)[most], index=happenings.index, dtype=object)


def choose(happenings: pd.DataFrame, wanted: Wanted) -> dict[str, pd.DataFrame]:
    """The wanted happenings of each direction, apart; frames may be empty.

    ``min_surprise`` needs a column ``surprise`` besides those of ``as_known``.
    """
    fits = pd.Series(True, index=happenings.index)
    for name, least in (("severity", wanted.min_severity), ("surprise", wanted.min_surprise)):
        if least is not None:
            fits &= happenings[name] >= least
    for name, value in (("theme", wanted.theme), ("directness", wanted.directness)):
        if value is not None:
            fits &= happenings[name] == value
    if wanted.since is not None:
        fits &= happenings["published_at"] >= wanted.since
    if wanted.until is not None:
        fits &= happenings["published_at"] < wanted.until
    if wanted.origin != "all":
        fits &= (happenings["origin"] == "chronology") == (wanted.origin == "chronology")
    leaning = direction_of(happenings)
    return {
        one: happenings[fits & (leaning == one)].reset_index(drop=True) for one in wanted.directions
    }
