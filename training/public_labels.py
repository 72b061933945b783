"""Labels of real headlines without their texts: rows keyed by a hash of the text.

``public_labels.csv`` has a row a headline: ``sha256`` (see ``key_of``), ``direction``,
``intensity``, ``pool``, ``part`` and ``origin``, the public repository and, after a colon, the
file in it where the text stands. The texts belong to their outlets and are never committed;
``training.public_texts`` finds them.

Pools: ``wklnd`` and ``stream`` are headlines of one hourly news page, ``werner`` and ``ruwa`` of
2022. Labels of ``stream`` are of two readers who did not see one another's; where one of them
said neutral the row is neutral, where they said thaw against escalation it was left out.

Parts were fixed before any training. ``test``: wklnd from 2026-03-01 on, and a hashed 15 % of the
stories of werner and ruwa. ``validation``: wklnd of January and February 2026, and a hashed 10 %.
``train``: the rest. Stories are chains of near-duplicates (token-set ratio of 80 or more) and
never straddle: what is near a test or validation headline of another part is ``dropped``, and so
are stream headlines from 2026 on, which serve neither training nor measuring.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from models.estimators import CLASSES

LABELS = Path(__file__).parent / "public_labels.csv"
COLUMNS = ("sha256", "direction", "intensity", "pool", "part", "origin")
TRAIN, VALIDATION, TEST, DROPPED = PARTS = ("train", "validation", "test", "dropped")
YEAR_OF_UNDATED = "2022"

_PLAIN = str.maketrans({**dict.fromkeys("‘’", "'"), **dict.fromkeys("“”", '"'), "–": "-"})


def key_of(text: str) -> str:
    """SHA-256 in hex of a text's normal form, which must never change.

    Normal form: Unicode NFC, curly quotes and the en dash made plain, every run of white space one
    blank, none at the ends; case and accents stay.

    Examples
    --------
    >>> key_of("Talks “resume” –\u00a0again ") == key_of('Talks "resume" - again')
    True
    >>> key_of("talks") == key_of("Talks")
    False
    """
    plain = " ".join(unicodedata.normalize("NFC", text).translate(_PLAIN).split())
    return hashlib.sha256(plain.encode()).hexdigest()


def read_public_labels(path: Path = LABELS) -> pd.DataFrame:
    """The label file: ``COLUMNS``, ``intensity`` as float, NaN if neutral.

    Raises
    ------
    ValueError
        When a column is missing, or a direction, part or intensity cannot be right.
    """
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"{path.name}: columns missing: {', '.join(missing)}")
    neutral = frame["direction"] == "neutral"
    sound = frame["direction"].isin(CLASSES) & frame["part"].isin(PARTS)
    sound &= frame["intensity"].where(~neutral, "1").isin(["1", "2", "3"])
    if not sound.all() or frame["sha256"].duplicated().any():
        raise ValueError(f"{path.name}: rows repeated, or of an unknown direction or part")
    return frame.assign(intensity=pd.to_numeric(frame["intensity"].replace("", np.nan)))


def with_texts(labels: pd.DataFrame, texts: Mapping[str, str]) -> pd.DataFrame:
    """The labels whose text is among ``texts`` (by ``key_of``), in their order, with it."""
    frame = labels.assign(text=labels["sha256"].map(texts))
    return frame[frame["text"].notna()].reset_index(drop=True)


def years_of(labels: pd.DataFrame) -> pd.Series[str]:
    """Year of each row by the page it stood on; 2022 for the pools that are of that year."""
    return labels["origin"].str.extract(r":news/(\d{4})/")[0].fillna(YEAR_OF_UNDATED)
