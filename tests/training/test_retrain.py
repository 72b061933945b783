from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.registry import load, versions
from tests.registry_room import TINY, rows_of
from tests.small_corpus import small_corpus, varied_corpus
from training.labels import direction_numbers, fingerprint
from training.learners import BASELINES, FastLearner, read_unseen
from training.measured import measure_unseen
from training.retrain import check_learnt, folds_in_time, retrain
from training.splits import duplicate_groups
from training.walk_forward import WalkForward
from training.walked import walked

CUT = WalkForward(first_days=120, block_days=60, embargo_days=10)
LEARNER = FastLearner(TINY)
TURNED = {"thaw": "escalation", "escalation": "neutral", "neutral": "thaw"}


def dated(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a day."""
    days = pd.date_range("2025-01-01", periods=len(rows), freq="D")
    return rows.assign(date=days.strftime("%Y-%m-%d"))


ROWS = dated(rows_of(varied_corpus()))
MISLABELLED = ROWS.assign(text=np.random.default_rng(1).permutation(ROWS["text"]))


def test_rows_become_an_artifact_with_a_full_card(tmp_path: Path) -> None:
    card = retrain(ROWS, LEARNER, tmp_path, seed=1).card
    assert load(card.version, tmp_path).card == card
    assert card.version.startswith("fast-")
    assert card.counts == {
        "rows": 300, "thaw": 100, "escalation": 100, "neutral": 100, "measured": 300,
    }  # fmt: skip
    assert card.measured_on == "300 texts, grouped cross-validation in 5 folds"
    assert 0.5 < card.metrics["macro_f1"].value <= 1
    assert np.array(card.confusion).sum(axis=1).tolist() == [100, 100, 100]
    assert card.label_guide_version
    assert set(card.libraries) >= {"numpy", "scikit-learn", "skops"}
    assert not (tmp_path / "champion").exists()


def test_rows_are_learnt_from_as_heavily_as_their_weights_say() -> None:
    other = ROWS.assign(direction=ROWS["direction"].map(TURNED), weight=1.0)
    both = pd.concat([ROWS.assign(weight=9.0), other], ignore_index=True)
    texts, heavy = ROWS["text"].tolist(), direction_numbers(ROWS)
    assert (LEARNER.fit(both).read(texts)[0].argmax(1) == heavy).mean() > 0.9
    both["weight"] = 1 / both["weight"]
    assert (LEARNER.fit(both).read(texts)[0].argmax(1) == direction_numbers(other)).mean() > 0.9
    assert np.array_equal(
        LEARNER.fit(ROWS).read(texts)[0], LEARNER.fit(ROWS.assign(weight=1.0)).read(texts)[0]
    )


def test_the_data_hash_of_a_card_sees_the_weights(tmp_path: Path) -> None:
    hashes = {
        retrain(rows, LEARNER, tmp_path, seed=1).card.data_sha256
        for rows in (ROWS, ROWS.assign(weight=1.0), ROWS.assign(weight=2.0))
    }
    assert len(hashes) == 3 and fingerprint(ROWS) in hashes


def test_the_same_rows_give_the_same_bytes_and_other_rows_another_version(tmp_path: Path) -> None:
    one, two = (retrain(ROWS, LEARNER, tmp_path / name, seed=1).card for name in ("a", "b"))
    assert one == two
    for name in ("model.skops", "card.json"):
        assert len({(tmp_path / f / one.version / name).read_bytes() for f in "ab"}) == 1
    other = retrain(ROWS.iloc[:-1], LEARNER, tmp_path / "a", seed=1).card
    assert versions(tmp_path / "a") == sorted([one.version, other.version])


def test_folds_in_the_order_of_time_are_told_one_by_one(tmp_path: Path) -> None:
    made = retrain(ROWS, LEARNER, tmp_path, seed=1, cut=CUT)
    head, *folds, whole = made.fold_lines
    assert "macro_f1" in head
    assert [line[:23] for line in folds] == [
        "2025-05-01 – 2025-06-29",
        "2025-06-30 – 2025-08-28",
        "2025-08-29 – 2025-10-27",
    ]
    # 120 days are learnt from first, but for the ten of the embargo.
    learnt = [int(line[32:40]) for line in folds]
    assert learnt[0] == 110
    # Less the near-copies of what is tested.
    assert 165 < learnt[1] <= 170
    assert 225 < learnt[2] <= 230
    assert whole.split()[:2] == ["all", "180"]
    assert made.card.created == "2025-10-27"
    assert made.card.measured_on == (
        "180 texts, walk-forward in 3 folds of 60 days with an embargo of 10 days"
    )


def test_in_time_nothing_told_of_a_fold_changes_when_later_rows_come() -> None:
    groups = duplicate_groups(ROWS["text"].tolist())

    def told(rows: pd.DataFrame) -> np.ndarray:
        of = groups[: len(rows)]
        folds = folds_in_time(rows, CUT, of)
        return measure_unseen(rows, folds, LEARNER, of, 1, in_time=True).probabilities

    np.testing.assert_array_equal(told(ROWS)[:120], told(ROWS.iloc[:240]))


def test_every_row_is_read_by_a_model_that_has_not_seen_it() -> None:
    """A learner that knows only what it saw by heart is never right about what it reads."""

    class ByHeart:
        name = "by heart"

        def fit(self, rows: pd.DataFrame) -> ByHeart:
            self.seen = set(rows["text"])
            return self

        def read(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
            assert not self.seen & set(texts)
            return np.zeros((len(texts), 3)), np.full(len(texts), np.nan)

    folds = folds_in_time(ROWS, CUT, np.arange(len(ROWS)))
    unseen = read_unseen(ROWS, folds, ByHeart())
    assert unseen.rows.tolist() == list(range(120, 300))
    assert [places.tolist() for places in unseen.folds][1] == list(range(60, 120))


def test_learners_stand_side_by_side() -> None:
    lines = list(walked(ROWS, CUT, [LEARNER, *BASELINES], seed=1))
    assert len(lines) == 3 * 5
    assert [line.split("  ")[0] for line in lines[::5]] == ["fast", "base rates", "plain TF-IDF"]
    fast, base = (float(lines[n].split()[2]) for n in (4, 9))
    assert fast > 0.6 > base


@pytest.mark.parametrize(
    ("rows", "cut", "complaint"),
    [
        (ROWS.drop(columns="date"), CUT, "columns missing: date"),
        (ROWS.assign(date="2025-01-01"), CUT, "too short a time"),
        (ROWS.assign(date="soon"), CUT, "soon"),
        (MISLABELLED, None, "labels do not follow"),
        (rows_of([(d, i, f"{d} {'!' * n}") for n, (d, i, _) in enumerate(small_corpus())]), None,
         r"copies of \d texts"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_refused_and_leaves_nothing(
    rows: pd.DataFrame, cut: WalkForward | None, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=complaint):
        retrain(rows, LEARNER, tmp_path / "out", seed=1, cut=cut)
    assert not (tmp_path / "out").exists()


def test_labels_that_follow_are_let_through() -> None:
    groups = np.arange(len(ROWS))
    folds = folds_in_time(ROWS, CUT, groups)
    check_learnt(ROWS, measure_unseen(ROWS, folds, LEARNER, groups, 1, in_time=True))
