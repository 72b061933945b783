"""Any labelled rows and any learner to an artifact, measured on rows it had not seen."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from models.card import INTENDED_USE, LABEL_GUIDE, LABEL_GUIDE_VERSION, LIMITS, Card
from models.estimators import CLASSES, FastModel
from models.registry import save, unclaimed
from models.state import pack
from training.labels import check_varied, direction_numbers, fingerprint
from training.learners import FastLearner, Fitted, Learner
from training.measured import FOLDS, Measured, fold_lines, measure_unseen
from training.metrics import reliability
from training.own import OwnLearner, OwnModel, pack_own
from training.provenance import git_commit, library_versions
from training.splits import Fold, duplicate_groups, grouped_folds
from training.walk_forward import WalkForward

PROVED_ON = 200
"""Texts an own estimator must read alike before and after it is stored."""
OWN_LIMITS = (
    "An own estimator: measured, compared and registered, but never served, for opening it builds"
    " objects of scikit-learn that the service does not allow.",
    "It tells no severity.",
)


@dataclass(frozen=True)
class Retrained:
    """The card of a new artifact, and the lines of its table of folds, if in the order of time."""

    card: Card
    fold_lines: tuple[str, ...]


def retrain(
    rows: pd.DataFrame,
    learner: Learner,
    out_dir: Path,
    seed: int,
    cut: WalkForward | None = None,
) -> Retrained:
    """Measure, calibrate, fit on all rows and save the artifact; it is promoted by nobody here.

    ``cut`` folds the rows in the order of time by their column ``cut.date``; without it the folds
    are a grouped cross-validation. Near-copies are never on both sides of a fold.

    Raises
    ------
    ValueError
        When rows are copies of too few texts, lack the column of dates, or the labels do not follow
        from the texts; and what learner and ``own.pack_own`` complain of.
    """
    groups = duplicate_groups(rows["text"].tolist())
    check_varied(rows, groups)
    folds = folds_in_time(rows, cut, groups) if cut else _folds(rows, groups, seed)
    measured = measure_unseen(rows, folds, learner, groups, seed, in_time=cut is not None)
    check_learnt(rows, measured)
    model = learner.fit(rows)
    content = _packed(model, measured.temperature, rows["text"].tolist())
    card = _card(rows, learner, seed, measured, content, _measured_on(measured, folds, cut))
    card = replace(card, version=unclaimed(card, out_dir), created=_newest(rows, cut))
    save(card, content, out_dir)
    lines: Sequence[str] = ()
    if cut is not None:
        lines = list(fold_lines(card.version, moments_of(rows, cut), folds, measured))
    return Retrained(card, tuple(lines))


def folds_in_time(
    rows: pd.DataFrame, cut: WalkForward, groups: np.typing.NDArray[np.int64]
) -> list[Fold]:
    """Walk-forward folds whose past holds every class; ValueError when there is none."""
    if cut.date not in rows.columns:
        raise ValueError(f"columns missing: {cut.date}, which walk-forward folds need")
    directions = direction_numbers(rows)
    folds = [
        (seen, unseen)
        for seen, unseen in cut.split(rows, groups=groups)
        if len(np.unique(directions[seen])) == len(CLASSES)
    ]
    if not folds:
        raise ValueError(f"{cut.date}: the rows span too short a time for {cut}")
    return folds


def moments_of(rows: pd.DataFrame, cut: WalkForward) -> pd.Series[pd.Timestamp]:
    """The moments of rows, UTC."""
    return pd.to_datetime(rows[cut.date], utc=True, format="ISO8601")


def check_learnt(rows: pd.DataFrame, measured: Measured) -> None:
    """Refuse with ValueError labels that tell no more of unseen rows than their shares do."""
    shares = np.bincount(direction_numbers(rows), minlength=len(CLASSES)) / len(rows)
    told = measured.report.figures["log_loss"].value
    base = float(-np.log(shares)[measured.truth].mean())
    if told >= base:
        raise ValueError(
            f"labels do not follow from the texts: log loss {told:.3f} on unseen rows, where the"
            f" shares of the classes alone give {base:.3f}; are they in the right rows?"
        )


def _folds(rows: pd.DataFrame, groups: np.typing.NDArray[np.int64], seed: int) -> list[Fold]:
    return grouped_folds(groups, direction_numbers(rows), FOLDS, seed)


def _packed(model: Fitted, temperature: float, texts: Sequence[str]) -> bytes:
    if isinstance(model, FastModel):
        return pack(replace(model, temperature=temperature))
    if isinstance(model, OwnModel):
        return pack_own(model, texts[:PROVED_ON])
    raise ValueError(f"learner: {type(model).__name__} cannot be stored")


def _data_hash(rows: pd.DataFrame) -> str:
    """The fingerprint of the labels; where rows have weights, one of labels and weights."""
    labels = fingerprint(rows)
    if "weight" not in rows:
        return labels
    weights = rows["weight"].fillna(1.0).to_numpy("<f8").tobytes()
    return hashlib.sha256(labels.encode() + weights).hexdigest()


def _card(
    rows: pd.DataFrame,
    learner: Learner,
    seed: int,
    measured: Measured,
    content: bytes,
    measured_on: str,
) -> Card:
    own = learner.path if isinstance(learner, OwnLearner) else ""
    settings = [own, *(sorted(vars(learner.settings).items()) if isinstance(learner, FastLearner)
                else [])]  # fmt: skip
    digest, data = hashlib.sha256(content).hexdigest(), _data_hash(rows)
    facts = hashlib.sha256(repr([data, seed, settings, digest]).encode()).hexdigest()
    names = rows["direction"].value_counts()
    return Card(
        name=learner.name,
        version=f"{learner.name}-{facts[:8]}",
        created="",
        intended_use=INTENDED_USE,
        limits=(*LIMITS, *(OWN_LIMITS if own else ())),
        label_guide=LABEL_GUIDE,
        label_guide_version=LABEL_GUIDE_VERSION,
        data_sha256=data,
        counts={"rows": len(rows), **{name: int(names[name]) for name in CLASSES},
                "measured": measured.report.rows},
        metrics=measured.report.figures,
        confusion=measured.report.confusion,
        reliability=reliability(measured.truth, measured.probabilities),
        measured_on=measured_on,
        parameters=_parameters(measured),
        libraries=library_versions(),
        python=platform.python_version(),
        seed=seed,
        sha256=digest,
        estimator=own,
        git_commit=git_commit(),
    )  # fmt: skip


def _parameters(measured: Measured) -> dict[str, float]:
    parameters = {"temperature": measured.temperature, "folds": len(measured.folds) or FOLDS}
    if not np.isnan(measured.severity_error):
        parameters["severity_mean_absolute_error"] = round(measured.severity_error, 4)
    return parameters


def _measured_on(measured: Measured, folds: Sequence[Fold], cut: WalkForward | None) -> str:
    rows = measured.report.rows
    if cut is None:
        return f"{rows} texts, grouped cross-validation in {len(folds)} folds"
    return (
        f"{rows} texts, walk-forward in {len(folds)} folds of {cut.block_days} days with an"
        f" embargo of {cut.embargo_days} days"
    )


def _newest(rows: pd.DataFrame, cut: WalkForward | None) -> str:
    return f"{moments_of(rows, cut).max():%Y-%m-%d}" if cut else "unknown"
