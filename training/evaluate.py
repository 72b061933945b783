"""Measure a model on a label file beside the baselines: ``python -m training.evaluate``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.baselines import BaseRate, PlainTfidf
from models.classifier import Classifier
from models.estimators import CLASSES
from models.registry import BadArtifact, champion, load
from training.fit import CORPUS, SEED, together
from training.held_out import (
    PAIRS,
    TEST_READS,
    Reader,
    head_line,
    kept_aside,
    line_of,
    measured,
    note_read,
    pairs_right,
    shown,
)
from training.labels import direction_numbers, read_corpus, read_labels
from training.metrics import Report, measure
from training.public_labels import LABELS
from training.public_texts import default_folders, labelled_texts
from training.splits import duplicate_groups, grouped_folds

FOLDS = 5
COLUMNS = ("macro_f1", "f1_thaw", "f1_escalation", "f1_neutral", "brier", "log_loss", "ece")

Floats = npt.NDArray[np.float64]


class Baseline(Protocol):
    """What is measured beside the model."""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, 3), rows sum to 1."""


def evaluate(classifier: Classifier, frame: pd.DataFrame) -> Report:
    """Measure on a label frame (see ``read_labels``); intervals keep near-duplicates together."""
    probabilities = classifier.score(frame["text"].tolist()).probabilities
    return _report(frame, probabilities)


def evaluate_baseline(baseline: Baseline, frame: pd.DataFrame) -> Report:
    """The same for a baseline."""
    return _report(frame, baseline.probabilities(frame["text"].tolist()))


def baselines(corpus: pd.DataFrame) -> dict[str, Baseline]:
    """The baselines, fitted to all of a corpus."""
    texts, directions = corpus["text"].tolist(), direction_numbers(corpus)
    return {
        "base rates": BaseRate.fit(texts, directions),
        "plain TF-IDF": PlainTfidf.fit(texts, directions),
    }


def baselines_unseen(corpus: pd.DataFrame, seed: int = SEED) -> dict[str, Report]:
    """The baselines in the same grouped cross-validation as the model card's figures."""
    texts, directions = corpus["text"].to_numpy(), direction_numbers(corpus)
    groups = duplicate_groups(texts.tolist())
    found = {"base rates": np.zeros((len(texts), 3)), "plain TF-IDF": np.zeros((len(texts), 3))}
    for seen, unseen in grouped_folds(groups, directions, FOLDS, seed):
        for name, fitted in baselines(corpus.iloc[seen]).items():
            found[name][unseen] = fitted.probabilities(texts[unseen].tolist())
    return {name: measure(directions, table, groups, seed) for name, table in found.items()}


def table(reports: Mapping[str, Report]) -> str:
    """Reports as lines of text, one each: rows, then the figures."""
    lines = [f"{'':24}{'rows':>6}" + "".join(f"{name:>15}" for name in COLUMNS)]
    for name, report in reports.items():
        figures = "".join(f"{report.figures[column].value:15.4f}" for column in COLUMNS)
        lines.append(f"{name[:24]:24}{report.rows:6d}{figures}")
    return "\n".join(lines)


def confusion_lines(report: Report) -> Iterable[str]:
    """The confusion table: a line per true class."""
    yield f"{'true, read as':24}" + "".join(f"{name:>12}" for name in CLASSES)
    for name, row in zip(CLASSES, report.confusion, strict=True):
        yield f"{name:24}" + "".join(f"{count:12d}" for count in row)


def pools(frame: pd.DataFrame, column: str) -> dict[str, pd.DataFrame]:
    """The frame by the values of a column, such as ``pool``; none where it lacks the column."""
    if column not in frame.columns:
        return {}
    return {str(name): part.reset_index(drop=True) for name, part in frame.groupby(column)}


def _report(frame: pd.DataFrame, probabilities: Floats) -> Report:
    groups = duplicate_groups(frame["text"].tolist())
    return measure(direction_numbers(frame), probabilities, groups, SEED)


def _on_labels(classifier: Classifier, corpus: pd.DataFrame, path: Path, by: str) -> None:
    frame = read_labels(path)
    report = evaluate(classifier, frame)
    rows = {classifier.version: report}
    for name, baseline in baselines(corpus).items():
        rows[name] = evaluate_baseline(baseline, frame)
    for name, part in pools(frame, by).items():
        rows[f"  {by} {name}"] = evaluate(classifier, part)
    print(f"{path.name}, {report.rows} rows the model was not fitted to:")
    print(table(rows))
    print("\n".join(confusion_lines(report)))
    for name in ("macro_f1", "brier", "ece"):
        figure = report.figures[name]
        print(f"{name}: {figure.value:.4f}, 95 % interval {figure.low:.4f}–{figure.high:.4f}")


def _on_corpus(classifier: Classifier, corpus: pd.DataFrame) -> None:
    print("Grouped cross-validation on the corpus:")
    print(table(baselines_unseen(corpus)))
    card = classifier.card
    print(f"{card.version}, by its card on {card.measured_on}:")
    print(table({card.version: Report(card.counts["measured"], card.metrics, ())}))


def _reader(classifier: Classifier) -> Reader:
    return lambda texts: classifier.score(texts).probabilities


def _on_held_out(
    classifiers: Sequence[Classifier],
    corpus: pd.DataFrame,
    found: pd.DataFrame,
    log: Path,
    now: datetime,
) -> None:
    rows = together(corpus, found)
    kept = kept_aside(found)
    names = " ".join(classifier.version for classifier in classifiers)
    times = note_read(log, now, names, len(kept))
    readers: dict[str, Reader] = {
        **{classifier.version: _reader(classifier) for classifier in classifiers},
        **{name: baseline.probabilities for name, baseline in baselines(rows).items()},
    }
    print(f"{len(kept)} held-out real headlines, looked at {times} times so far")
    print(head_line())
    for name, read in readers.items():
        for part, report in measured(read, kept, SEED):
            print(line_of(f"{name}, {part}", report))
    pairs = read_labels(PAIRS)
    for name, read in readers.items():
        count, share = pairs_right(read, pairs)
        print(f"{name:30}both of a minimal pair right: {shown(share)} of {count}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("--labels", type=Path, help="a label file, CSV or gzipped CSV")
    parser.add_argument("--by", default="pool", help="column of the file to break figures down by")
    parser.add_argument("--held-out", action="store_true", help="the published measure; is noted")
    parser.add_argument("--texts", type=Path, nargs="*", help="folders of texts of real headlines")
    parser.add_argument("--public-labels", type=Path, default=LABELS, help="labels by hash")
    parser.add_argument("--log", type=Path, default=TEST_READS, help="where --held-out is noted")
    parser.add_argument("--model", nargs="*", default=[], help="versions, if not the champion")
    parser.add_argument("--models", type=Path, help="folder of artifacts, if not the bundled one")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="what the baselines learn from")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate from the command line; without a choice, on the corpus by cross-validation."""
    told = _parser().parse_args(arguments)
    folders = default_folders() if told.texts is None else told.texts
    try:
        named = [load(version, told.models) for version in told.model]
        classifiers = named or [champion(told.models)]
        corpus = read_corpus(told.corpus)
        if told.held_out:
            found = labelled_texts(folders, told.public_labels)
            _on_held_out(classifiers, corpus, found, told.log, datetime.now(UTC))
        elif told.labels is None:
            _on_corpus(classifiers[0], corpus)
        else:
            _on_labels(classifiers[0], corpus, told.labels, told.by)
    except (BadArtifact, ValueError, OSError) as error:
        print(f"not evaluated: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
