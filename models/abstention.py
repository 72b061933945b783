"""When a score is too close to call: a stated rule, beside the probabilities and not in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

MARGIN = 0.25
"""Difference of the two highest probabilities below which a direction is too close to call.

Chosen on the validation headlines (``python -m training.abstention``; docs/evaluation.md), never on
the test.
"""


def too_close(probabilities: npt.ArrayLike, margin: float = MARGIN) -> npt.NDArray[np.bool_]:
    """Whether the two highest probabilities of each row differ by less than ``margin``.

    A reject option in the sense of Chow (1970), by margin. The index does not use it: it weighs
    probabilities, and close ones nearly cancel by themselves.

    Parameters
    ----------
    probabilities
        Shape (n, k), k of 2 or more; rows sum to 1. A row with NaN gives False: it was not scored.
    margin
        0 (never) to 1.

    Raises
    ------
    ValueError
        For another shape, or a margin outside 0–1.

    Examples
    --------
    >>> too_close([[0.1, 0.5, 0.4], [0.1, 0.8, 0.1]], 0.2).tolist()
    [True, False]
    """
    rows = np.asarray(probabilities, np.float64)
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ValueError(f"probabilities: shape {rows.shape} is not (n, 2 or more)")
    if not 0 <= margin <= 1:
        raise ValueError(f"margin: {margin} is not within 0 to 1")
    ordered = np.sort(rows, axis=1)
    close: npt.NDArray[np.bool_] = ordered[:, -1] - ordered[:, -2] < margin
    return close


def abstains(probabilities: Sequence[float]) -> bool:
    """Whether one text's direction is too close to call."""
    return bool(too_close([probabilities])[0])
