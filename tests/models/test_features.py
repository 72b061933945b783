from __future__ import annotations

import numpy as np
import pytest

from models.features import Features, Terms, letter_runs, word_runs
from models.vectors import WordVectors

TEXTS = ["talks fail", "talks resume", "missiles fail talks", "museum opens", "museum opens talks"]


@pytest.fixture
def features(tiny_vectors: WordVectors) -> Features:
    return Features.fit(TEXTS, tiny_vectors, at_least=1)


def test_runs_of_no_words_are_empty_but_for_the_ends() -> None:
    assert word_runs([]) == ["^ $"]


def test_pairs_stand_two_to_six_words_apart() -> None:
    words = list("abcdefgh")
    pairs = [run.split(" ~ ") for run in word_runs(words) if "~" in run]
    apart = {words.index(b) - words.index(a) for a, b in pairs}
    assert apart == {2, 3, 4, 5, 6} and len(pairs) == 6 + 5 + 4 + 3 + 2


def test_letter_runs_stay_within_a_long_word() -> None:
    assert max(map(len, letter_runs("x" * 500))) == 5
    assert len(letter_runs("x" * 500)) == len(letter_runs("x" * 30))


def test_terms_that_are_too_rare_are_left_out() -> None:
    terms = Terms.fit([["a", "b"], ["a"], ["a", "c", "c"]], at_least=2)
    assert terms.names == ("a",)


def test_weights_are_sublinear_tf_idf_of_length_one() -> None:
    terms = Terms.fit([["a", "b"], ["a"]], at_least=1)
    row = terms.weigh([[0, 0, 1]]).toarray()[0]
    raw = np.array([1 + np.log(2), np.log(3 / 2) + 1])
    assert row == pytest.approx(raw / np.linalg.norm(raw), rel=1e-6)


def test_matrix_has_a_row_per_text_and_rows_of_unknown_words_are_empty(features: Features) -> None:
    matrix = features.matrix([*TEXTS, "\u6f22\u5b57"])
    assert matrix.shape == (6, features.width)
    assert matrix[5].nnz == 0


def test_project_is_the_matrix_times_coefficients(features: Features) -> None:
    weights = np.random.default_rng(1).normal(size=(features.width, 3))
    tokens = [text.split() for text in TEXTS]
    expected = features.matrix(TEXTS) @ weights
    assert features.project(tokens, weights) == pytest.approx(expected, abs=1e-5)


def test_contributions_sum_to_the_projection(features: Features) -> None:
    weights = np.random.default_rng(2).normal(size=features.width)
    tokens = [["talks", "fail", "talks"], ["museum"], ["unheard"], []]
    sums = [share.sum() for share in features.contributions(tokens, weights)]
    projected = features.project(tokens[:3], weights)
    assert sums[:3] == pytest.approx(projected, abs=1e-5)
    assert sums[3] == 0


def test_a_letter_run_counts_for_the_word_it_sits_in(features: Features) -> None:
    weights = np.zeros(features.width)
    place = len(features.words.names) + features.letters.index["sil"]
    weights[place] = 1.0
    share = features.contributions([["talks", "missiles"]], weights)[0]
    assert share[0] == 0
    assert share[1] > 0
