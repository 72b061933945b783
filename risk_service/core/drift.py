"""Drift: how far a week's scores and texts are from a reference, by ISO week.

Pure functions of counts and scores. What they say of a week hangs on the reference and on that week
alone, and the reference on the first weeks: later news changes neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS = 10
REFERENCE_WEEKS = 8
LEAST_SCORED = 30
"""Scored texts below which a week is no part of the reference, and its PSI and KS are unknown."""
_HALF = 0.5

_Unsure = float | None
_Distances = tuple[_Unsure, _Unsure, _Unsure, _Unsure, _Unsure]


@dataclass(frozen=True)
class Sample:
    """What came in a span of time.

    ``events`` were looked at, ``relevant`` of them are about the dyad; ``probabilities`` (n, 3) of
    thaw, escalation and neutral are of those whose text was scored, which had ``words`` words,
    ``unknown`` of them not in the model's vocabulary (None: the model has none to look in).
    """

    events: int = 0
    relevant: int = 0
    probabilities: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    words: int = 0
    unknown: int | None = None
    languages: Mapping[str, int] = field(default_factory=dict)

    @property
    def net(self) -> Floats:
        """p_escalation − p_thaw of each scored text, −1…+1: the score whose drift is told."""
        net: Floats = self.probabilities[:, 1] - self.probabilities[:, 0]
        return net

    @property
    def classes(self) -> npt.NDArray[np.int64]:
        """Texts whose most probable direction is thaw, escalation, neutral: shape (3,)."""
        return np.bincount(self.probabilities.argmax(axis=1), minlength=3)


@dataclass(frozen=True, slots=True)
class Drift:
    """A week beside the reference; None where it cannot be told.

    ``psi`` and ``ks`` compare p_escalation − p_thaw, ``class_psi`` the most probable directions,
    ``language_psi`` the languages. ``psi_expected`` is what chance alone makes of the PSI on
    average, ``ks_critical`` what it makes KS exceed one time in twenty.
    """

    events: int
    relevant: int
    scored: int
    relevance_rate: float | None
    share_thaw: float | None
    share_escalation: float | None
    share_neutral: float | None
    mean_net: float | None
    unknown_words: float | None
    psi: float | None
    psi_expected: float | None
    ks: float | None
    ks_critical: float | None
    class_psi: float | None
    language_psi: float | None
    languages: dict[str, float]


def drift_of(week: Sample, reference: Sample | None) -> Drift:
    """Compare a week with the reference; without one, what compares the two is unknown."""
    scored = len(week.probabilities)
    thaw, escalation, neutral = (_ratio(int(count), scored) for count in week.classes)
    told: _Distances = (None, None, None, None, None)
    if reference is not None and min(scored, len(reference.probabilities)) >= LEAST_SCORED:
        told = _distances(week, reference)
    total = sum(week.languages.values())
    of_languages = None
    if reference is not None and total >= LEAST_SCORED:
        of_languages = psi_of_counts(*aligned(reference.languages, week.languages))
    return Drift(
        week.events,
        week.relevant,
        scored,
        _ratio(week.relevant, week.events),
        thaw,
        escalation,
        neutral,
        float(week.net.mean()) if scored else None,
        None if week.unknown is None else _ratio(week.unknown, week.words),
        *told,
        of_languages,
        {name: count / total for name, count in sorted(week.languages.items())},
    )


def merged(samples: Sequence[Sample]) -> Sample:
    """Several spans of time as one."""
    languages: Counter[str] = Counter()
    for sample in samples:
        languages.update(sample.languages)
    unknown = [sample.unknown for sample in samples if sample.unknown is not None]
    return Sample(
        sum(sample.events for sample in samples),
        sum(sample.relevant for sample in samples),
        np.concatenate([np.zeros((0, 3)), *(sample.probabilities for sample in samples)]),
        sum(sample.words for sample in samples),
        sum(unknown) if unknown else None,
        languages,
    )


def week_of(day: date) -> date:
    """The Monday of a day's ISO week.

    >>> week_of(date(2025, 3, 2))
    datetime.date(2025, 2, 24)
    """
    return day - timedelta(days=day.weekday())


def reference_weeks(scored: Mapping[date, int], count: int = REFERENCE_WEEKS) -> list[date]:
    """The first ``count`` weeks with at least ``LEAST_SCORED`` scored texts; empty where there are
    fewer of them.
    """
    full = sorted(week for week, texts in scored.items() if texts >= LEAST_SCORED)
    return full[:count] if len(full) >= count else []


def psi(reference: npt.ArrayLike, sample: npt.ArrayLike, bins: int = BINS) -> float:
    """Population stability index of a sample of numbers against a reference.

    The bins hold equal shares of the reference: they part at its quantiles, and a value that is
    several of them has a bin of its own. Siddiqi (2006),
    Credit Risk Scorecards, ch. 9: below 0.1 no change to speak of, above 0.25 a large one.

    Parameters
    ----------
    reference, sample
        Numbers without NaN, at least one each; in any order.
    """
    edges = _edges(np.asarray(reference), bins)
    counts = (
        np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
        for values in (np.asarray(reference), np.asarray(sample))
    )
    return psi_of_counts(*counts)


def _edges(reference: Floats, bins: int) -> Floats:
    """Lower ends of the bins but the first."""
    quantiles = np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1])
    values, times = np.unique(quantiles, return_counts=True)
    above = np.nextafter(values[times > 1], np.inf)
    edges: Floats = np.unique(np.concatenate([values, above]))
    return edges


def psi_of_counts(reference: npt.ArrayLike, sample: npt.ArrayLike) -> float:
    """Population stability index Σ (q − p) ln(q / p) over categories, 0 up.

    Siddiqi (2006); it is Jeffreys's divergence of the two. Half a case is added to each category of
    both, so that an empty one is no infinity.

    >>> psi_of_counts([10, 20, 30], [10, 20, 30])
    0.0
    """
    p, q = (np.asarray(counts, np.float64) + _HALF for counts in (reference, sample))
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def psi_expected(bins: int, reference: int, sample: int) -> float:
    """The mean of a PSI of two samples of these sizes where nothing has changed.

    Yurdakul and Naranjo (2020), Statistical properties of the population stability index, Journal
    of Risk Model Validation 14(4): PSI / (1/n + 1/m) is about chi-square with ``bins`` − 1 degrees.
    """
    return (bins - 1) * (1 / reference + 1 / sample)


def ks(reference: npt.ArrayLike, sample: npt.ArrayLike) -> float:
    """Two-sample Kolmogorov–Smirnov statistic: the largest distance of the two distribution
    functions, 0–1 (Smirnov 1939).

    >>> ks([1, 2, 3], [4, 5, 6])
    1.0
    """
    a, b = np.sort(np.asarray(reference)), np.sort(np.asarray(sample))
    at = np.concatenate([a, b])
    below = (np.searchsorted(one, at, side="right") / len(one) for one in (a, b))
    return float(np.abs(next(below) - next(below)).max())


def ks_critical(reference: int, sample: int, level: float = 0.05) -> float:
    """What the statistic exceeds with probability ``level`` where nothing has changed, for large
    samples of these sizes (Smirnov 1948): sqrt(−ln(level / 2) / 2 · (n + m) / (n m)).
    """
    return float(np.sqrt(-np.log(level / 2) / 2 * (1 / reference + 1 / sample)))


def aligned(
    one: Mapping[str, int], other: Mapping[str, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Counts of two mixes by the categories of either, in one order."""
    names = sorted(set(one) | set(other))
    first, second = (np.array([mix.get(name, 0) for name in names]) for mix in (one, other))
    return first, second


def _distances(week: Sample, reference: Sample) -> _Distances:
    sizes = len(reference.probabilities), len(week.probabilities)
    return (
        psi(reference.net, week.net),
        psi_expected(BINS, *sizes),
        ks(reference.net, week.net),
        ks_critical(*sizes),
        psi_of_counts(reference.classes, week.classes),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
