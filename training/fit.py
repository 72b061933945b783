"""Corpus to artifact, in one command: ``python -m training.fit``.

The same corpus, seed and library versions give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from models.card import INTENDED_USE, LABEL_GUIDE, LIMITS, Card
from models.estimators import CLASSES, FastModel, FastSettings, calibrated
from models.registry import ARTIFACTS, promote, save
from models.state import pack
from models.vectors import WordVectors
from training.labels import direction_numbers, fingerprint, read_corpus
from training.metrics import log_loss, measure
from training.splits import Fold, duplicate_groups, grouped_folds

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
VECTORS = HERE / "vectors" / "glove_6b_50d.npz"
AS_OF = "as_of.txt"
SEED = 20_240_601
FOLDS = 5
RECIPE = "3"
"""Raised when the code of features or fit changes what is learnt from the same data."""
LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops")

Floats = npt.NDArray[np.float64]


def read_vectors(path: Path = VECTORS) -> WordVectors:
    """The bundled word vectors."""
    with np.load(path) as held:
        words = tuple(str(held["words"]).split("\n"))
        return WordVectors(words, held["ranks"], held["codes"], held["scales"].ravel())


def train(corpus_dir: Path = CORPUS, out_dir: Path = ARTIFACTS, seed: int = SEED) -> Card:
    """Cross-validate, calibrate, fit on all rows, save the artifact and name it champion.

    Raises
    ------
    ValueError
        When the corpus is refused (see ``training.labels``).
    """
    corpus = read_corpus(corpus_dir)
    settings, vectors = FastSettings(), read_vectors()
    directions = direction_numbers(corpus)
    groups = duplicate_groups(corpus["text"].tolist())
    folds = grouped_folds(groups, directions, FOLDS, seed)
    logits, severity = out_of_fold(corpus, folds, vectors, settings)
    report = measure(directions, cross_calibrated(logits, directions, folds), groups, seed)
    error = float(np.nanmean(np.abs(severity - corpus["intensity"])))
    model = fit_model(corpus, vectors, settings)
    model = replace(model, temperature=best_temperature(logits, directions))
    card = _card(corpus, _as_of(corpus_dir), settings, seed, model)
    card = replace(
        card,
        metrics=report.figures,
        parameters={**card.parameters, "severity_mean_absolute_error": round(error, 4)},
    )
    save(card, pack(model), out_dir)
    promote(card.version, out_dir)
    return card


def fit_model(corpus: pd.DataFrame, vectors: WordVectors, settings: FastSettings) -> FastModel:
    """Fit to every row of a label frame; not yet calibrated."""
    return FastModel.fit(
        corpus["text"].tolist(),
        direction_numbers(corpus),
        corpus["intensity"].to_numpy(np.float64),
        vectors,
        settings,
    )


def out_of_fold(
    corpus: pd.DataFrame, folds: Sequence[Fold], vectors: WordVectors, settings: FastSettings
) -> tuple[Floats, Floats]:
    """Logits (n, 3) and severity (n,) of each row by a model that has not seen it."""
    logits, severity = np.full((len(corpus), 3), np.nan), np.full(len(corpus), np.nan)
    for seen, unseen in folds:
        model = fit_model(corpus.iloc[seen], vectors, settings)
        logits[unseen], severity[unseen] = model.read(corpus["text"].iloc[unseen].tolist())
    return logits, severity


def best_temperature(logits: Floats, directions: npt.NDArray[np.int64]) -> float:
    """Temperature of the least log loss (Guo et al. 2017), within 0.2–5."""
    found = minimize_scalar(
        lambda log_t: log_loss(directions, calibrated(logits, float(np.exp(log_t)))),
        bounds=(np.log(0.2), np.log(5)),
        method="bounded",
    )
    return round(float(np.exp(found.x)), 4)


def cross_calibrated(
    logits: Floats, directions: npt.NDArray[np.int64], folds: Sequence[Fold]
) -> Floats:
    """Probabilities of each fold at the temperature that the other folds ask for."""
    probabilities = np.zeros_like(logits)
    for seen, unseen in folds:
        temperature = best_temperature(logits[seen], directions[seen])
        probabilities[unseen] = calibrated(logits[unseen], temperature)
    return probabilities


def _as_of(corpus_dir: Path) -> str:
    path = corpus_dir / AS_OF
    return path.read_text("utf-8").strip() if path.exists() else "unknown"


def _card(
    corpus: pd.DataFrame, as_of: str, settings: FastSettings, seed: int, model: FastModel
) -> Card:
    data = fingerprint(corpus)
    libraries = {name: version(name) for name in LIBRARIES}
    vectors = hashlib.sha256(VECTORS.read_bytes()).hexdigest()
    facts = [data, vectors, RECIPE, seed, sorted(asdict(settings).items())]
    short = hashlib.sha256(repr(facts).encode()).hexdigest()[:8]
    counts = corpus["direction"].value_counts()
    return Card(
        name="fast",
        version=f"fast-{short}",
        created=as_of,
        intended_use=INTENDED_USE,
        limits=LIMITS,
        label_guide=LABEL_GUIDE,
        data_sha256=data,
        counts={"rows": len(corpus), **{name: int(counts[name]) for name in CLASSES}},
        metrics={},
        parameters={**asdict(settings), "temperature": model.temperature, "folds": FOLDS},
        libraries=libraries,
        python=platform.python_version(),
        seed=seed,
        sha256=hashlib.sha256(pack(model)).hexdigest(),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Train from the command line; prints the version and the cross-validated figures."""
    parser = argparse.ArgumentParser(prog="python -m training.fit", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of label files")
    parser.add_argument("--out", type=Path, default=ARTIFACTS, help="folder of artifacts")
    parser.add_argument("--seed", type=int, default=SEED)
    told = parser.parse_args(arguments)
    try:
        card = train(told.corpus, told.out, told.seed)
    except ValueError as error:
        print(f"not trained: {error}", file=sys.stderr)
        return 1
    print(f"{card.version}  {card.counts['rows']} rows  sha256 {card.sha256[:16]}")
    for name, figure in card.metrics.items():
        print(f"  {name:14} {figure.value:.4f}  ({figure.low:.4f}–{figure.high:.4f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
