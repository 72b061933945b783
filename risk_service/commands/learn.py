"""``train`` and ``evaluate``: making a classifier, and measuring one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.registry import ARTIFACTS
from training import evaluate as evaluation
from training import fit


def train(
    corpus: Annotated[Path, typer.Option(help="Folder of label files.")] = fit.CORPUS,
    artifacts: Annotated[Path, typer.Option(help="Where the artifact goes.")] = ARTIFACTS,
) -> None:
    """Train the classifier from the corpus; the same corpus gives the same artifact."""
    raise SystemExit(fit.main(["--corpus", str(corpus), "--out", str(artifacts)]))


def evaluate(labels: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Measure the champion on a label file, beside the baselines."""
    raise SystemExit(evaluation.main(["--labels", str(labels)]))
