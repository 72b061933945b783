"""What a study is asked for: its windows, its model of the expected return, its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Overlap = Literal["merge", "drop"]

REACH = 2
"""How many times its own length the estimation window may reach back for days without events."""


@dataclass(frozen=True, slots=True)
class Study:
    """The parameters of an event study, all in trading days of each asset's own market.

    Day 0 of an event is the first close strictly after the moment it was knowable
    (``core/price_join.py``). The event window runs from day ``first`` to day ``last``, both in it;
    the estimation window has ``estimation`` days and ends ``gap`` days before day ``first``.

    Parameters
    ----------
    first, last
        Ends of the event window; first <= 0 <= last.
    estimation
        Days of the estimation window, 20 to 2,000.
    least
        Fewest known returns in it, or the asset is dropped for that event; at most ``estimation``
        and at least four more than there are controls.
    gap
        Days between the two windows, from 0 on.
    clean
        Whether the estimation window leaves out days in event windows of other events given, on
        the same asset, so that what is normal holds no effect of theirs. It is then of the last
        ``estimation`` days outside them, and reaches back at most ``reach`` days; with fewer than
        ``least`` known ones the asset is dropped for that event.
    controls
        Columns that explain the expected return: none is the constant-mean model, the market alone
        is the market model, more make a multi-factor model. They need to be controls of the assets.
    overlap
        What becomes of events whose event windows share a day on any asset. ``merge``: they count
        as one event, dated at the first of them; so do the further ones until its window is past.
        ``drop``: all of them are left out. Events with the same day 0 on every asset are one event
        under either rule.
    draws
        Resamples of the bootstrap, 99 to 100,000.
    level
        Probability of the intervals, above 0.5 and below 1.
    seed
        Of the bootstrap; the same seed gives the same interval on every machine.

    Raises
    ------
    ValueError
        Naming the field.
    """

    first: int = -1
    last: int = 5
    estimation: int = 250
    least: int = 120
    gap: int = 10
    controls: tuple[str, ...] = ("SPY",)
    overlap: Overlap = "merge"
    draws: int = 1999
    level: float = 0.95
    seed: int = 0
    clean: bool = True

    def __post_init__(self) -> None:
        if not -250 <= self.first <= 0:
            raise ValueError(f"first: {self.first} is not within -250 to 0")
        if not 0 <= self.last <= 250:
            raise ValueError(f"last: {self.last} is not within 0 to 250")
        if not 20 <= self.estimation <= 2000:
            raise ValueError(f"estimation: {self.estimation} is not within 20 to 2,000")
        if not len(self.controls) + 4 <= self.least <= self.estimation:
            raise ValueError(
                f"least: {self.least} is not within {len(self.controls) + 4} to {self.estimation}"
            )
        if not 0 <= self.gap <= 250:
            raise ValueError(f"gap: {self.gap} is not within 0 to 250")
        if len(set(self.controls)) < len(self.controls):
            raise ValueError(f"controls: {list(self.controls)} names one twice")
        if self.overlap not in get_args(Overlap):
            raise ValueError(f"overlap: {self.overlap!r} is not one of {list(get_args(Overlap))}")
        if not 99 <= self.draws <= 100_000:
            raise ValueError(f"draws: {self.draws} is not within 99 to 100,000")
        if not 0.5 < self.level < 1:
            raise ValueError(f"level: {self.level} is not between 0.5 and 1")

    @property
    def days(self) -> tuple[int, ...]:
        """Days of the event window, relative to day 0."""
        return tuple(range(self.first, self.last + 1))

    @property
    def reach(self) -> int:
        """Days before ``gap`` from which the estimation window may take its own."""
        return self.estimation * (REACH if self.clean else 1)

    @property
    def model(self) -> str:
        """``constant mean``, ``market`` or ``multi-factor``, by the number of controls."""
        return (
            ("constant mean", "market")[len(self.controls)]
            if len(self.controls) < 2
            else ("multi-factor")
        )
