from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.registry import BadArtifact, load, promote
from tests.registry_room import rows_of
from tests.small_corpus import varied_corpus
from training.examine import reader_of
from training.learners import FastLearner
from training.own import load_own, own_learner
from training.retrain import retrain

HERE = "tests.training.own_estimators"
ROWS = rows_of(varied_corpus())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the artifact of an own estimator, and its version."""
    root = tmp_path_factory.mktemp("own")
    made = retrain(ROWS, own_learner(f"{HERE}:logistic", 1), root, seed=1)
    return root, made.card.version


def test_an_own_estimator_is_measured_and_kept(kept: tuple[Path, str]) -> None:
    root, version = kept
    model, card = load_own(version, root)
    assert (card.name, card.estimator) == ("own", f"{HERE}:logistic")
    assert "severity_mean_absolute_error" not in card.parameters
    assert 1 / 3 < card.metrics["macro_f1"].value < 1
    assert sum(sum(row) for row in card.confusion) == card.counts["measured"] == 300
    assert sum(texts for _, _, texts in card.reliability) == 300
    told = model.probabilities(["envoys dialogue ceasefire week", "ballet chess museum week"])
    assert told.argmax(axis=1).tolist() == [0, 2]
    assert np.allclose(told.sum(axis=1), 1)
    assert reader_of(version, root)(["Envoys"]).shape == (1, 3)


def test_it_is_never_served(kept: tuple[Path, str]) -> None:
    root, version = kept
    with pytest.raises(BadArtifact, match="own estimator"):
        load(version, root)
    with pytest.raises(BadArtifact, match="own estimator"):
        promote(version, root)


def test_an_altered_artifact_is_refused(kept: tuple[Path, str], tmp_path: Path) -> None:
    root, version = kept
    copy = shutil.copytree(root, tmp_path / "copy")
    path = copy / version / "model.skops"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadArtifact, match="not the file the card is of"):
        load_own(version, copy)


def test_the_fast_model_is_no_own_estimator(tmp_path: Path) -> None:
    card = retrain(ROWS, FastLearner(), tmp_path, seed=1).card
    assert load(card.version, tmp_path).card == card
    with pytest.raises(BadArtifact, match="no own estimator"):
        load_own(card.version, tmp_path)


@pytest.mark.parametrize("name", ["calibrated", "random_without_seed"])
def test_the_same_rows_and_seed_give_the_same_artifact(name: str, tmp_path: Path) -> None:
    cards = [
        retrain(ROWS, own_learner(f"{HERE}:{name}", 1), tmp_path / folder, seed=1).card
        for folder in ("one", "two")
    ]
    assert cards[0] == cards[1]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("tests.training", "not of the form package.module:factory"),
        (":logistic", "not of the form"),
        ("no.such.module:make", "No module named"),
        (f"{HERE}:missing", "has no attribute 'missing'"),
        (f"{HERE}:NOT_CALLABLE", "not callable"),
        (f"{HERE}:broken", "no licence"),
        (f"{HERE}:without_probabilities", "has no predict_proba"),
    ],
)
def test_what_cannot_be_made_is_refused(path: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        own_learner(path, 1)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("forest", r"cannot be stored safely: .*Tree"),
        ("with_a_function", "cannot be stored safely"),
        ("Shouter", "no probabilities"),
        ("Unfit", "could not be fitted: too few neighbours"),
    ],
)
def test_what_cannot_be_kept_leaves_nothing_behind(
    name: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=complaint):
        retrain(ROWS, own_learner(f"{HERE}:{name}", 1), tmp_path / "out", seed=1)
    assert not (tmp_path / "out").exists()
