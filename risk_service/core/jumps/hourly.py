"""How far the index has moved within the hour, beside how it moved in the hours before."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from risk_service.core.jumps.baseline import Floats, baseline

HOURS = 28 * 24
"""Hours before this one that the scale is made of."""
HALF_LIFE = 168.0
"""Memory of the scale, in hours: a week."""
_HOUR = timedelta(hours=1)


def hours_before(now: datetime) -> list[datetime]:
    """The moments that are looked at, oldest first: ``HOURS`` hours and the one that is judged.

    >>> from datetime import UTC
    >>> seen = hours_before(datetime(2025, 3, 1, 12, 30, tzinfo=UTC))
    >>> len(seen), str(seen[-2])
    (674, '2025-03-01 11:30:00+00:00')
    """
    return [now - n * _HOUR for n in range(HOURS + 1, -1, -1)]


def hourly_score(values: Floats) -> float:
    """The last change in robust scales of those before it, positive towards escalation.

    Parameters
    ----------
    values
        The index an hour apart (T,), oldest first, the last one judged; NaN unknown. The scale is
        that of ``baseline``: the change that is judged is not in it, and one index point is the
        least.

    Returns
    -------
    float
        NaN where one of the last two is unknown, or fewer than 60 changes came before.

    Examples
    --------
    >>> quiet = 50 + np.tile([0.0, 2.0], 50)
    >>> round(hourly_score(np.append(quiet, 40.0)), 1)
    -4.8
    """
    changes = np.diff(values)[:, None]
    if len(changes) == 0:
        return float("nan")
    _, scale = baseline(changes, HALF_LIFE, centred=False)
    return float(changes[-1, 0] / scale[-1, 0])
