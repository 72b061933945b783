"""The schedule of retries, against the table of the Standard Webhooks specification."""

from datetime import timedelta
from itertools import accumulate

import pytest

from risk_service.notify.schedule import STANDARD, THROTTLED

SINCE_START = ["0:00:00", "0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05",
               "31:35:05", "51:35:05", "75:35:05"]  # fmt: skip


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return 3_600 * hours + 60 * minutes + rest


def test_attempts_come_when_the_specification_says() -> None:
    rests = [STANDARD.rest(n, 0.0) for n in range(1, 10)]
    whole = accumulate((rest.total_seconds() for rest in rests if rest), initial=0)
    assert list(whole) == [seconds(text) for text in SINCE_START]
    assert STANDARD.rest(10, 0.0) is None


@pytest.mark.parametrize("luck", [0.0, 0.3, 1.0])
def test_jitter_only_lengthens_and_by_a_fifth_at_most(luck: float) -> None:
    for attempts in range(1, 10):
        plain, drawn = STANDARD.rest(attempts, 0.0), STANDARD.rest(attempts, luck)
        assert plain is not None
        assert drawn == plain + luck * 0.2 * plain


def test_what_the_receiver_asks_for_is_waited_at_least() -> None:
    for asked in (timedelta(seconds=1), timedelta(minutes=9), timedelta(hours=23)):
        rest = STANDARD.rest(1, 0.5, asked)
        assert rest is not None
        assert rest >= asked
    assert STANDARD.rest(1, 0.0, timedelta(days=30)) == timedelta(days=1)
    assert STANDARD.rest(1, 0.0, throttle=True) == THROTTLED
    assert STANDARD.rest(10, 0.0, timedelta(hours=1)) is None
