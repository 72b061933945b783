"""Addresses a channel may have."""

import socket

import pytest
from pydantic import TypeAdapter, ValidationError

from risk_service.config import Settings
from risk_service.notify.addresses import ALLOWED_BY, WebAddress, check_outside, host_and_port

WEB = TypeAdapter(WebAddress)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("ftp://example.org/", "http or https"), ("file:///etc/passwd", "http or https"),
        ("https:///x", "http or https"), ("example.org", "http or https"),
        ("https://user:pw@example.org/", "credentials"), ("https://me@example.org/", "credentials"),
        ("https://example.org/#x", "fragment"), ("https://example.org/a b", "printable"),
        ("https://example.org/\n", "printable"), ("https://exämple.org/", "printable"),
        ("https://example.org/" + "x" * 2_000, "at most"),
        ("https://example.org:99999/", "port 99999"),
    ],
)  # fmt: skip
def test_a_strange_address_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        WEB.validate_python(url)


def test_a_plain_address_is_taken() -> None:
    for url in ("https://example.org/a?b=c", "http://10.0.0.1:9093", "https://[::1]/x"):
        assert WEB.validate_python(url) == url
    assert host_and_port("https://[::1]/x") == ("::1", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "localhost", "::1", "169.254.169.254"])
def test_a_host_inside_is_refused_unless_allowed(host: str) -> None:
    with pytest.raises(ValueError, match="not on the open internet; RISK_ALERT_PRIVATE=true"):
        check_outside(host, 443, private=False)
    check_outside(host, 443, private=True)


def test_the_setting_that_is_named_is_there() -> None:
    assert ALLOWED_BY.removeprefix("RISK_").lower() in Settings.model_fields


def test_a_name_that_cannot_be_resolved_now_is_checked_when_something_is_sent() -> None:
    def fails(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    check_outside("later.example", 443, False, fails)
    with pytest.raises(ValueError, match=r"10\.0\.0\.1"):
        check_outside("later.example", 443, False, lambda host, port: ["8.8.8.8", "10.0.0.1"])
