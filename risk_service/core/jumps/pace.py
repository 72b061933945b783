"""How often a series is told, each day or each ten minutes, and what follows for shaken paths."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """A step of a series, and lengths in such steps.

    Parameters
    ----------
    name
        What a step is called.
    a_day
        Steps in a day.
    least
        Known steps whose step before is known too, below which history says too little of how
        often a rule is wrong.
    block
        Mean steps of a block of residuals: four half-lives of news.
    together
        Pairs of steps that are drawn together when habits are found again.
    longest
        Steps of a path at most; what a longer history knows more is left out of the interval.
    """

    name: str
    a_day: int
    least: int
    block: int
    together: int
    longest: int

    @property
    def quarter(self) -> float:
        """Steps in a quarter of a year."""
        return self.a_day * 365.25 / 4


DAILY = Pace("day", 1, least=365, block=28, together=365, longest=3_652)
TEN_MINUTES = Pace(
    "ten minutes", 144, least=90 * 144, block=28 * 144, together=28 * 144, longest=365 * 144
)
"""What jumps of an hour are told from: a year, looked at six times an hour."""
