from __future__ import annotations

import numpy as np
import pytest

from models.baselines import BaseRate, PlainTfidf
from tests.small_corpus import small_corpus


def test_base_rates_are_the_shares_whatever_the_text() -> None:
    baseline = BaseRate.fit([], np.array([0, 1, 1, 2]))
    assert baseline.probabilities(["a", "b"]).tolist() == [[0.25, 0.5, 0.25]] * 2
    assert baseline.probabilities([]).shape == (0, 3)


def test_plain_tfidf_learns_the_small_corpus() -> None:
    rows = small_corpus()
    numbers = np.array([["thaw", "escalation", "neutral"].index(row[0]) for row in rows])
    baseline = PlainTfidf.fit([row[2] for row in rows], numbers)
    told = baseline.probabilities(["Envoys fire missiles at the port", "Envoys swap prisoners"])
    assert told.argmax(axis=1).tolist() == [1, 0]
    assert told.sum(axis=1) == pytest.approx(1)
