"""Secrets made, rotated and told once."""

from datetime import timedelta

import pytest

from risk_service.notify.signing import (
    MOST_HELD,
    about_secrets,
    first_secrets,
    rotated,
    told_once,
    valid_secrets,
)
from tests.notify.alerts import NOW, SECRET

HOUR = timedelta(hours=1)


def test_a_rotation_keeps_the_old_secret_for_so_long() -> None:
    held = first_secrets("webhook", {"secret": SECRET}, NOW)
    held = rotated("webhook", held, {}, NOW + HOUR, timedelta(hours=24))
    new = told_once("webhook", held)
    assert new != SECRET
    assert valid_secrets(held, NOW + 24 * HOUR) == [new, SECRET]
    assert valid_secrets(held, NOW + 26 * HOUR) == [new]


def test_a_second_rotation_never_lengthens_the_life_of_an_old_secret() -> None:
    held = first_secrets("webhook", {"secret": SECRET}, NOW)
    held = rotated("webhook", held, {}, NOW, 2 * HOUR)
    held = rotated("webhook", held, {}, NOW + HOUR, 48 * HOUR)
    assert SECRET in valid_secrets(held, NOW + HOUR)
    assert SECRET not in valid_secrets(held, NOW + 3 * HOUR)


def test_without_a_keep_the_old_secret_is_worthless_at_once() -> None:
    held = rotated("webhook", first_secrets("webhook", {}, NOW), {"secret": SECRET}, NOW, 0 * HOUR)
    assert valid_secrets(held, NOW) == [SECRET]


def test_rotating_ever_on_does_not_grow_without_bound() -> None:
    held = first_secrets("webhook", {}, NOW)
    for _ in range(20):
        held = rotated("webhook", held, {}, NOW, 24 * HOUR)
    assert len(held["signing"]) == MOST_HELD


@pytest.mark.parametrize("kind", ["webhook", "slack", "email"])
def test_what_is_told_of_secrets_holds_none(kind: str) -> None:
    given = {"secret": SECRET} if kind == "webhook" else {"url": SECRET, "password": None}
    held = first_secrets(kind, given, NOW)
    assert SECRET in str(held)
    assert SECRET not in str(about_secrets(kind, held))
    assert len(about_secrets(kind, held)) == 1
    assert (told_once(kind, held) == SECRET) == (kind == "webhook")
