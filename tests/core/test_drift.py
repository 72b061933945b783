from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rel_entr
from scipy.stats import ks_2samp, kstwobign

from risk_service.core import drift
from risk_service.core.drift import LEAST_SCORED, Sample, drift_of, merged, reference_weeks

NUMBERS = st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=60)
COUNTS = st.lists(st.integers(0, 500), min_size=4, max_size=4)


def sample(count: int, lean: float = 0.0, seed: int = 1, **more: object) -> Sample:
    weights = [1 - lean, 1 + lean, 1]
    drawn = np.random.default_rng(seed).dirichlet(weights, count)
    return Sample(events=2 * count, relevant=count, probabilities=drawn, **more)  # type: ignore[arg-type]


@given(NUMBERS, NUMBERS)
def test_ks_is_that_of_scipy(one: list[float], other: list[float]) -> None:
    assert drift.ks(one, other) == pytest.approx(ks_2samp(one, other, method="asymp").statistic)


@given(COUNTS, COUNTS)
def test_psi_is_the_sum_of_both_relative_entropies(one: list[int], other: list[int]) -> None:
    p, q = ((np.array(counts) + 0.5) / (sum(counts) + 2) for counts in (one, other))
    expected = rel_entr(p, q).sum() + rel_entr(q, p).sum()
    assert drift.psi_of_counts(one, other) == pytest.approx(expected, abs=1e-12)
    assert drift.psi_of_counts(other, one) == pytest.approx(expected, abs=1e-12)


def test_the_bins_of_psi_hold_tenths_of_the_reference() -> None:
    rng = np.random.default_rng(3)
    reference, week = rng.normal(size=1_000), rng.normal(0.5, 1, 300)
    edges = [-np.inf, *np.quantile(reference, np.arange(1, 10) / 10), np.inf]
    counts = [np.histogram(values, edges)[0] for values in (reference, week)]
    assert set(counts[0]) == {100}
    assert drift.psi(reference, week) == pytest.approx(drift.psi_of_counts(*counts))


def test_psi_of_few_values_that_repeat() -> None:
    """Quantiles fall together where values do: such a value is a bin, and what is above another."""
    assert drift.psi([0] * 90 + [1] * 10, [0] * 90 + [1] * 10) == 0
    assert drift.psi([0] * 90 + [1] * 10, [1] * 100) > 1
    assert drift.psi([5], [5]) == 0
    for moved in (4, 6):
        assert drift.psi([5] * 99, [moved] * 99) > 1


def test_what_chance_makes_of_them_is_what_it_does() -> None:
    """Against a thousand pairs of samples of one distribution."""
    rng = np.random.default_rng(5)
    pairs = [(rng.uniform(size=400), rng.uniform(size=150)) for _ in range(1_000)]
    mean = np.mean([drift.psi(*pair) for pair in pairs])
    assert mean == pytest.approx(drift.psi_expected(drift.BINS, 400, 150), rel=0.1)
    above = np.mean([drift.ks(*pair) > drift.ks_critical(400, 150) for pair in pairs])
    assert 0.03 < above < 0.07
    of_scipy = kstwobign.isf(0.05) * np.sqrt(1 / 400 + 1 / 150)
    assert drift.ks_critical(400, 150) == pytest.approx(of_scipy, rel=1e-3)


def test_a_week_like_the_reference_has_not_moved_and_one_that_leans_has() -> None:
    reference = sample(2_000, seed=1)
    same, leaning = (drift_of(sample(300, lean, seed=2), reference) for lean in (0.0, 0.8))
    assert same.psi is not None and leaning.psi is not None
    assert same.psi < 0.1 < 0.25 < leaning.psi
    assert same.ks is not None and leaning.ks is not None and same.ks_critical is not None
    assert same.ks < same.ks_critical < leaning.ks
    assert same.class_psi is not None and leaning.class_psi is not None
    assert same.class_psi < leaning.class_psi


def test_shares_and_rates() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0, 0, 1.0]])
    week = Sample(10, 5, probabilities, words=40, unknown=4, languages={"en": 6, "sv": 4})
    told = drift_of(week, None)
    assert (told.events, told.relevant, told.scored) == (10, 5, 4)
    assert (told.share_thaw, told.share_escalation, told.share_neutral) == (0.25, 0.5, 0.25)
    assert (told.relevance_rate, told.unknown_words) == (0.5, 0.1)
    assert told.mean_net == pytest.approx((-0.5 + 0.7 + 0.5 + 0) / 4)
    assert told.languages == {"en": 0.6, "sv": 0.4}


def test_unknown_is_none_and_never_zero() -> None:
    few = drift_of(sample(LEAST_SCORED - 1), sample(500))
    assert (few.psi, few.ks, few.class_psi, few.psi_expected) == (None,) * 4
    empty = drift_of(Sample(), sample(500))
    assert (empty.relevance_rate, empty.share_thaw, empty.mean_net) == (None,) * 3
    assert (empty.unknown_words, empty.language_psi) == (None, None)


def test_languages_that_come_and_go_count() -> None:
    reference = sample(100, languages={"en": 500, "sv": 500})
    same, fewer = (
        drift_of(sample(50, languages=mix), reference).language_psi
        for mix in ({"en": 50, "sv": 50}, {"en": 90, "ru": 10})
    )
    assert same is not None and fewer is not None
    assert same < 0.01 < 1 < fewer


def test_several_weeks_as_one() -> None:
    parts = [
        sample(40, seed=1, words=10, unknown=1, languages={"en": 3}),
        sample(60, seed=2, words=20, unknown=2, languages={"en": 1, "ru": 1}),
    ]
    whole = merged(parts)
    assert (whole.events, whole.relevant, whole.words, whole.unknown) == (200, 100, 30, 3)
    assert len(whole.probabilities) == 100
    assert whole.languages == {"en": 4, "ru": 1}
    assert merged([]).unknown is None


def test_the_reference_is_the_first_full_weeks_and_later_ones_do_not_change_it() -> None:
    weeks = [date(2025, 1, 6) + n * timedelta(days=7) for n in range(12)]
    scored = {week: LEAST_SCORED - (n == 1) for n, week in enumerate(weeks)}
    assert reference_weeks(scored) == [weeks[0], *weeks[2:9]]
    assert reference_weeks(dict(list(scored.items())[:9])) == reference_weeks(scored)
    assert reference_weeks(dict(list(scored.items())[:8])) == []


@pytest.mark.parametrize(("day", "monday"), [(6, 6), (8, 6), (12, 6), (13, 13)])
def test_weeks_begin_on_monday(day: int, monday: int) -> None:
    assert drift.week_of(date(2025, 1, day)) == date(2025, 1, monday)
