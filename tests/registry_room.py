"""A room with models for the tests: small artifacts of fast models, good and bad, on disk."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from models.card import Card
from models.estimators import FastModel, FastSettings
from models.registry import CHAMPION, load, save
from models.state import pack
from models.vectors import WordVectors
from risk_service.core.method import METHOD
from risk_service.desk import Desk, read_gazetteers
from tests.small_corpus import small_corpus, write_labels
from training.gate import PromotionGate
from training.learners import FastLearner

TINY = WordVectors(
    ("talks", "missiles"),
    np.array([100, 2_000], np.int32),
    np.array([[100, 0], [0, 127]], np.int8),
    np.ones(2, np.float32),
)


def rows_of(frame: list[tuple[str, str, str]]) -> pd.DataFrame:
    """Rows of direction, intensity and text as a label frame."""
    rows = pd.DataFrame(frame, columns=["direction", "intensity", "text"])
    return rows.assign(intensity=pd.to_numeric(rows["intensity"]))


def fitted(*, confused: bool = False, temperature: float = 1.0) -> FastModel:
    """A model of the small corpus; ``confused`` takes thaw for escalation and back."""
    rows = rows_of(small_corpus())
    if confused:
        turned = {"thaw": "escalation", "escalation": "thaw", "neutral": "neutral"}
        rows = rows.assign(direction=rows["direction"].map(turned))
    model = FastLearner(TINY, FastSettings()).fit(rows)
    return replace(model, temperature=temperature)


def put(root: Path, version: str, model: FastModel) -> Card:
    """Save a model as an artifact."""
    content = pack(model)
    card = Card(
        name="fast", version=version, created="2025-01-01", intended_use="tests", limits=("small",),
        label_guide="none", data_sha256="0", counts={}, metrics={},
        parameters={"temperature": model.temperature}, libraries={}, python="3", seed=0,
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    save(card, content, root)
    return card


def furnish(root: Path) -> Path:
    """``fast-one``, the champion by file; ``fast-two`` as good; ``fast-bad``; ``fast-unsure``."""
    good = fitted()
    put(root, "fast-one", good)
    put(root, "fast-two", replace(good, temperature=1.01))
    put(root, "fast-bad", fitted(confused=True))
    put(root, "fast-unsure", replace(good, temperature=30.0))
    (root / CHAMPION).write_text("fast-one\n", "utf-8")
    return root


def desk_with(root: Path, version: str = "fast-one") -> Desk:
    """A desk with a model of the room; an index that starts in June 2025."""
    method = replace(METHOD, starts=date(2025, 6, 1))
    return Desk(load(version, root), read_gazetteers(None), method)


def gate_of(folder: Path, **changes: float) -> PromotionGate:
    """A gate whose rows are the small corpus itself."""
    labels = write_labels(folder / "gate_labels.csv", small_corpus()[::4])
    gate = PromotionGate(
        labels=labels,
        least_macro_f1_difference=0.0,
        most_ece=0.3,
        most_ece_rise=0.05,
        least_pair_accuracy=0.0,
        least_texts_per_second=1.0,
    )
    return replace(gate, **changes)
