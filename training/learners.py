"""What learns from labelled rows: the fast model, the baselines, and whatever else is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.baselines import BaseRate, PlainTfidf
from models.estimators import FastModel, FastSettings
from models.vectors import WordVectors
from training.labels import direction_numbers
from training.splits import Fold

VECTORS = Path(__file__).parent / "vectors" / "glove_6b_50d.npz"
SMALLEST = 1e-12
"""Least probability whose logarithm is taken."""

Floats = npt.NDArray[np.float64]


class Fitted(Protocol):
    """A model that has learnt."""

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Logits (n, 3) of thaw, escalation, neutral, and severity (n,), NaN where not told."""


class Learner(Protocol):
    """Makes a model of labelled rows (see ``training.labels``)."""

    @property
    def name(self) -> str:
        """The kind of model, as its card says it."""

    def fit(self, rows: pd.DataFrame) -> Fitted:
        """Learn from every row; not yet calibrated."""


@dataclass(frozen=True)
class Unseen:
    """What models said of rows they were not fitted to: row numbers, logits (n, 3), severity.

    ``folds`` are positions among ``rows``, those of one fold each, in the order of the folds.
    """

    rows: npt.NDArray[np.int64]
    logits: Floats
    severity: Floats
    folds: tuple[npt.NDArray[np.int64], ...] = ()


def read_vectors(path: Path = VECTORS) -> WordVectors:
    """The bundled word vectors."""
    with np.load(path) as held:
        words = tuple(str(held["words"]).split("\n"))
        return WordVectors(words, held["ranks"], held["codes"], held["scales"].ravel())


@dataclass(frozen=True)
class FastLearner:
    """Learns the fast model."""

    vectors: WordVectors = field(default_factory=read_vectors)
    settings: FastSettings = field(default_factory=FastSettings)
    name: str = "fast"

    def fit(self, rows: pd.DataFrame) -> FastModel:
        """Fit to every row, each as heavy as its column ``weight`` says, if there is one."""
        return FastModel.fit(
            rows["text"].tolist(),
            direction_numbers(rows),
            rows["intensity"].to_numpy(np.float64),
            self.vectors,
            self.settings,
            rows["weight"].fillna(1.0).to_numpy(np.float64) if "weight" in rows else None,
        )


@dataclass(frozen=True)
class Spoken:
    """A baseline as a fitted model: logarithms of its probabilities, and no severity."""

    baseline: BaseRate | PlainTfidf

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Log probabilities (n, 3), and severity (n,) of NaN."""
        probabilities = self.baseline.probabilities(texts)
        return np.log(np.maximum(probabilities, SMALLEST)), np.full(len(texts), np.nan)


@dataclass(frozen=True)
class BaselineLearner:
    """Learns a baseline of ``models.baselines``."""

    kind: type[BaseRate] | type[PlainTfidf]
    name: str

    def fit(self, rows: pd.DataFrame) -> Spoken:
        """Fit to every row."""
        return Spoken(self.kind.fit(rows["text"].tolist(), direction_numbers(rows)))


BASELINES = (BaselineLearner(BaseRate, "base rates"), BaselineLearner(PlainTfidf, "plain TF-IDF"))


def read_unseen(rows: pd.DataFrame, folds: Sequence[Fold], learner: Learner) -> Unseen:
    """Read the unseen rows of every fold with a model fitted to its seen rows."""
    logits, severity = np.full((len(rows), 3), np.nan), np.full(len(rows), np.nan)
    for seen, unseen in folds:
        model = learner.fit(rows.iloc[seen])
        logits[unseen], severity[unseen] = model.read(rows["text"].iloc[unseen].tolist())
    read = np.sort(np.concatenate([unseen for _, unseen in folds]))
    places = tuple(np.searchsorted(read, unseen) for _, unseen in folds)
    return Unseen(read, logits[read], severity[read], places)
