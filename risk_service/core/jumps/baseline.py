"""Where a series used to be and how much it used to vary, told from what came before a day.

Exponentially weighted mean and mean absolute deviation (MAD), each new value clipped at a few
scales first, so that one shock neither drags the centre along nor blinds the scale (after Gelper,
Fried and Croux 2010, Robust forecasting with exponential and Holt–Winters smoothing, Journal of
Forecasting 29(3)). Absolute and not squared deviations: of an index that rests on most days and
leaps on some, a clipped mean square is either that of the rest or that of the leaps, and flips.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLIP = 3.0
"""Scales at which a new value is cut before it enters the baseline."""
WARM_UP = 60
"""Known values before the first baseline; until then it is NaN."""
LEAST_SCALE = 1.0
"""Index points: what moves less than this is no news, however calm it was before."""
_NORMAL = float(np.sqrt(np.pi / 2))
"""Standard deviation over mean absolute deviation, of a normal distribution."""


def baseline(values: Floats, half_life: float, *, centred: bool) -> tuple[Floats, Floats]:
    """Centre and scale before each row, made of earlier rows only.

    Parameters
    ----------
    values
        Days by series, (T, P); NaN is a gap, which leaves the baseline as it was.
    half_life
        In days of known values.
    centred
        False for changes, whose centre is 0: news has no reason to move the index one way.

    Returns
    -------
    centre, scale
        (T, P) each; NaN until ``WARM_UP`` values of the series are known; scale ≥ ``LEAST_SCALE``.
    """
    centre, scale = np.full((2, *values.shape), np.nan)
    begins = _begins(values)
    rate = 1 - 0.5 ** (1 / half_life)
    now, spread = np.full((2, values.shape[1]), np.nan)
    for day, row in enumerate(values):
        for column in np.flatnonzero(begins == day):
            now[column], spread[column] = _start(values[:day, column], centred)
        centre[day], scale[day] = now, spread
        away = np.clip(row - now, -CLIP * spread, CLIP * spread)
        away = np.where(np.isnan(away), 0, away)
        size = np.where(np.isnan(row), spread, _NORMAL * np.abs(away))
        if centred:
            now = now + rate * away
        spread = np.maximum((1 - rate) * spread + rate * size, LEAST_SCALE)
    return centre, scale


def _begins(values: Floats) -> npt.NDArray[np.intp]:
    """The first row of each series before which ``WARM_UP`` values are known; T where none is."""
    enough = (~np.isnan(values)).cumsum(axis=0) >= WARM_UP
    begins: npt.NDArray[np.intp] = np.where(enough.any(axis=0), enough.argmax(axis=0) + 1, -1)
    return begins


def _start(values: Floats, centred: bool) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    centre = float(np.median(known)) if centred else 0.0
    return centre, max(_NORMAL * float(np.abs(known - centre).mean()), LEAST_SCALE)
