"""A transport for httpx that goes nowhere it should not, and not for longer than it may.

Names are resolved once, every address is checked, and the connection goes to the checked
address itself: a name that answers differently the second time (DNS rebinding) gains nothing.
Proxies of the environment are not used, for a proxy would resolve names on its own.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

from risk_service.errors import Refused

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether an address lies on the open internet.

    False for private, shared, loopback, link-local, multicast, reserved and unspecified ones,
    also when they come wrapped in an IPv6 address.

    >>> [is_public(ip_address(a)) for a in ("1.1.1.1", "10.0.0.1", "::ffff:127.0.0.1", "fe80::1")]
    [True, False, False, False]
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None or address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def resolve(host: str, port: int) -> list[str]:
    """Numeric addresses of a host name, in the system's order of preference, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, private: bool, resolve: Resolve = resolve) -> list[str]:
    """Addresses of a host, each of them allowed; ``private`` allows every network.

    Raises
    ------
    Refused
        For a host with an address that is not on the open internet.
    OSError, UnicodeError
        For a host that cannot be resolved.
    """
    found = resolve(host, port)
    for address in found:
        # One forbidden address among good ones is a trap too.
        if not private and not is_public(ip_address(address.split("%")[0])):
            raise Refused(f"{host} leads to {address}, which is not on the open internet")
    return found


class GuardedTransport(httpx.BaseTransport):
    """Transport for one fetch: checked addresses, one deadline for everything it does.

    ``deadline`` is a moment of ``time.monotonic``; ``private`` lets it into every network.
    Requests raise httpcore's errors, and ``Refused`` for a forbidden address.
    """

    def __init__(self, deadline: float, private: bool, resolve: Resolve = resolve) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(),
            network_backend=_GuardedBackend(deadline, private, resolve),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, stream = request.url, request.stream
        assert isinstance(stream, httpx.SyncByteStream)
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, deadline: float, private: bool, resolve: Resolve) -> None:
        self._deadline = deadline
        self._private = private
        self._resolve = resolve
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            left = _left(self._deadline, timeout)
            try:
                stream = self._backend.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _GuardedStream(stream, self._deadline)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return checked_addresses(host, port, self._private, self._resolve)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from None


class _GuardedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _GuardedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the whole fetch is over")
    return left if timeout is None else min(left, timeout)


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()
