"""How unexpected a happening was by what was known before it.

The news of a happening is x = severity · (p_escalation − p_thaw), within −3 to 3. What was expected
is the mean of x over the happenings of the year before, half as heavy for every ``HALF_LIFE`` that
lies between; how far news usually lies from that is 1.4826 times the median of |x − expected| of
the year before (the standard deviation, were it normal). Surprise is the distance of x from what
was expected in that scale, towards the happening's own direction: the fiftieth strike of a war is
none, the first talks in it are.

Only what was published strictly before counts: happenings that the chronology dates by the same
day know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_service.core.happenings import direction_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REACH = pd.Timedelta(days=365)
HALF_LIFE = pd.Timedelta(days=30)
LEAST, MOST = 20, 500
"""Happenings of the year before that are needed and, the last of them, looked at."""
SCALE = 1.4826
_NONE = 1e-9  # a scale of rounding errors is none


def surprises(happenings: pd.DataFrame) -> pd.Series[float]:
    """Surprise of each happening.

    Parameters
    ----------
    happenings
        In order of ``published_at`` (aware), each once, of every direction; columns p_thaw,
        p_escalation, p_neutral and severity. With two years before the first that matters the
        answer is the same as with all.

    Returns
    -------
    Series of the same index
        Positive: more to its own side than what was expected. For a happening that is most probably
        neutral, the distance either way. NaN with fewer than ``LEAST`` happenings, or distances, in
        the year before, and where all of those were as expected.

    Raises
    ------
    ValueError
        When they are not in order.
    """
    published = pd.DatetimeIndex(happenings["published_at"])
    if not published.is_monotonic_increasing:
        raise ValueError("happenings: are not in order of publication")
    moments = published.as_unit("ns").asi8
    x = _news(happenings)
    distance = x - _before(moments, x, _recent_mean)
    scale = SCALE * _before(moments, np.abs(distance), _median)
    told = np.divide(distance, scale, out=np.full(len(x), np.nan), where=scale > _NONE)
    side = direction_of(happenings).map({"escalation": 1.0, "thaw": -1.0, "neutral": 0.0})
    towards = np.where(side == 0, np.abs(told), side.to_numpy(np.float64) * told)
    return pd.Series(towards, index=happenings.index)


def _news(happenings: pd.DataFrame) -> Floats:
    net = happenings["p_escalation"] - happenings["p_thaw"]
    news: Floats = (happenings["severity"] * net).to_numpy(dtype=np.float64)
    return news


def _before(moments: Ints, values: Floats, told: Callable[[Floats, Floats], float]) -> Floats:
    """``told`` of the known values before each moment, and of their ages in half-lives.

    NaN with fewer than ``LEAST`` of them in the year before; of more than ``MOST``, the last.
    """
    distinct, which = np.unique(moments, return_inverse=True)
    starts = np.searchsorted(moments, distinct - REACH.value, side="left")
    stops = np.searchsorted(moments, distinct, side="left")
    found = np.full(len(distinct), np.nan)
    for i, moment in enumerate(distinct):
        past = slice(max(starts[i], stops[i] - MOST), stops[i])
        known = np.isfinite(values[past])
        if known.sum() >= LEAST:
            ages = (moment - moments[past]) / HALF_LIFE.value
            found[i] = told(values[past][known], ages[known])
    return found[which]


def _recent_mean(values: Floats, ages: Floats) -> float:
    return float(np.average(values, weights=0.5**ages))


def _median(values: Floats, _: Floats) -> float:
    return float(np.median(values))
