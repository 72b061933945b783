"""Taking the port before anything is started, so that a busy one is told in one line."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from risk_service.errors import RiskError

Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
"""What ``getaddrinfo`` gives for a socket."""


@contextmanager
def bound_to(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets bound to every address of a host name, not listening yet; closed at the end.

    Port 0 takes a free one. Of a name with several addresses, those this machine does not have
    (IPv6 where it is turned off) are left out, as long as one is left.

    Raises
    ------
    RiskError
        Naming the address and why it cannot be had.
    """
    with ExitStack() as held:
        bound, missing = [], None
        for family, address in _addresses(host, port):
            try:
                bound.append(held.enter_context(_bound(family, address)))
            except OSError as error:
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise _refused(host, port, error) from None
                missing = error
        if not bound:
            raise _refused(host, port, missing or OSError(errno.EADDRNOTAVAIL, "")) from None
        yield bound


def address_of(bound: socket.socket) -> str:
    """The address of a bound socket, as one asks it: ``http://127.0.0.1:8000``."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _addresses(host: str, port: int) -> list[tuple[int, Address]]:
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise RiskError(f"RISK_HOST: {host!r} is no address of this machine: {error}") from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _bound(family: int, address: Address) -> socket.socket:
    ours = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port whose last connections still wind down may be taken again.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            ours.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        ours.bind(address)
    except OSError:
        ours.close()
        raise
    return ours


def _refused(host: str, port: int, error: OSError) -> RiskError:
    said = os.strerror(error.errno or 0).lower()
    return RiskError(f"RISK_HOST, RISK_PORT: cannot serve on {host}:{port}: {said}")
