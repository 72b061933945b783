"""The published measure: real headlines kept aside, and minimal pairs, with 95 % intervals.

Every look at the ``test`` part of the public labels is written down in ``test_reads.csv``, for a
test that is looked at often is a second validation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.card import Figure
from training.labels import direction_numbers
from training.metrics import Report, measure
from training.public_labels import TEST, years_of
from training.splits import duplicate_groups

HERE = Path(__file__).parent
PAIRS = HERE / "pairs" / "test.csv"
TEST_READS = HERE / "test_reads.csv"
COLUMNS = ("macro_f1", "f1_thaw", "f1_escalation", "f1_neutral", "ece", "brier")
NORMAL_95 = 1.959964

Floats = npt.NDArray[np.float64]
Reader = Callable[[Sequence[str]], Floats]
"""Texts to probabilities (n, 3), rows sum to 1."""


def kept_aside(found: pd.DataFrame) -> pd.DataFrame:
    """The rows of the ``test`` part, with a column ``year``.

    Raises
    ------
    ValueError
        When no text of it is at hand.
    """
    kept = found[found["part"] == TEST].reset_index(drop=True)
    if kept.empty:
        raise ValueError("no text of the test part is at hand; see training.public_texts")
    return kept.assign(year=years_of(kept))


def note_read(path: Path, now: datetime, model: str, rows: int) -> int:
    """Append a line to the list of looks at the test part; how many there are now."""
    if not path.exists():
        path.write_text("read_at,model,rows\n", "utf-8")
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{now:%Y-%m-%dT%H:%M:%SZ},{model},{rows}\n")
    return len(path.read_text("utf-8").splitlines()) - 1


def measured(read: Reader, frame: pd.DataFrame, seed: int) -> Iterator[tuple[str, Report]]:
    """Reports on all rows, then by pool and by year, with intervals that keep copies together."""
    told = read(frame["text"].tolist())
    truth, groups = direction_numbers(frame), duplicate_groups(frame["text"].tolist())
    yield "all", measure(truth, told, groups, seed)
    for column in ("pool", "year"):
        for name, rows in frame.groupby(column).indices.items():
            yield f"{column} {name}", measure(truth[rows], told[rows], groups[rows], seed)


def pairs_right(read: Reader, pairs: pd.DataFrame) -> tuple[int, Figure]:
    """Number of pairs, and the share of which both texts are read right (Wilson 1927).

    ``pairs`` is a label frame with a column ``pair``; a text without its partner is left out.
    """
    right = read(pairs["text"].tolist()).argmax(axis=1) == direction_numbers(pairs)
    both = pd.Series(right).groupby(pairs["pair"].to_numpy()).agg(["size", "all"])
    whole = both.loc[both["size"] == 2, "all"]
    return len(whole), wilson(int(whole.sum()), len(whole))


def wilson(hits: int, of: int) -> Figure:
    """A share with its 95 % interval (Wilson 1927).

    Examples
    --------
    >>> wilson(90, 100)
    Figure(value=0.9, low=0.8256, high=0.9448)
    """
    if of == 0:
        raise ValueError("of: nothing to take a share of")
    share, z2 = hits / of, NORMAL_95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = NORMAL_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Figure(round(share, 4), round(middle - reach, 4), round(middle + reach, 4))


def line_of(name: str, report: Report) -> str:
    """A line of the table: name, rows, then each figure with its interval."""
    return f"{name:30}{report.rows:5d}" + "".join(
        f"{shown(report.figures[column]):>19}" for column in COLUMNS
    )


def head_line() -> str:
    """The names of the columns of ``line_of``."""
    return f"{'':30}{'rows':>5}" + "".join(f"{column:>19}" for column in COLUMNS)


def shown(figure: Figure) -> str:
    """``0.71 (0.68–0.74)``, three places."""
    return f"{figure.value:.3f} ({figure.low:.2f}–{figure.high:.2f})"
