from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.card import Card
from models.estimators import calibrated
from models.registry import ARTIFACTS, champion, champion_version, read_card, versions
from tests.small_corpus import small_corpus, write_labels
from training.calibration import best_temperature
from training.fit import AS_OF, CORPUS, folds_of, main, together, train
from training.labels import direction_numbers, fingerprint, read_corpus
from training.learners import read_vectors
from training.metrics import log_loss
from training.public_labels import LABELS, key_of, read_public_labels


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_labels(folder / "rows.csv", small_corpus())
    (folder / AS_OF).write_text("2026-01-31\n", "utf-8")
    return folder


def test_the_same_corpus_and_seed_give_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    first = train(corpus, tmp_path / "one", seed=3)
    second = train(corpus, tmp_path / "two", seed=3)
    assert first == second
    one, two = (tmp_path / name / first.version for name in ("one", "two"))
    for name in ("model.skops", "card.json"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_another_seed_or_corpus_is_another_version(corpus: Path, tmp_path: Path) -> None:
    first = train(corpus, tmp_path, seed=3)
    assert train(corpus, tmp_path, seed=4).version != first.version
    write_labels(corpus / "rows.csv", small_corpus()[:-1])
    assert train(corpus, tmp_path, seed=3).version != first.version


def test_what_was_trained_is_the_champion_and_its_card_is_full(
    corpus: Path, tmp_path: Path
) -> None:
    card = train(corpus, tmp_path, seed=3)
    assert champion_version(tmp_path) == card.version
    assert card.created == "2026-01-31"
    assert card.counts == {
        "rows": 300,
        "thaw": 100,
        "escalation": 100,
        "neutral": 100,
        "part own words": 300,
        "part train": 0,
        "part validation": 0,
        "measured": 300,
    }
    assert card.public_sha256 == ""
    assert "300 texts, grouped cross-validation" in card.measured_on
    # Copies never straddle a fold, so every act is foreign to the model that is measured on it.
    assert 1 / 3 < card.metrics["macro_f1"].value < 0.95
    assert set(card.libraries) >= {"numpy", "scikit-learn", "skops"}


def test_temperature_is_found_again() -> None:
    random = np.random.default_rng(5)
    logits = random.normal(size=(4_000, 3)) * 2
    truth = np.array([random.choice(3, p=row) for row in calibrated(logits, 1.0)])
    assert best_temperature(logits * 2.5, truth) == pytest.approx(2.5, rel=0.1)
    best = log_loss(truth, calibrated(logits * 2.5, best_temperature(logits * 2.5, truth)))
    assert best <= log_loss(truth, calibrated(logits * 2.5, 1.0))


def test_the_command_says_what_it_did(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["--corpus", str(corpus), "--out", str(tmp_path / "out"), "--texts", str(tmp_path)]
    assert main(told) == 0
    printed = capsys.readouterr().out
    assert "macro_f1" in printed
    assert "train: 0 of" in printed
    assert "the corpus alone" in printed
    assert champion(tmp_path / "out").version.startswith("fast-")


def test_the_command_refuses_a_bad_corpus(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_labels(tmp_path / "rows.csv", [("thaw", "9", "Talks")])
    assert main(["--corpus", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "rows.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_bundled_vectors_know_the_words_that_matter() -> None:
    vectors = read_vectors()
    assert {"usa", "kremlin", "sanctions", "ceasefire", "treaty"} <= set(vectors.words)
    assert vectors.dimensions == 50


def fast_card() -> Card:
    (card,) = [read_card(v, ARTIFACTS) for v in versions(ARTIFACTS) if v.startswith("fast-")]
    return card


def test_the_bundled_model_is_of_the_bundled_corpus_and_labels() -> None:
    assert fast_card().data_sha256 == fingerprint(read_corpus(CORPUS))
    assert fast_card().label_file_sha256 == hashlib.sha256(LABELS.read_bytes()).hexdigest()


def test_the_bundled_model_was_fitted_to_every_label_it_may_see() -> None:
    labels, counts = read_public_labels()["part"].value_counts(), fast_card().counts
    assert counts["part train"] == labels["train"]
    assert counts["part validation"] == labels["validation"]
    assert counts["rows"] == len(read_corpus(CORPUS)) + labels["train"] + labels["validation"]


def real_headlines(part: str, rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["direction", "intensity", "text"])
    return frame.assign(
        part=part,
        intensity=pd.to_numeric(frame["intensity"]),
        sha256=frame["text"].map(key_of),
    )


@pytest.fixture
def press(corpus: Path) -> pd.DataFrame:
    """180 headlines to learn from, 120 of acts that nothing else holds to validate, one kept aside.

    A class has five acts of twenty rows each; the corpus is left with the first three.
    """
    rows = small_corpus()
    known, foreign = (
        [row for n, row in enumerate(rows) if (n // 20 % 5 >= 3) == late] for late in (False, True)
    )
    write_labels(corpus / "rows.csv", known)
    parts = {"train": [(d, i, f"LIVE: {text}") for d, i, text in known], "validation": foreign}
    parts["test"] = [("thaw", "2", "Kept aside")]
    frames = [real_headlines(part, held) for part, held in parts.items()]
    return pd.concat(frames, ignore_index=True)


def test_real_headlines_are_learnt_from_and_measured_on(
    corpus: Path, tmp_path: Path, press: pd.DataFrame
) -> None:
    alone = train(corpus, tmp_path / "one", seed=3)
    card = train(corpus, tmp_path / "two", seed=3, public=press)
    assert card.version != alone.version
    assert card.public_sha256
    assert card.measured_on.startswith("120 real headlines")
    assert (card.counts["part train"], card.counts["part validation"]) == (180, 120)
    assert card.counts["measured"] == 120
    again = train(corpus, tmp_path / "three", seed=3, public=press)
    assert again == card


def test_the_test_part_changes_nothing(corpus: Path, tmp_path: Path, press: pd.DataFrame) -> None:
    without = press[press["part"] != "test"].reset_index(drop=True)
    card = train(corpus, tmp_path / "one", seed=3, public=press)
    assert train(corpus, tmp_path / "two", seed=3, public=without) == card


def test_a_label_of_the_press_changes_the_version(
    corpus: Path, tmp_path: Path, press: pd.DataFrame
) -> None:
    first = train(corpus, tmp_path, seed=3, public=press)
    press.loc[0, "intensity"] = 1
    assert train(corpus, tmp_path, seed=3, public=press).version != first.version


def test_what_is_near_a_validation_headline_is_unseen_too(
    corpus: Path, press: pd.DataFrame
) -> None:
    rows = together(read_corpus(corpus), press)
    groups = np.arange(len(rows))
    held = np.flatnonzero(rows["part"] == "validation")
    groups[0] = groups[held[0]]
    ((seen, unseen),) = folds_of(rows, direction_numbers(rows), groups, 1)
    assert unseen.tolist() == held.tolist()
    assert 0 not in seen
    assert len(seen) == len(rows) - len(held) - 1


def test_a_validation_part_that_is_near_everything_is_refused(
    corpus: Path, tmp_path: Path, press: pd.DataFrame
) -> None:
    write_labels(corpus / "rows.csv", small_corpus())
    near = press.assign(part="validation")
    with pytest.raises(ValueError, match="labelled rows"):
        train(corpus, tmp_path, seed=3, public=near)
