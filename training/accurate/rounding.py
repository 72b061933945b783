"""Matrices as whole numbers with a scale for each column, rounded so that their products stay.

Rounding each number to its nearest takes no heed of what a matrix is multiplied by. Here what the
rounding of one row does to the products is made good by the rows that are not rounded yet (GPTQ:
Frantar, Ashkboos, Hoefler and Alistarh 2023, ICLR).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, inv

Floats = npt.NDArray[np.float32]
Rounded = tuple[npt.NDArray[np.int8], Floats]
"""Whole numbers (in, out) within ±127 and the scale of each column (out,)."""
DAMPED = 0.01
"""Added to the diagonal, as a share of its mean, so that inputs that never come stay solvable."""
AT_ONCE = 64
"""Rows whose errors are carried further down together: only that it is quicker."""


def scale_of(matrix: Floats, steps: float) -> Floats:
    """The size of a step in each column: its root mean square divided by ``steps``.

    The error is then the same share of every column, and the entropy, which is what the compressed
    file takes, about 2 + log2(steps) bits a weight. Where one number would lie beyond ±127 steps,
    the step is the larger: what is cut off cannot be made good.
    """
    usual = np.sqrt((matrix**2).mean(axis=0)) / steps
    scale: Floats = np.maximum(usual, np.abs(matrix).max(axis=0) / 127).astype(np.float32)
    return np.maximum(scale, np.float32(1e-12))


def rounded(matrix: Floats, steps: float) -> Rounded:
    """Each number to its nearest.

    Examples
    --------
    >>> numbers, scale = rounded(np.array([[1.0, -4.0], [-1.0, 4.0]], np.float32), 2.0)
    >>> numbers.tolist(), scale.tolist()
    ([[2, -2], [-2, 2]], [0.5, 2.0])
    """
    scale = scale_of(matrix, steps)
    return _whole(matrix / scale).astype(np.int8), scale


def compensated(matrix: Floats, steps: float, second: npt.NDArray[np.float64]) -> Rounded:
    """Row after row to the nearest, each time correcting the rows below for the error made.

    Parameters
    ----------
    matrix
        (in, out).
    second
        X'X (in, in) of the inputs X that the matrix is multiplied by.
    """
    scale = scale_of(matrix, steps)
    damped = second + np.eye(len(second)) * (DAMPED * np.diag(second).mean())
    ahead = cholesky(inv(damped)).astype(np.float32)
    left = (matrix / scale).astype(np.float32)
    numbers = np.empty(left.shape, np.int8)
    for top in range(0, len(left), AT_ONCE):
        here = slice(top, min(top + AT_ONCE, len(left)))
        numbers[here], errors = _rows(left[here], ahead[here, here])
        left[here.stop :] -= ahead[here, here.stop :].T @ errors
    return numbers, scale


def _rows(left: Floats, ahead: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """A few rows on end: whole numbers, and the errors that rows further down have to mend."""
    numbers, errors = np.empty(left.shape, np.int8), np.empty_like(left)
    for row in range(len(left)):
        whole = _whole(left[row])
        numbers[row] = whole
        # A number that corrections drove beyond the last step is left to be wrong alone.
        errors[row] = np.clip(left[row] - whole, -0.5, 0.5) / ahead[row, row]
        left[row + 1 :] -= np.outer(ahead[row, row + 1 :], errors[row])
    return numbers, errors


def _whole(values: Floats) -> Floats:
    whole: Floats = np.rint(values).clip(-127, 127)
    return whole
