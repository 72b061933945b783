"""The fast model: multinomial logistic regression on text features, with a severity head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression, Ridge

from models.features import Features
from models.text import words_of
from models.vectors import WordVectors

CLASSES = ("thaw", "escalation", "neutral")
THAW, ESCALATION, NEUTRAL = range(3)
LEAST_SEVERE, MOST_SEVERE = 1.0, 3.0


@dataclass(frozen=True)
class FastSettings:
    """Hyper-parameters, chosen by cross-validation on texts to learn from."""

    inverse_penalty: float = 3.0
    severity_penalty: float = 1.0
    at_least: int = 2
    iterations: int = 1_000


@dataclass(frozen=True)
class FastModel:
    """A fitted model as plain arrays, so that nothing but arrays is stored and opened.

    ``coefficients`` is (width, 4) float32: the logits of ``CLASSES``, then severity;
    ``intercepts`` (4,). Logits are divided by ``temperature`` (Guo et al. 2017).
    """

    features: Features
    coefficients: npt.NDArray[np.float32]
    intercepts: npt.NDArray[np.float64]
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if self.coefficients.shape != (self.features.width, 4):
            raise ValueError(f"coefficients: shape {self.coefficients.shape} fits no features")
        if not self.temperature > 0:
            raise ValueError(f"temperature: {self.temperature} is not positive")

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        directions: npt.NDArray[np.int64],
        intensities: npt.NDArray[np.float64],
        vectors: WordVectors,
        settings: FastSettings,
        weights: npt.NDArray[np.float64] | None = None,
    ) -> FastModel:
        """Fit to texts labelled 0 thaw, 1 escalation, 2 neutral; intensity 1–3, NaN if neutral.

        ``weights`` (n,) are positive, and 1 where they are left out.
        """
        share = np.ones(len(texts)) if weights is None else weights
        features = Features.fit(texts, vectors, settings.at_least)
        matrix = features.matrix(texts).astype(np.float64)
        direction = LogisticRegression(
            C=settings.inverse_penalty, solver="newton-cg", tol=1e-5, max_iter=settings.iterations
        )
        direction.fit(matrix, directions, sample_weight=share)
        moved = np.flatnonzero(~np.isnan(intensities))
        severity = Ridge(alpha=settings.severity_penalty, solver="sparse_cg")
        severity.fit(matrix[moved], intensities[moved], sample_weight=share[moved])
        coefficients = np.column_stack([direction.coef_.T, severity.coef_])
        intercepts = np.append(direction.intercept_, severity.intercept_).astype(np.float64)
        return cls(features, coefficients.astype(np.float32), intercepts)

    def read(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Logits (n, 3), before the temperature, and severity (n,) within 1–3."""
        if not texts:
            return np.zeros((0, 3)), np.zeros(0)
        tokens = [words_of(text) for text in texts]
        projected = self.features.project(tokens, self.coefficients)
        read = np.asarray(projected + self.intercepts, dtype=np.float64)
        severity = np.clip(read[:, 3], LEAST_SEVERE, MOST_SEVERE)
        return read[:, :3], np.asarray(severity, dtype=np.float64)

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """(n, 3) calibrated probabilities of ``CLASSES``; rows sum to 1."""
        return calibrated(self.read(texts)[0], self.temperature)

    def contributions(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text, its words in order and what each adds to ln(p_escalation / p_thaw).

        They sum to it but for the intercepts, which no word is to blame for.
        """
        tokens = [words_of(text) for text in texts]
        weights = self.coefficients[:, ESCALATION] - self.coefficients[:, THAW]
        shares = self.features.contributions(tokens, weights.astype(np.float64))
        return [
            list(zip(words, (share / self.temperature).tolist(), strict=True))
            for words, share in zip(tokens, shares, strict=True)
        ]


def calibrated(logits: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """Softmax of ``logits / temperature``, row by row."""
    probabilities: npt.NDArray[np.float64] = softmax(logits / temperature, axis=1)
    return probabilities
