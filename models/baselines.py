"""What a model must beat: the base rates, and a plain TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BaseRate:
    """Gives every text the shares of the classes in the training set."""

    shares: Floats

    @classmethod
    def fit(cls, texts: Sequence[str], directions: npt.NDArray[np.int64]) -> BaseRate:
        """Count the classes 0, 1, 2; the texts are not read."""
        return cls(np.bincount(directions, minlength=3) / len(directions))

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, 3), every row the same."""
        return np.tile(self.shares, (len(texts), 1))


@dataclass(frozen=True)
class PlainTfidf:
    """scikit-learn's TF-IDF of words and its logistic regression, both as they come."""

    pipeline: Pipeline

    @classmethod
    def fit(cls, texts: Sequence[str], directions: npt.NDArray[np.int64]) -> PlainTfidf:
        """Fit to texts labelled 0, 1, 2."""
        pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1_000))
        return cls(pipeline.fit(list(texts), directions))

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, 3), rows sum to 1."""
        probabilities: Floats = self.pipeline.predict_proba(list(texts))
        return probabilities
