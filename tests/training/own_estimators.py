"""Estimators as a quant might bring them, good and bad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC


def logistic() -> Any:
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def calibrated() -> Any:
    return make_pipeline(
        TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(), cv=3, ensemble=False)
    )


def random_without_seed() -> Any:
    return make_pipeline(TfidfVectorizer(), SGDClassifier(loss="log_loss"))


def without_probabilities() -> Any:
    return make_pipeline(TfidfVectorizer(), LinearSVC())


def forest() -> Any:
    return make_pipeline(TfidfVectorizer(), RandomForestClassifier(5, random_state=0))


def with_a_function() -> Any:
    return make_pipeline(
        FunctionTransformer(lambda texts: texts), TfidfVectorizer(), LogisticRegression()
    )


def broken() -> Any:
    raise RuntimeError("no licence")


class Shouter:
    """Has the right methods, and says what are no probabilities."""

    classes_ = np.array(["thaw", "escalation", "neutral"])

    def fit(self, texts: Sequence[str], directions: Sequence[str]) -> Shouter:
        return self

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        return np.full((len(texts), 3), 0.9)


class Unfit(Shouter):
    def fit(self, texts: Sequence[str], directions: Sequence[str]) -> Shouter:
        raise ValueError("too few neighbours")


NOT_CALLABLE = 3
