"""A quant's own estimator: named by import path, learnt, kept, and opened again to be compared.

It is measured, compared and registered like any other model, and never served: the service opens
only the two kinds of file whose every type it knows (``models.registry``).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import skops.io

from models.card import Card
from models.estimators import CLASSES, calibrated
from models.registry import LARGEST, OWN, BadArtifact, read_card, read_model_file
from models.state import canonical

ALLOWED = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
"""Types an own estimator may hold besides those that skops trusts by itself."""
SMALLEST = 1e-12

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OwnModel:
    """A fitted estimator with ``predict_proba`` over the names of ``CLASSES``."""

    estimator: Any
    temperature: float = 1.0

    def read(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Log probabilities (n, 3), and severity (n,) of NaN: an own estimator tells none.

        Raises
        ------
        ValueError
            When the estimator's classes are others, or it gives what are no probabilities.
        """
        classes = [str(name) for name in self.estimator.classes_]
        if sorted(classes) != sorted(CLASSES):
            raise ValueError(f"estimator: knows the classes {', '.join(classes)}")
        told = np.asarray(self.estimator.predict_proba(list(texts)), dtype=np.float64)
        sound = told.shape == (len(texts), len(CLASSES)) and bool((told >= 0).all())
        if not sound or not np.allclose(told.sum(axis=1), 1, atol=1e-5):
            raise ValueError("estimator: predict_proba gave rows that are no probabilities")
        ordered = told[:, [classes.index(name) for name in CLASSES]]
        return np.log(np.maximum(ordered, SMALLEST)), np.full(len(texts), np.nan)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, 3) calibrated probabilities of ``CLASSES``; rows sum to 1."""
        return calibrated(self.read(texts)[0], self.temperature)


@dataclass(frozen=True)
class OwnLearner:
    """Learns with the estimator that ``make`` gives; ``path`` is where it came from."""

    path: str
    make: Callable[[], Any]
    seed: int
    name: str = OWN

    def fit(self, rows: pd.DataFrame) -> OwnModel:
        """Fit to every row: texts, and the names of their directions.

        Raises
        ------
        ValueError
            With what the estimator complains of.
        """
        # For estimators that were given no random_state: the same data must give the same bytes.
        np.random.seed(self.seed)
        estimator = self.make()
        directions = np.array(rows["direction"].tolist(), dtype=str)
        try:
            estimator.fit(rows["text"].tolist(), directions)
        except Exception as error:  # whatever somebody else's code raises
            raise ValueError(f"estimator: {self.path} could not be fitted: {error}") from error
        return OwnModel(estimator)


def own_learner(path: str, seed: int) -> OwnLearner:
    """The learner behind an import path such as ``package.module:factory``.

    Raises
    ------
    ValueError
        When there is nothing to call at that path, or what it makes has no ``fit`` and
        ``predict_proba``.
    """
    module, colon, name = path.partition(":")
    if not (module and colon and name):
        raise ValueError(f"estimator: {path!r} is not of the form package.module:factory")
    try:
        make = getattr(importlib.import_module(module), name)
        made = make()
    except Exception as error:  # whatever somebody else's code raises
        raise ValueError(f"estimator: {path} could not be made: {error}") from error
    for wanted in ("fit", "predict_proba"):
        if not hasattr(made, wanted):
            raise ValueError(
                f"estimator: {type(made).__name__} has no {wanted}; probabilities are needed"
                " (sklearn.calibration.CalibratedClassifierCV gives them to any classifier)"
            )
    return OwnLearner(path, make, seed)


def pack_own(model: OwnModel, texts: Sequence[str]) -> bytes:
    """A fitted estimator as the bytes of a skops file, proved to say the same when opened again.

    Raises
    ------
    ValueError
        When it cannot be stored: it is too large, holds types that cannot be trusted, or reads the
        ``texts`` otherwise once opened.
    """
    try:
        content = canonical(skops.io.dumps(model.estimator))
        same = np.allclose(model.read(texts)[0], _opened(content).read(texts)[0], atol=1e-6)
    except Exception as error:  # whatever skops raises on what it cannot hold
        said = str(error).splitlines()[0]
        raise ValueError(f"estimator: cannot be stored safely: {said}") from error
    if not same:
        raise ValueError("estimator: reads otherwise once stored and opened again")
    if len(content) > LARGEST:
        raise ValueError(f"estimator: takes {len(content)} bytes, at most {LARGEST} are kept")
    return content


def load_own(version: str, root: Path | None = None) -> tuple[OwnModel, Card]:
    """Open the artifact of an own estimator, after its SHA-256 matched the card.

    Raises
    ------
    BadArtifact
        When it is missing, altered, of another kind, or holds a type that is not trusted.
    """
    card = read_card(version, root)
    if card.name != OWN:
        raise BadArtifact(f"{version}: is no own estimator")
    content = read_model_file(card, root)
    try:
        return OwnModel(_opened(content).estimator, float(card.parameters["temperature"])), card
    except Exception as error:  # damaged bytes raise whatever zipfile, json and skops raise
        raise BadArtifact(f"{version}: cannot be opened: {error}") from error


def _opened(content: bytes) -> OwnModel:
    return OwnModel(skops.io.loads(content, trusted=list(ALLOWED)))
