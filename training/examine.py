"""What a model does on a set of labels that every model is examined on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.card import Figure
from models.registry import OWN, load, read_card
from training.held_out import PAIRS, Reader, pairs_right
from training.labels import direction_numbers, fingerprint, read_labels
from training.metrics import Labels, f1_by_class, measure
from training.own import load_own
from training.splits import duplicate_groups

SEED = 20_240_601
TIMED = 300
"""Texts whose reading is timed."""
DRAWS = 500

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Paper:
    """The rows of an examination: a label frame, its groups of copies, and minimal pairs."""

    rows: pd.DataFrame
    groups: Labels
    pairs: pd.DataFrame

    @property
    def sha256(self) -> str:
        """Stands for all that is asked."""
        asked = f"{fingerprint(self.rows)} {fingerprint(self.pairs)}"
        return hashlib.sha256(asked.encode()).hexdigest()


@dataclass(frozen=True)
class Exam:
    """``figures`` of ``rows`` texts, pair accuracy, speed, and (rows, 3) probabilities."""

    rows: int
    figures: Mapping[str, Figure]
    pairs: int
    pair_accuracy: Figure
    texts_per_second: float
    probabilities: tuple[tuple[float, ...], ...]

    def as_row(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Exam:
        """From plain data."""
        figures = {name: Figure(**figure) for name, figure in row["figures"].items()}
        probabilities = tuple(tuple(one) for one in row["probabilities"])
        return cls(
            row["rows"], figures, row["pairs"], Figure(**row["pair_accuracy"]),
            row["texts_per_second"], probabilities,
        )  # fmt: skip


def read_paper(labels: Path | None = None) -> Paper:
    """The rows of a label file, or the published minimal pairs; the pairs are always asked.

    Raises
    ------
    ValueError
        When the file is no label file (``training.labels``).
    """
    pairs = read_labels(PAIRS)
    rows = pairs if labels is None else read_labels(labels)
    # The two texts of a pair are drawn together, as copies are.
    groups = pd.factorize(pairs["pair"])[0] if labels is None else duplicate_groups(
        rows["text"].tolist()
    )  # fmt: skip
    return Paper(rows, np.asarray(groups, dtype=np.int64), pairs)


def reader_of(version: str, root: Path | None) -> Reader:
    """What reads texts with a version, own estimators included; BadArtifact as ``load``."""
    if read_card(version, root).name == OWN:
        return load_own(version, root)[0].probabilities
    classifier = load(version, root)
    return lambda texts: classifier.score(texts).probabilities


def examine(read: Reader, paper: Paper) -> Exam:
    """Examine a model, and time it once it is warm."""
    texts = paper.rows["text"].tolist()
    # Rounded as they are kept, so that figures made from kept ones are the same.
    told = np.round(read(texts), 6)
    told /= told.sum(axis=1, keepdims=True)
    report = measure(direction_numbers(paper.rows), told, paper.groups, SEED)
    count, share = pairs_right(read, paper.pairs)
    return Exam(
        report.rows,
        report.figures,
        count,
        share,
        _speed(read, texts),
        tuple(tuple(row) for row in told.tolist()),
    )


def f1_difference(paper: Paper, first: Exam, second: Exam) -> Figure:
    """Macro-F1 of the second less the first, with the 95 % interval of a paired bootstrap.

    Both are measured on each drawn set of whole groups (Efron and Tibshirani 1993).
    """
    truth = direction_numbers(paper.rows)
    told = [np.array(exam.probabilities) for exam in (first, second)]
    members = [np.flatnonzero(paper.groups == group) for group in np.unique(paper.groups)]
    random = np.random.default_rng(SEED)

    def difference(rows: npt.NDArray[np.int64]) -> float:
        one, other = (f1_by_class(truth[rows], table[rows]).mean() for table in told)
        return float(other - one)

    drawn = [
        difference(
            np.concatenate([members[i] for i in random.integers(len(members), size=len(members))])
        )
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = difference(np.arange(len(truth)))
    return Figure(round(value, 4), round(float(low), 4), round(float(high), 4))


def _speed(read: Reader, texts: Sequence[str]) -> float:
    timed = texts[:TIMED]
    started = time.perf_counter()
    read(timed)
    return round(len(timed) / max(time.perf_counter() - started, 1e-9), 1)
