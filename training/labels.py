"""Label files: CSV of ``direction``, ``intensity``, ``text``, refused when it cannot be right."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.estimators import CLASSES
from models.text import normalise

COLUMNS = ("direction", "intensity", "text")
INTENSITIES = frozenset({1.0, 2.0, 3.0})
LEAST_ROWS = 60
LEAST_OF_CLASS = 10
LEAST_STORIES = 5
"""As many as there are folds, so that every fold has a story of every class to be measured on."""


def read_labels(path: Path) -> pd.DataFrame:
    """Rows of a label file: ``direction``, ``intensity`` (1–3, NaN if neutral), ``text``, others.

    Exact repeats with the same label are kept once. gzip is read by the name's ending.

    Raises
    ------
    ValueError
        Naming the file and what is wrong: columns missing, rows without text or label, unknown
        directions or intensities, or one text under two directions.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: is not a CSV file ({error})") from None
    try:
        return checked(frame)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def read_corpus(folder: Path) -> pd.DataFrame:
    """All label files of a folder, in order of their names, as one; column ``file`` added.

    Raises
    ------
    ValueError
        As ``read_labels``, and when files contradict one another or ``check_enough`` fails.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise ValueError(f"{folder.name}: holds no CSV file")
    corpus = joined([read_labels(path).assign(file=path.stem) for path in paths])
    check_enough(corpus)
    return corpus


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Label frames as one; ValueError when they contradict one another."""
    return _without_repeats(pd.concat(frames, ignore_index=True))


def check_enough(frame: pd.DataFrame) -> None:
    """Refuse with ValueError a set too small to learn from, or one that lacks a class."""
    if len(frame) < LEAST_ROWS:
        raise ValueError(f"{len(frame)} labelled rows, at least {LEAST_ROWS} are needed")
    for name in CLASSES:
        count = int((frame["direction"] == name).sum())
        if count < LEAST_OF_CLASS:
            raise ValueError(f"{count} rows of {name}, at least {LEAST_OF_CLASS} are needed")


def check_varied(frame: pd.DataFrame, groups: npt.NDArray[np.int64]) -> None:
    """Refuse with ValueError a set of copies: each class needs ``LEAST_STORIES`` stories.

    ``groups`` are those of ``training.splits.duplicate_groups``.
    """
    for name in CLASSES:
        count = len(np.unique(groups[(frame["direction"] == name).to_numpy()]))
        if count < LEAST_STORIES:
            raise ValueError(
                f"rows of {name} are copies of {count} texts, at least {LEAST_STORIES} are needed"
            )


def direction_numbers(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """(n,) place of each direction in ``CLASSES``."""
    numbers = {name: number for number, name in enumerate(CLASSES)}
    return np.array([numbers[name] for name in frame["direction"]], dtype=np.int64)


def fingerprint(frame: pd.DataFrame) -> str:
    """SHA-256 in hex of directions, intensities and texts, in order."""
    digest = hashlib.sha256()
    for row in frame[list(COLUMNS)].itertuples(index=False):
        digest.update(f"{row.direction}\x1f{row.intensity}\x1f{row.text}\x1e".encode())
    return digest.hexdigest()


def checked(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of text columns as ``read_labels`` gives it; ValueError says what is wrong."""
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(f"columns missing: {', '.join(missing)}")
    frame = frame.assign(
        direction=frame["direction"].str.strip(),
        text=frame["text"].str.strip(),
        intensity=pd.to_numeric(frame["intensity"], errors="coerce").where(
            frame["intensity"].str.strip() != "", np.nan
        ),
    )
    _refuse(frame["text"] == "", "no text")
    _refuse(frame["direction"] == "", "no direction")
    _refuse(~frame["direction"].isin(CLASSES), f"a direction that is none of {', '.join(CLASSES)}")
    if "weight" in frame:
        frame = frame.assign(weight=pd.to_numeric(frame["weight"], errors="coerce"))
        _refuse(~(frame["weight"] > 0) | np.isinf(frame["weight"]), "a weight that is not positive")
    neutral = frame["direction"] == "neutral"
    _refuse(~neutral & ~frame["intensity"].isin(INTENSITIES), "no intensity 1, 2 or 3")
    _refuse(neutral & frame["intensity"].notna(), "an intensity though neutral")
    return _without_repeats(frame)


def _refuse(wrong: pd.Series[bool], complaint: str) -> None:
    """Raise, naming the first lines of the file (1 is the header) that are wrong."""
    lines = [str(number + 2) for number in np.flatnonzero(wrong.to_numpy())]
    if lines:
        shown = ", ".join(lines[:5]) + (" …" if len(lines) > 5 else "")
        raise ValueError(f"{len(lines)} rows have {complaint} (lines {shown})")


def _without_repeats(frame: pd.DataFrame) -> pd.DataFrame:
    keys = frame["text"].map(normalise)
    differing = frame.groupby(keys)["direction"].transform("nunique") > 1
    if differing.any():
        text = frame.loc[differing, "text"].iloc[0]
        raise ValueError(f"one text under two directions: {text!r}")
    return frame[~keys.duplicated()].reset_index(drop=True)
