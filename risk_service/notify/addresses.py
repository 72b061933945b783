"""Addresses that a channel may have: well-formed, without credentials, and not inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator

from risk_service.errors import Refused
from risk_service.feeds.guard import Resolve, checked_addresses, resolve

LONGEST = 2_000
ALLOWED_BY = "RISK_ALERT_PRIVATE"
"""The setting that lets alerts into private networks."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")


def _web(value: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > LONGEST:
        raise ValueError(f"needs at most {LONGEST} printable ASCII characters, no spaces")
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL as error:
        raise ValueError(f"is not an address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("is not an http or https address")
    if url.port is not None and not 0 < url.port < 65_536:
        raise ValueError(f"port {url.port} is not within 1–65535")
    if url.userinfo:
        raise ValueError("holds credentials; they belong into secrets")
    if url.fragment:
        raise ValueError("holds a fragment (#)")
    return value


def _mailbox(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("is not a mail address such as desk@example.org")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("is not a host name")
    return value


WebAddress = Annotated[str, AfterValidator(_web)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
HostName = Annotated[str, AfterValidator(_host)]


def host_and_port(url: str) -> tuple[str, int]:
    """Host and port of a web address.

    >>> host_and_port("https://example.org/a"), host_and_port("http://127.0.0.1:8080")
    (('example.org', 443), ('127.0.0.1', 8080))
    """
    parsed = httpx.URL(url)
    return parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80)


def web_target(
    place: str,
) -> Any:
    """Reads the address in ``config.url`` or ``secrets.url``, as ``place`` says."""
    room, _, name = place.partition(".")

    def read(config: Mapping[str, Any], secrets: Mapping[str, Any]) -> tuple[str, str, int]:
        held = config if room == "config" else secrets
        return (place, *host_and_port(str(held[name])))

    return read


def check_outside(host: str, port: int, private: bool, look_up: Resolve = resolve) -> None:
    """Raise ValueError for a host that leads into a private network.

    A name that cannot be resolved now is let pass: it is looked up again, and checked again, each
    time something is sent.
    """
    try:
        checked_addresses(host, port, private, look_up)
    except Refused as error:
        raise ValueError(f"{error}; {ALLOWED_BY}=true lets alerts be sent there") from None
    except (OSError, UnicodeError):
        return
