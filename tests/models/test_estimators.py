from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.estimators import ESCALATION, NEUTRAL, THAW, FastModel, calibrated


def test_it_learns_the_three_classes(fast_model: FastModel) -> None:
    told = fast_model.probabilities(
        ["Envoys sign a ceasefire", "Envoys fire missiles", "Envoys visit museums"]
    )
    assert told.argmax(axis=1).tolist() == [THAW, ESCALATION, NEUTRAL]
    assert told.sum(axis=1) == pytest.approx(1)


def test_severity_follows_the_act_and_stays_in_range(fast_model: FastModel) -> None:
    _, severity = fast_model.read(
        ["Officials fire missiles at the port", "Officials threaten to answer", "", "sign " * 50]
    )
    assert severity[0] > severity[1]
    assert ((severity >= 1) & (severity <= 3)).all()


def test_temperature_softens_without_changing_the_order() -> None:
    logits = np.array([[2.0, 1.0, 0.0]])
    sharp, soft = calibrated(logits, 1.0), calibrated(logits, 3.0)
    assert soft.max() < sharp.max()
    assert soft.argsort().tolist() == sharp.argsort().tolist()


def test_contributions_are_the_log_odds_without_intercepts(fast_model: FastModel) -> None:
    model = replace(fast_model, temperature=1.7)
    text = "officials fire missiles at the consulates"
    thaw, escalation, _ = model.probabilities([text])[0]
    baseline = (model.intercepts[ESCALATION] - model.intercepts[THAW]) / model.temperature
    told = model.contributions([text])[0]
    assert [word for word, _ in told] == text.split()
    assert sum(share for _, share in told) == pytest.approx(
        np.log(escalation / thaw) - baseline, abs=1e-4
    )


def test_no_text_gives_no_row(fast_model: FastModel) -> None:
    assert fast_model.probabilities([]).shape == (0, 3)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_that_is_not_positive_is_refused(
    fast_model: FastModel, temperature: float
) -> None:
    with pytest.raises(ValueError, match="temperature"):
        replace(fast_model, temperature=temperature)


def test_coefficients_must_fit_the_features(fast_model: FastModel) -> None:
    with pytest.raises(ValueError, match="coefficients"):
        replace(fast_model, coefficients=fast_model.coefficients[:-1])
