"""What a margin costs and gains on the validation headlines: ``python -m training.abstention``.

By it ``models.abstention.MARGIN`` was chosen: the largest margin of the list at which at most
``MOST_ABSTAINED`` is abstained from, and less than ``MOST_RIGHT`` of that would have been right.
The test part is never looked at. A model that has learnt from the validation headlines is refused.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.abstention import MARGIN, too_close
from models.card import Figure
from models.registry import ARTIFACTS, BadArtifact, champion_version, load
from training.held_out import shown, wilson
from training.labels import direction_numbers
from training.public_labels import VALIDATION
from training.public_texts import default_folders, labelled_texts

MARGINS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40)
MOST_ABSTAINED, MOST_RIGHT = 0.10, 0.55
LEARNT = f"part {VALIDATION}"
"""In the counts of a card: the model was fitted to the validation headlines too."""


@dataclass(frozen=True, slots=True)
class AtMargin:
    """What one margin comes to; ``accuracy`` is of the texts that are not abstained from,
    ``close_accuracy`` of those that are; None where there is no such text.
    """

    margin: float
    rows: int
    abstained: Figure
    accuracy: Figure | None
    close_accuracy: Figure | None


def at_margin(
    truth: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float64], margin: float
) -> AtMargin:
    """Measure one margin, with 95 % intervals (Wilson 1927).

    Parameters
    ----------
    truth
        Class numbers, (n,), n of 1 or more.
    probabilities
        (n, 3).
    """
    close = too_close(probabilities, margin)
    right = probabilities.argmax(axis=1) == truth
    return AtMargin(
        margin,
        len(truth),
        wilson(int(close.sum()), len(truth)),
        _share(right[~close]),
        _share(right[close]),
    )


def chosen(found: Sequence[AtMargin]) -> float:
    """The margin by the rule; 0, never to abstain, where none is good."""
    good = [
        one.margin
        for one in found
        if one.abstained.value <= MOST_ABSTAINED
        and one.close_accuracy is not None
        and one.close_accuracy.value < MOST_RIGHT
    ]
    return max(good, default=0.0)


def validation_rows(folders: Sequence[Path]) -> pd.DataFrame:
    """The validation headlines whose text is in the folders; ValueError where there is none."""
    found = labelled_texts(folders)
    rows = found[found["part"] == VALIDATION].reset_index(drop=True)
    if rows.empty:
        raise ValueError("no text of the validation part is at hand; see training.public_texts")
    return rows


def table(found: Sequence[AtMargin]) -> Iterator[str]:
    """A line a margin."""
    yield f"{'margin':>8}{'abstained':>20}{'right of the rest':>20}{'right of those':>20}"
    for one in found:
        figures = (one.abstained, one.accuracy, one.close_accuracy)
        told = (f"{shown(figure) if figure else '–':>20}" for figure in figures)
        yield f"{one.margin:8.2f}{''.join(told)}" + ("  in use" if one.margin == MARGIN else "")


def _share(right: npt.NDArray[np.bool_]) -> Figure | None:
    return wilson(int(right.sum()), len(right)) if len(right) else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table for a model."""
    parser = argparse.ArgumentParser(prog="python -m training.abstention", description=__doc__)
    parser.add_argument("--model", default="", help="version; else the champion of the folder")
    parser.add_argument("--artifacts", type=Path, default=ARTIFACTS)
    told = parser.parse_args(arguments)
    try:
        rows = validation_rows(default_folders())
        version = told.model or champion_version(told.artifacts)
        model = load(version, told.artifacts)
        if LEARNT in model.card.counts:
            raise ValueError(f"{version} has learnt from the validation headlines")
    except (ValueError, BadArtifact) as error:
        sys.stderr.write(f"not measured: {error}\n")
        return 1
    truth, read = direction_numbers(rows), model.score(rows["text"].tolist()).probabilities
    found = [at_margin(truth, read, margin) for margin in MARGINS]
    print(f"{version}, {len(rows)} validation headlines")
    print("\n".join(table(found)))
    print(f"by the rule: {chosen(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
