"""What the accurate model learns from, and what it is chosen by."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pandas as pd

from training.fit import CORPUS
from training.labels import read_corpus
from training.public_labels import TEST, TRAIN, VALIDATION
from training.public_texts import default_folders, labelled_texts
from training.splits import duplicate_groups

REAL, HAPPENING = 3.0, 0.5
"""Weights of a real headline and of a line of the chronology; a text of ours weighs 1."""
COLUMNS = ["text", "direction", "intensity", "weight", "own", "pair"]


def learning_texts(corpus: Path = CORPUS) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows to learn from (``COLUMNS``) and the validation part, which no row is a copy of.

    Raises
    ------
    ValueError
        When no text of the public labels is at hand.
    """
    found = labelled_texts(default_folders())
    if found.empty:
        raise ValueError("no text of the public labels is at hand; see training.public_texts")
    with as_file(files("risk_service").joinpath("chronology.csv")) as path:
        happenings = pd.read_csv(path)
    kept = found[found["part"].isin((VALIDATION, TEST))]
    rows = pd.concat(
        [
            read_corpus(corpus).assign(weight=1.0, own=True),
            happenings.assign(weight=HAPPENING, own=True),
            found[found["part"] == TRAIN].assign(weight=REAL, own=False),
        ],
        ignore_index=True,
    )[COLUMNS]
    groups = duplicate_groups([*rows["text"], *kept["text"]])
    copies = np.isin(groups[: len(rows)], groups[len(rows) :])
    validation = kept[kept["part"] == VALIDATION].reset_index(drop=True)
    return rows[~copies].reset_index(drop=True), validation
