"""``train`` and ``evaluate``: making a classifier, and measuring one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from models.registry import ARTIFACTS
from risk_service.commands.terminal import PLAIN, err, out
from risk_service.config import Settings
from risk_service.registering import register_folder
from risk_service.store.engine import reading
from risk_service.store.models import champion_version
from risk_service.wiring import clock, open_database
from training import evaluate as evaluation
from training import fit
from training.labels import read_corpus, read_labels
from training.learners import BASELINES, FastLearner, Learner
from training.own import own_learner
from training.retrain import retrain
from training.sources import from_files, from_query
from training.walk_forward import WalkForward
from training.walked import walked

Estimator = Annotated[str, typer.Option(help="Own scikit-learn estimator: package.module:factory.")]
Walk = Annotated[bool, typer.Option(help="Fold in the order of time, by a column of dates.")]
First = Annotated[int, typer.Option(help="Days at the start that are only learnt from.")]
Block = Annotated[int, typer.Option(help="Days of each block that is tested.")]
Embargo = Annotated[int, typer.Option(help="Days before a block that are not learnt from.")]
Date = Annotated[str, typer.Option(help="Column of dates.")]
_CUT = WalkForward()


def train(
    corpus: Annotated[Path, typer.Option(help="Folder of label files.")] = fit.CORPUS,
    artifacts: Annotated[
        Path | None, typer.Option(help="Where the artifact goes; else where the service looks.")
    ] = None,
    labels: Annotated[
        list[Path] | None, typer.Option(help="Label files in place of the corpus.")
    ] = None,
    query: Annotated[str, typer.Option(help="SQL that gives direction, intensity, text.")] = "",
    database: Annotated[str, typer.Option(help="Where --query asks; it is only read.")] = "",
    estimator: Estimator = "",
    walk_forward: Walk = False,
    first: First = _CUT.first_days,
    block: Block = _CUT.block_days,
    embargo: Embargo = _CUT.embargo_days,
    date: Date = _CUT.date,
) -> None:
    """Train a classifier, and register it; the same rows give the same artifact.

    Nothing that serves is replaced: see promote. Without labels or query, the corpus and the real
    headlines at hand are learnt from.
    """
    settings = Settings()
    folder = artifacts or settings.models_dir or ARTIFACTS
    if labels or query or estimator or walk_forward:
        rows = _rows(corpus, labels, query, database or settings.database_url)
        cut = WalkForward(first, block, embargo, date) if walk_forward else None
        made = retrain(rows, _learner(estimator), folder, fit.SEED, cut)
        for line in made.fold_lines:
            out.print(line, **PLAIN)
        card = made.card
        out.print(f"{card.version}  {len(rows)} rows  sha256 {card.sha256[:16]}", **PLAIN)
        out.print(f"figures of {card.measured_on}:", **PLAIN)
        fit.print_figures(card.metrics)
    elif status := fit.main(["--corpus", str(corpus), "--out", str(folder)]):
        raise SystemExit(status)
    _register(settings, folder)


def evaluate(
    labels: Annotated[Path, typer.Argument(exists=True)],
    model: Annotated[str, typer.Option(help="A version in place of the champion.")] = "",
    estimator: Estimator = "",
    walk_forward: Walk = False,
    first: First = _CUT.first_days,
    block: Block = _CUT.block_days,
    embargo: Embargo = _CUT.embargo_days,
    date: Date = _CUT.date,
) -> None:
    """Measure the champion, or --model, on a label file, beside the baselines.

    With --walk-forward the ways of learning are measured, each fitted anew in every fold.
    """
    if not walk_forward:
        if estimator:
            raise ValueError("--estimator: is not fitted yet; measure it with --walk-forward")
        raise SystemExit(evaluation.main(["--labels", str(labels), *_model(model)]))
    learners: list[Learner] = [_learner(estimator), *BASELINES]
    cut = WalkForward(first, block, embargo, date)
    for line in walked(read_labels(labels), cut, learners, fit.SEED):
        out.print(line, **PLAIN)


def _rows(corpus: Path, labels: list[Path] | None, query: str, database: str) -> pd.DataFrame:
    if labels and query:
        raise ValueError("--labels and --query: one of them at a time")
    if labels:
        return from_files(labels)
    return from_query(database, query) if query else read_corpus(corpus)


def _learner(estimator: str) -> Learner:
    if not estimator:
        return FastLearner()
    # An installed command does not look where it is called from, and own code lies there.
    sys.path.insert(0, str(Path.cwd()))
    return own_learner(estimator, fit.SEED)


def _model(version: str) -> list[str]:
    settings = Settings()
    if not version and not settings.model:
        engine = open_database(settings)
        register_folder(engine, settings.models_dir, clock())
        with reading(engine) as conn:
            version = champion_version(conn) or ""
    named = ["--model", version or settings.model] if version or settings.model else []
    return [*named, *(["--models", str(settings.models_dir)] if settings.models_dir else [])]


def _register(settings: Settings, folder: Path) -> None:
    if folder.resolve() != (settings.models_dir or ARTIFACTS).resolve():
        err.print(
            f"not registered: the service looks for artifacts elsewhere than {folder}", **PLAIN
        )
        return
    register_folder(open_database(settings), settings.models_dir, clock())
