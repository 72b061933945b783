"""Which days an event's normal returns are estimated from.

Each asset's days without those in event windows stand in one row, closed up, so that every
estimation window is a run of them, however many events lie between its days. A later event never
moves an earlier one's window: its own window begins no sooner, and that window's end lies before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risk_service.core.event_study.study import Study

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Estimation windows as runs of the days that any of them may hold.

    Parameters
    ----------
    days
        Rising rows among the asset's days, also rows before its first and after its last.
    starts
        (events,): where among ``days`` the window begins; it has as many as ``Study.estimation``.
    skipped
        (events,): how many of them, from its begin on, lie too far back and are not used.
    """

    days: Ints
    starts: Ints
    skipped: Ints

    def of(self, events: Ints) -> Spans:
        """The spans of some of the events."""
        return Spans(self.days, self.starts[events], self.skipped[events])

    def rows(self, length: int) -> Ints:
        """Row of each day of each window: (events, length)."""
        rows: Ints = self.days[self.starts[:, None] + np.arange(length)]
        return rows

    def same(self, other: Spans) -> bool:
        """Whether both have the same windows."""
        return (
            np.array_equal(self.starts, other.starts)
            and np.array_equal(self.skipped, other.skipped)
            and np.array_equal(self.days, other.days)
        )


def estimation_spans(rows: Ints, others: Ints | None, length: int, study: Study) -> Spans:
    """The estimation window of each event of an asset.

    Parameters
    ----------
    rows
        (events,): row of day 0, 0 or more.
    others
        Row of day 0 of every event given, -1 for none, whose windows are left out where the study
        says so; None for none at all.
    length
        Days of the asset.
    """
    front = study.reach + study.gap - study.first
    ends = rows + front + study.first - study.gap
    if others is None or not study.clean:
        days = np.arange(-front, length + study.last)
        first = ends - study.estimation
        return Spans(days, first, np.zeros_like(first))
    free = np.ones(front + length + study.last, dtype=bool)
    taken = (others[others >= 0][:, None] + np.array(study.days) + front).ravel()
    free[taken[(taken >= 0) & (taken < len(free))]] = False
    before = np.concatenate([[0], np.cumsum(free)])
    # Days before the asset's first fill up what is missing: they are unknown.
    starts = before[ends] - study.estimation
    lowest = before[ends - study.reach]
    days = np.flatnonzero(free) - front
    return Spans(days, starts, np.maximum(lowest - starts, 0))
