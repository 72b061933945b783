"""When a delivery that failed is tried again: the schedule of Standard Webhooks 1.0.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

WAITS = (
    timedelta(0), timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30),
    timedelta(hours=2), timedelta(hours=5), timedelta(hours=10), timedelta(hours=14),
    timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
"""Waited before each attempt, since the failure of the one before."""
THROTTLED = timedelta(seconds=30)
"""The least rest of a receiver that is under load."""
LONGEST_ASKED = timedelta(days=1)
"""A longer Retry-After is not believed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """``waits`` before each attempt, the first included; each up to ``jitter`` of itself longer."""

    waits: tuple[timedelta, ...] = WAITS
    jitter: float = 0.2

    def rest(
        self, attempts: int, luck: float, asked: timedelta | None = None, throttle: bool = False
    ) -> timedelta | None:
        """How long to wait after so many attempts, the last of which failed; None: give up.

        Parameters
        ----------
        attempts
            From 1 on.
        luck
            From 0 to 1, drawn anew each time: many deliveries that failed together must not come
            back together.
        asked
            What Retry-After asks for: waited at least, a day at most.

        Examples
        --------
        >>> [Schedule().rest(n, 0.0) // timedelta(seconds=1) for n in (1, 2, 9)]
        [5, 300, 86400]
        >>> Schedule().rest(1, 1.0, timedelta(minutes=2)) // timedelta(seconds=1)
        144
        >>> Schedule().rest(10, 0.0) is None
        True
        """
        if attempts >= len(self.waits):
            return None
        wait = self.waits[attempts]
        least = THROTTLED if throttle else timedelta(0)
        asked = min(asked or least, LONGEST_ASKED)
        rest = max(wait, asked, least)
        return rest + self.jitter * luck * rest


STANDARD = Schedule()
