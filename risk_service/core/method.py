"""The parameters of the index, declared once, with a version that every answer carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Method:
    """How scored events become an index; ``docs/methodology.md`` gives the reasons.

    Parameters
    ----------
    version
        Moves whenever any number below or a formula of ``core/index.py`` does.
    half_life
        Time after which a report weighs half: one news week.
    window
        Age after which a report weighs nothing: eight half-lives (2^-8, under 0.4 %).
    prior_stories
        Pseudo-stories of unknown direction that thin news is weighed against (kappa).
    neutral_mass
        Mass of a certainly neutral report, where an act of severity s weighs s.
    replicates, interval
        Draws of the resampling over stories, and the share of them within the interval.
    base_from, base_to
        Base period of ``escalation_index`` and ``thaw_index`` (100 = its mean), both included.
    starts
        First day of the index.
    """

    version: str = "2026.1"
    half_life: timedelta = timedelta(days=7)
    window: timedelta = timedelta(days=56)
    prior_stories: int = 2
    neutral_mass: float = 0.25
    replicates: int = 200
    interval: float = 0.9
    base_from: date = date(1992, 1, 1)
    base_to: date = date(2013, 12, 31)
    starts: date = date(1991, 1, 1)


METHOD = Method()
