from datetime import date
from decimal import Decimal

import pytest

from risk_service.feeds.row_values import (
    digest_of,
    event_code,
    language_code,
    number,
    plain_text,
    quad_class,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None), ("", None), ("  ", None), (" a ", "a"), (57, "57"), (57.0, "57"),
        (-2.5, "-2.5"), (Decimal("1.50"), "1.50"), (b"\xd0\xb4\xd0\xb0", "да"),
        (date(2025, 1, 2), "2025-01-02"), (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_plain_values_become_text(value: object, text: str | None) -> None:
    assert plain_text(value) == text


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}])
def test_others_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a plain value"):
        plain_text(value)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-Infinity", "1,5", "NA"])
def test_only_finite_numbers_are_numbers(text: str) -> None:
    with pytest.raises(ValueError):
        number(text)


@pytest.mark.parametrize(
    ("text", "goldstein", "code"),
    [
        ("057", None, "057"), ("57", None, "057"), ("5", None, "05"), ("831", None, "0831"),
        ("190", -10.0, "190"), ("19", -10.0, "19"), ("19", 3.4, "019"), ("10", 0.0, "010"),
        ("12", -0.4, "012"), ("12", -4.0, "12"), ("12", None, "12"), ("0579", None, "0579"),
        ("agree", None, "AGREE"), ("111", 0.0, "111"),
    ],
)  # fmt: skip
def test_codes_get_their_zeros_back(text: str, goldstein: float | None, code: str) -> None:
    assert event_code(text, goldstein) == code


@pytest.mark.parametrize("text", ["99", "---", "talks", "05x", "1.5", "٥٧", "579"])
def test_unknown_codes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a CAMEO code"):
        event_code(text, None)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("1", 1), ("4", 4), ("VerbalCoop", 1), ("MatlCoop", 2), ("MaterialCoop", 2),
        ("Verbal Conflict", 3), ("MatlConf", 4), ("material_conflict", 4), ("Neutral", None),
        ("0", None),
    ],
)  # fmt: skip
def test_quad_classes_by_number_and_name(text: str, known: int | None) -> None:
    assert quad_class(text) == known


@pytest.mark.parametrize("text", ["5", "Conflict", "1.5", "cooperation"])
def test_unknown_quad_classes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither 1 to 4"):
        quad_class(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("en", "en"), ("EN_us", "en"), ("English", "en"), ("rus", "ru"), ("sv-SE", "sv"),
     (" en ", "en"), ("Klingon", None), ("1", None), ("", None), (None, None)],
)  # fmt: skip
def test_languages(text: str | None, code: str | None) -> None:
    assert language_code(text) == code


def test_a_digest_knows_names_and_values_but_not_their_order() -> None:
    assert digest_of({"a": 1, "b": None}) == digest_of({"b": None, "a": 1})
    assert digest_of({"a": "1"}) != digest_of({"b": "1"})
    assert digest_of({"a": "\ud800"}) != digest_of({"a": ""})
