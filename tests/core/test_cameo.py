import pytest

from risk_service.core.cameo import goldstein_by_code, normal_code, quad_class, score_from_code


def test_every_code_has_a_value_on_the_scale() -> None:
    table = goldstein_by_code()
    assert len(table) > 290
    assert all(-10 <= value <= 10 for value in table.values())
    assert table["057"] == 8
    assert table["190"] == -10


@pytest.mark.parametrize("code", sorted(goldstein_by_code()))
def test_every_code_scores_as_probabilities(code: str) -> None:
    score = score_from_code(code, None)
    assert score is not None
    parts = (score.p_thaw, score.p_escalation, score.p_neutral)
    assert sum(parts) == pytest.approx(1)
    assert min(parts) > 0
    assert 1 <= score.severity <= 3


@pytest.mark.parametrize(
    ("code", "direction"),
    [("040", 1), ("057", 1), ("085", 1), ("010", 0), ("112", -1), ("163", -1), ("190", -1)],
)
def test_direction_follows_the_labelling_guide(code: str, direction: int) -> None:
    score = score_from_code(code, None)
    assert score is not None
    lean = score.p_thaw - score.p_escalation
    assert lean == pytest.approx(0, abs=0.01) if direction == 0 else lean * direction > 0.4


def test_goldstein_alone_is_enough_and_an_own_value_sets_the_severity() -> None:
    grave, mild = score_from_code(None, -9.0), score_from_code(None, -1.0)
    assert grave is not None
    assert mild is not None
    assert grave.p_escalation > mild.p_escalation > grave.p_thaw
    own = score_from_code("040", 5.0)
    assert own is not None
    assert own.severity == 2


def test_nothing_known_is_not_scored() -> None:
    assert score_from_code(None, None) is None
    assert score_from_code("99", float("nan")) is None
    assert quad_class("XYZ") is None


@pytest.mark.parametrize(
    ("given", "read"),
    [("057", "057"), ("57", "057"), ("831", "0831"), ("THREATEN", "13"), ("1234567", "1234")],
)
def test_codes_are_read_with_their_zeros(given: str, read: str) -> None:
    assert normal_code(given) == read


@pytest.mark.parametrize(("code", "quad"), [("03", 1), ("06", 2), ("13", 3), ("14", 4)])
def test_quad_classes(code: str, quad: int) -> None:
    assert quad_class(code) == quad
