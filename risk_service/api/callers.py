"""Who asks: the host name asked for, the key sent, and whose pace an address counts to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address, ip_network

Heads = Mapping[bytes, bytes]


def host_name(raw: bytes) -> str:
    """The name in a Host header, in small letters, without port and final dot.

    >>> host_name(b"LOCALHOST:8000"), host_name(b"[::1]:80"), host_name(b"example.org.")
    ('localhost', '[::1]', 'example.org')
    """
    host = raw.decode("latin-1").strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].removesuffix(".")


def host_names(listed: Iterable[str]) -> frozenset[str]:
    """Names as ``host_name`` tells them, of a list in which some may be empty.

    >>> sorted(host_names(["Risk.example ", ""]))
    ['risk.example']
    """
    return frozenset(name.strip().lower() for name in listed if name.strip())


def key_in(heads: Heads) -> str | None:
    """The API key of a request: ``Authorization: Bearer KEY``, else ``X-API-Key``."""
    kind, _, key = heads.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer" and key.strip():
        return key.strip()
    return heads.get(b"x-api-key", b"").decode("latin-1").strip() or None


def network_of(address: str) -> str:
    """Whose pace an address counts to: itself, or the /64 of an IPv6 address.

    >>> network_of("192.0.2.7"), network_of("2001:db8::7")
    ('192.0.2.7', '2001:db8::/64')
    """
    try:
        IPv6Address(address)
        return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address
