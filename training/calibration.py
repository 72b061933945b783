"""The temperature that makes probabilities mean what they say (Guo et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from models.estimators import calibrated
from training.metrics import log_loss
from training.splits import Fold

Floats = npt.NDArray[np.float64]


def best_temperature(logits: Floats, directions: npt.NDArray[np.int64]) -> float:
    """Temperature of the least log loss, within 0.2–5."""
    found = minimize_scalar(
        lambda log_t: log_loss(directions, calibrated(logits, float(np.exp(log_t)))),
        bounds=(np.log(0.2), np.log(5)),
        method="bounded",
    )
    return round(float(np.exp(found.x)), 4)


def cross_calibrated(
    logits: Floats, directions: npt.NDArray[np.int64], folds: Sequence[Fold]
) -> Floats:
    """Probabilities of each fold at the temperature that the other folds ask for."""
    probabilities = np.zeros_like(logits)
    for seen, unseen in folds:
        temperature = best_temperature(logits[seen], directions[seen])
        probabilities[unseen] = calibrated(logits[unseen], temperature)
    return probabilities
