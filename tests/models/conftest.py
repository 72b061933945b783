"""A model fitted once to the small corpus, and an artifact of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.classifier import Classifier
from models.estimators import CLASSES, FastModel, FastSettings
from models.registry import load
from models.vectors import WordVectors
from tests.small_corpus import small_corpus, write_labels
from training.fit import train


@pytest.fixture(scope="session")
def tiny_vectors() -> WordVectors:
    """Four words in three dimensions."""
    codes = np.array([[100, 0, 0], [90, 10, 0], [0, 100, 0], [0, 0, 127]], dtype=np.int8)
    words = ("talks", "dialogue", "missiles", "museum")
    return WordVectors(words, np.array([100, 900, 2_000, 300], np.int32), codes, _ones(4))


def _ones(count: int) -> np.ndarray:
    return np.ones(count, dtype=np.float32)


@pytest.fixture(scope="session")
def fast_model(tiny_vectors: WordVectors) -> FastModel:
    """Fitted to the small corpus with tiny vectors."""
    rows = small_corpus()
    return FastModel.fit(
        [text for _, _, text in rows],
        np.array([CLASSES.index(direction) for direction, _, _ in rows]),
        np.array([float(intensity or "nan") for _, intensity, _ in rows]),
        tiny_vectors,
        FastSettings(),
    )


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of artifacts with one version, its champion. Copy it before altering it."""
    corpus = tmp_path_factory.mktemp("corpus")
    write_labels(corpus / "rows.csv", small_corpus())
    root = tmp_path_factory.mktemp("artifacts")
    train(corpus, root, seed=1)
    return root


@pytest.fixture(scope="session")
def classifier(artifacts: Path) -> Classifier:
    """The classifier of that artifact, opened from disk."""
    (version,) = [path.name for path in artifacts.iterdir() if path.is_dir()]
    return load(version, artifacts)
