from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.estimators import calibrated
from models.registry import ARTIFACTS, champion, champion_version, read_card
from tests.small_corpus import small_corpus, write_labels
from training.fit import AS_OF, CORPUS, best_temperature, main, read_vectors, train
from training.labels import fingerprint, read_corpus
from training.metrics import log_loss


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
    assert card.counts == {"rows": 300, "thaw": 100, "escalation": 100, "neutral": 100}
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
    assert main(["--corpus", str(corpus), "--out", str(tmp_path / "out")]) == 0
    assert "macro_f1" in capsys.readouterr().out
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


def test_the_bundled_champion_is_of_the_bundled_corpus() -> None:
    card = read_card(champion_version(), ARTIFACTS)
    assert card.data_sha256 == fingerprint(read_corpus(CORPUS))
