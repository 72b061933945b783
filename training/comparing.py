"""Two models side by side on the same rows: figures, how sure the difference is, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.card import Figure
from models.estimators import CLASSES
from training.examine import Exam, Paper, f1_difference
from training.labels import direction_numbers


@dataclass(frozen=True)
class Differing:
    """A text that two models take for different classes; probabilities in order of ``CLASSES``."""

    text: str
    truth: str
    first: str
    second: str
    first_probabilities: tuple[float, ...]
    second_probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """``figures`` of the first and the second model; ``macro_f1_difference`` is second less first.

    ``differing`` are the texts they differ on, those they differ on most (total variation) first.
    """

    rows: int
    figures: Mapping[str, tuple[Figure, Figure]]
    macro_f1_difference: Figure
    texts_per_second: tuple[float, float]
    differ: int
    differing: tuple[Differing, ...]


def compared(paper: Paper, first: Exam, second: Exam, top: int = 20) -> Comparison:
    """Compare two exams of the same rows; ``top`` bounds the texts that are told."""
    figures = {name: (first.figures[name], second.figures[name]) for name in first.figures}
    figures["pair_accuracy"] = first.pair_accuracy, second.pair_accuracy
    one, other = np.array(first.probabilities), np.array(second.probabilities)
    differ = np.flatnonzero(one.argmax(axis=1) != other.argmax(axis=1))
    distance = np.abs(one - other).sum(axis=1) / 2
    order = differ[np.argsort(-distance[differ], kind="stable")][:top]
    truth, texts = direction_numbers(paper.rows), paper.rows["text"].tolist()
    differing = tuple(
        Differing(
            texts[row],
            CLASSES[truth[row]],
            CLASSES[one[row].argmax()],
            CLASSES[other[row].argmax()],
            tuple(np.round(one[row], 4).tolist()),
            tuple(np.round(other[row], 4).tolist()),
        )
        for row in order
    )
    return Comparison(
        first.rows,
        figures,
        f1_difference(paper, first, second),
        (first.texts_per_second, second.texts_per_second),
        len(differ),
        differing,
    )
