"""Block bootstrap over events: all assets of an event are drawn together or not at all.

Whatever correlation there is between assets within an event, a resample has it too. The interval
and the p-value are studentised and symmetric (Davison and Hinkley 1997, section 5.2.1): each
resample's mean is measured in its own standard error, with the event as the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_EVENTS = 5
"""With fewer events the resamples are too few and too alike to say anything."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrapped:
    """Of each mean, (means, days) each; NaN where it is not possible.

    ``statistic`` is the mean in its own standard error, ``p_value`` within 0-1, ``low`` and
    ``high`` the interval.
    """

    statistic: Floats
    p_value: Floats
    low: Floats
    high: Floats


def block_bootstrap(
    sums: Floats, counts: Floats, draws: int, level: float, seed: int,
    dependence: Floats | float = 1.0,
) -> Bootstrapped:  # fmt: skip
    """Bootstrap the means sum(sums) / sum(counts) by drawing events with replacement.

    Parameters
    ----------
    sums
        (events, means, days): sum of the values of each event; 0 where it has none.
    counts
        (events, means): how many values; 0 or more.
    draws, level, seed
        As in ``Study``.
    dependence
        (means, days): variance of each mean over that of independent events, which is what the
        resamples have.

    Returns
    -------
    Bootstrapped
        NaN for means with fewer than ``LEAST_EVENTS`` events, or events that do not differ. Means
        with values in the same events share their resamples.
    """
    out = Bootstrapped(*(np.full(sums.shape[1:], np.nan) for _ in range(4)))
    stretch = np.broadcast_to(np.sqrt(dependence), sums.shape[1:])
    present = counts > 0
    alike: dict[bytes, list[int]] = {}
    for mean in range(counts.shape[1]):
        alike.setdefault(present[:, mean].tobytes(), []).append(mean)
    for at in alike.values():
        events = np.flatnonzero(present[:, at[0]])
        if len(events) >= LEAST_EVENTS:
            times = _resamples(len(events), draws, seed)
            own = sums[events][:, at], counts[events][:, at]
            _fill(out, at, *own, times, level, stretch[at])
    return out


def _resamples(events: int, draws: int, seed: int) -> Floats:
    """How often each event is drawn: (draws, events), each row summing to the number of events."""
    drawn = np.random.default_rng(seed).integers(0, events, (draws, events))
    drawn += np.arange(draws)[:, None] * events
    times = np.bincount(drawn.ravel(), minlength=draws * events)
    return times.reshape(draws, events).astype(np.float64)


def _fill(
    out: Bootstrapped, at: list[int], sums: Floats, counts: Floats,
    times: Floats, level: float, stretch: Floats,
) -> None:  # fmt: skip
    mean = sums.sum(axis=0) / counts.sum(axis=0)[:, None]
    centred = sums - mean * counts[:, :, None]
    (_,), (error,) = _means_and_errors(centred, counts, np.ones((1, len(sums))))
    means, errors = _means_and_errors(centred, counts, times)
    varies = error > _ROUNDING * np.abs(mean)
    safe = np.where(varies, error, 1.0)
    # A resample of one event alone has no error of its own, and speaks for no limit.
    infinite = np.where(means == 0, 0.0, np.inf)
    drawn = np.divide(np.abs(means), errors, out=infinite, where=errors > _ROUNDING * safe)
    statistic = mean / (safe * stretch)
    beyond = (drawn >= np.abs(statistic)).sum(axis=0)
    limit = np.quantile(drawn, level, axis=0, method="higher") * error * stretch
    p_value = (1 + beyond) / (1 + len(times))
    figures = (statistic, p_value, mean - limit, mean + limit)
    for kept, figure in zip((out.statistic, out.p_value, out.low, out.high), figures, strict=True):
        kept[at] = np.where(varies, figure, np.nan)


def _means_and_errors(centred: Floats, counts: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Means of the resamples and their errors, with events as clusters: (draws, means, days)."""
    events, means, days = centred.shape

    def summed(values: Floats) -> Floats:
        return (times @ values.reshape(events, -1)).reshape(len(times), means, days)

    factor = np.sqrt(events / (events - 1))
    drawn = summed(centred)
    if (counts == counts[:1]).all():
        # Each event has as many values as any other, and counts need no sums.
        total = events * counts[:1, :, None]
        mean = drawn / total
        squares = summed(np.square(centred)) - np.square(drawn) / events
    else:
        total = (times @ counts)[:, :, None]
        mean = drawn / total
        squares = summed(np.square(centred)) - 2 * mean * summed(centred * counts[:, :, None])
        squares += np.square(mean) * (times @ np.square(counts))[:, :, None]
    return mean, np.sqrt(np.maximum(squares, 0.0)) * factor / total
