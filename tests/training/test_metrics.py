from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score
from sklearn.metrics import log_loss as sklearn_log_loss

from training.metrics import brier, calibration_error, confusion, log_loss, macro_f1, measure


@pytest.fixture
def guesses() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    return random.integers(3, size=400), random.dirichlet([1, 1, 1], size=400)


def test_figures_agree_with_scikit_learn(guesses: tuple[np.ndarray, np.ndarray]) -> None:
    truth, told = guesses
    assert macro_f1(truth, told) == pytest.approx(
        f1_score(truth, told.argmax(axis=1), average="macro")
    )
    assert log_loss(truth, told) == pytest.approx(sklearn_log_loss(truth, told))


def test_perfect_and_opposite_answers() -> None:
    truth = np.array([0, 1, 2])
    assert macro_f1(truth, np.eye(3)) == 1
    assert brier(truth, np.eye(3)) == 0
    assert brier(truth, np.eye(3)[[1, 2, 0]]) == 2
    assert np.isfinite(log_loss(truth, np.eye(3)[[1, 2, 0]]))


def test_calibration_error_is_the_gap_between_said_and_found() -> None:
    told = np.tile([0.8, 0.1, 0.1], (10, 1))
    truth = np.array([0] * 5 + [1] * 5)
    assert calibration_error(truth, told) == pytest.approx(0.3)


def test_a_class_that_is_never_there_counts_nothing() -> None:
    assert macro_f1(np.array([0, 0]), np.eye(3)[[0, 0]]) == pytest.approx(1 / 3)


def test_confusion_has_the_truth_in_rows() -> None:
    table = confusion(np.array([1, 1, 2]), np.eye(3)[[0, 1, 2]])
    assert table.tolist() == [[0, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_intervals_hold_the_value_and_repeat(guesses: tuple[np.ndarray, np.ndarray]) -> None:
    report = measure(*guesses, draws=200)
    for name in ("macro_f1", "brier", "log_loss"):
        figure = report.figures[name]
        assert figure.low < figure.value < figure.high
    assert measure(*guesses, draws=200) == report


def test_copies_widen_the_interval(guesses: tuple[np.ndarray, np.ndarray]) -> None:
    truth, told = (np.repeat(part[:80], 5, axis=0) for part in guesses)
    alone = measure(truth, told, draws=300).figures["brier"]
    grouped = measure(truth, told, np.repeat(np.arange(80), 5), draws=300).figures["brier"]
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)


@pytest.mark.parametrize(
    ("truth", "told"),
    [
        (np.zeros(0, int), np.zeros((0, 3))),
        (np.array([0]), np.ones((2, 3)) / 3),
        (np.array([0]), np.array([[0.5, 0.5, 0.5]])),
        (np.array([0]), np.array([[np.nan, 0.5, 0.5]])),
        (np.array([0]), np.array([[1.5, -0.5, 0.0]])),
    ],
)
def test_what_are_no_probabilities_is_refused(truth: np.ndarray, told: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"truth|probabilities"):
        measure(truth, told)
