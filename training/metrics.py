"""How good probabilities of three classes are, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.card import Figure
from models.estimators import CLASSES

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
BINS = 15
SMALLEST = 1e-15


@dataclass(frozen=True, slots=True)
class Report:
    """``figures`` by name; ``confusion[i][j]``: texts of class i taken for class j."""

    rows: int
    figures: Mapping[str, Figure]
    confusion: tuple[tuple[int, ...], ...]


def confusion(truth: Labels, probabilities: Floats) -> npt.NDArray[np.int64]:
    """(3, 3) counts: row the true class, column the class of the largest probability."""
    size = len(CLASSES)
    flat = np.bincount(truth * size + probabilities.argmax(axis=1), minlength=size * size)
    return flat.reshape(size, size)


def f1_by_class(truth: Labels, probabilities: Floats) -> Floats:
    """(3,) F1 of each class; 0 for a class that is neither there nor said."""
    table = confusion(truth, probabilities)
    total = table.sum(axis=0) + table.sum(axis=1)
    return np.asarray(2 * np.diag(table) / np.maximum(total, 1), dtype=np.float64)


def macro_f1(truth: Labels, probabilities: Floats) -> float:
    """Mean of the three F1, 0–1, higher is better."""
    return float(f1_by_class(truth, probabilities).mean())


def brier(truth: Labels, probabilities: Floats) -> float:
    """Brier (1950): mean squared distance to the truth, summed over classes; 0–2, lower better."""
    return float(((probabilities - np.eye(len(CLASSES))[truth]) ** 2).sum(axis=1).mean())


def log_loss(truth: Labels, probabilities: Floats) -> float:
    """Mean of −ln of the probability of the truth; lower is better."""
    told = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(told, SMALLEST)).mean())


def calibration_error(truth: Labels, probabilities: Floats) -> float:
    """ECE of the largest probability in 15 bins of equal width (Guo et al. 2017); 0–1."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=right - top, minlength=BINS)
    return float(np.abs(gaps).sum() / len(truth))


def reliability(truth: Labels, probabilities: Floats) -> tuple[tuple[float, float, int], ...]:
    """A row for each of the ECE's bins that holds texts: mean confidence, share right, texts."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((top * BINS).astype(np.int64), BINS - 1)
    return tuple(
        (round(float(top[held].mean()), 4), round(float(right[held].mean()), 4), int(held.sum()))
        for held in (bins == number for number in np.unique(bins))
    )


def _class_f1(number: int) -> Callable[[Labels, Floats], float]:
    return lambda truth, probabilities: float(f1_by_class(truth, probabilities)[number])


FIGURES: Mapping[str, Callable[[Labels, Floats], float]] = {
    "macro_f1": macro_f1,
    **{f"f1_{name}": _class_f1(number) for number, name in enumerate(CLASSES)},
    "brier": brier,
    "log_loss": log_loss,
    "ece": calibration_error,
}


def measure(
    truth: Labels,
    probabilities: Floats,
    groups: Labels | None = None,
    seed: int = 0,
    draws: int = 500,
) -> Report:
    """All figures with 95 % intervals from ``draws`` bootstrap samples of whole ``groups``.

    Raises
    ------
    ValueError
        When there are no rows, lengths differ, or a row is not of probabilities.
    """
    if len(truth) == 0:
        raise ValueError("truth: no rows to measure")
    if probabilities.shape != (len(truth), len(CLASSES)):
        raise ValueError(f"probabilities: shape {probabilities.shape} for {len(truth)} rows")
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-6) or (probabilities < 0).any():
        raise ValueError("probabilities: a row is negative, NaN or does not sum to 1")
    samples = _samples(np.arange(len(truth)) if groups is None else groups, seed, draws)
    drawn = [
        [figure(truth[rows], probabilities[rows]) for figure in FIGURES.values()]
        for rows in samples
    ]
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    figures = {
        name: Figure(*(round(float(v), 4) for v in (figure(truth, probabilities), low[i], high[i])))
        for i, (name, figure) in enumerate(FIGURES.items())
    }
    table = confusion(truth, probabilities)
    return Report(len(truth), figures, tuple(tuple(int(n) for n in row) for row in table))


def _samples(groups: Labels, seed: int, draws: int) -> list[Labels]:
    """Row numbers of bootstrap samples: groups drawn with replacement, each whole."""
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    members = np.split(order, starts[1:])
    random = np.random.default_rng(seed)
    if (sizes == 1).all():
        return [order[random.integers(len(order), size=len(order))] for _ in range(draws)]
    return [
        np.concatenate([members[i] for i in random.integers(len(members), size=len(members))])
        for _ in range(draws)
    ]
