"""How seldom a score was as high on the days before."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection

from risk_service.alerting.book import Watch
from risk_service.alerting.group import Start
from risk_service.alerting.series import settled_of
from risk_service.core.jumps import SIGNS, Drift, Known, Rule, scores
from risk_service.core.jumps.baseline import Floats
from risk_service.core.jumps.series import SECTOR


class PastScores:
    """What was held against thresholds on settled days, kept while no further day settles."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], Floats] = {}

    def share(self, conn: Connection, watch: Watch, start: Start) -> float | None:
        """Share of the settled days before on which the score was at least as high."""
        rule, row = watch.inner, watch.row
        if rule is None or row["series"].startswith(SECTOR):
            return None
        what = str({**row["rule"], "dwell": 0, "hold": 0, "cooldown": 0, "direction": None})
        key = (row["dyad"], row["series"], what, watch.direction, watch.judged_until)
        if key not in self._held:
            if len(self._held) > 1_000:
                self._held.clear()
            self._held[key] = _read(conn, watch, rule)
        past = self._held[key]
        return None if len(past) == 0 else round(float((past >= start.score).mean()), 6)


def _read(conn: Connection, watch: Watch, rule: Rule) -> Floats:
    settled = settled_of(conn, watch.row["dyad"], watch.row["series"], None)
    if settled is None:
        return np.empty(0)
    towards = SIGNS[watch.direction] * _scores(rule, settled.known)
    if isinstance(rule, Drift):
        towards = _summed(towards, rule.allowance, watch.row["threshold"])
    known: Floats = towards[~np.isnan(towards)]
    return known


def _scores(rule: Rule, known: Known) -> Floats:
    signed: Floats = scores(rule, known)[:, 0]
    return signed


def _summed(towards: Floats, allowance: float, threshold: float) -> Floats:
    """The CUSUM of a day's scores, begun anew wherever it reaches the threshold."""
    total, found = 0.0, np.full(len(towards), np.nan)
    for day, score in enumerate(towards.tolist()):
        if score == score:
            total = max(0.0, total + score - allowance)
            found[day] = total
            total = 0.0 if total >= threshold else total
    return found
