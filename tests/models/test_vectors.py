from __future__ import annotations

import numpy as np
import pytest

from models.vectors import WordVectors


def test_means_have_length_one_or_none(tiny_vectors: WordVectors) -> None:
    means = tiny_vectors.mean([["talks", "museum"], ["unheard"], []])
    assert np.linalg.norm(means, axis=1) == pytest.approx([1, 0, 0])


def test_a_rare_word_weighs_more_than_a_frequent_one() -> None:
    codes = np.array([[100, 0], [0, 100]], dtype=np.int8)
    scales = np.ones(2, dtype=np.float32)
    vectors = WordVectors(("the", "howitzer"), np.array([0, 30_000], np.int32), codes, scales)
    mean = vectors.mean([["the", "howitzer"]])[0]
    assert mean[1] > 2 * mean[0]


def test_like_words_lie_near(tiny_vectors: WordVectors) -> None:
    talks, dialogue, missiles = tiny_vectors.mean([["talks"], ["dialogue"], ["missiles"]])
    assert talks @ dialogue > 0.9 > talks @ missiles


def test_shares_sum_to_the_weighted_mean(tiny_vectors: WordVectors) -> None:
    weights = np.array([1.0, -2.0, 0.5])
    tokens = [["talks", "missiles", "unheard"], ["unheard"]]
    sums = [share.sum() for share in tiny_vectors.shares(tokens, weights)]
    assert sums == pytest.approx(tiny_vectors.mean(tokens) @ weights, abs=1e-6)


def test_as_many_vectors_as_words_are_wanted() -> None:
    with pytest.raises(ValueError, match="words"):
        WordVectors(("a",), np.zeros(2, np.int32), np.zeros((2, 3), np.int8), np.ones(2, "f4"))
