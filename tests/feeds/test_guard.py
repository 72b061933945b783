import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import httpx
import pytest

from risk_service.errors import FeedError, Refused
from risk_service.feeds import guard
from risk_service.feeds.fetch import fetch
from risk_service.feeds.guard import GuardedTransport, is_public
from tests.wire import Reply, Wire

FORBIDDEN = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.9.1", "169.254.169.254",
    "172.16.0.1", "192.168.1.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
    "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1",
    "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_these_are_not_on_the_open_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1", "64:ff9b::808:808"]
)
def test_these_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"]
)
def test_no_spelling_of_loopback_is_read(wire: Wire, host: str) -> None:
    wire.route("/a", Reply(b"secret"))
    with pytest.raises(FeedError, match="not on the open internet"):
        fetch(f"http://{host}:{wire.port}/a")
    assert wire.asked == []


def test_no_redirect_leads_into_a_private_network(monkeypatch: pytest.MonkeyPatch) -> None:
    # 127.0.0.1 plays the open internet here, all the rest stays what it is.
    monkeypatch.setattr(
        guard, "is_public", lambda address: str(address) == "127.0.0.1" or is_public(address)
    )
    with Wire("0.0.0.0") as wire:
        url = wire.route(
            "/a", Reply(status=302, headers={"Location": f"http://127.0.0.2:{wire.port}/b"})
        )
        wire.route("/b", Reply(b"secret"))
        wire.route("/c", Reply(b"open"))
        with pytest.raises(FeedError, match=r"127\.0\.0\.2"):
            fetch(url)
        assert fetch(wire.url + "/c").body == b"open"
    assert [asked.path for asked in wire.asked] == ["/a", "/c"]


def test_the_checked_address_is_the_one_connected_to(wire: Wire) -> None:
    answers = [["127.0.0.1"], ["203.0.113.1"]]

    def rebinding(host: str, port: int) -> list[str]:
        assert host == "feeds.example"
        return answers.pop(0)

    wire.route("/a", Reply(b"news"))
    transport = GuardedTransport(time.monotonic() + 5, private=True, resolve=rebinding)
    with httpx.Client(transport=transport) as client:
        response = client.get(f"http://feeds.example:{wire.port}/a")
    assert response.content == b"news"
    assert wire.asked[0].headers["Host"] == f"feeds.example:{wire.port}"
    assert len(answers) == 1


def test_one_forbidden_address_among_good_ones_refuses_the_name(wire: Wire) -> None:
    transport = GuardedTransport(
        time.monotonic() + 5, private=False, resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"]
    )
    with (
        httpx.Client(transport=transport) as client,
        pytest.raises(Refused, match=r"10\.0\.0\.1"),
    ):
        client.get("http://feeds.example/a")


def test_the_next_address_is_tried_when_one_does_not_answer(wire: Wire) -> None:
    wire.route("/a", Reply(b"news"))
    transport = GuardedTransport(
        time.monotonic() + 5, private=True, resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"]
    )
    with httpx.Client(transport=transport) as client:
        assert client.get(f"http://feeds.example:{wire.port}/a").content == b"news"


def test_a_head_that_never_ends_ends_in_time() -> None:
    with dripping_head() as port:
        start = time.monotonic()
        with pytest.raises(FeedError):
            fetch(f"http://127.0.0.1:{port}/", private=True, seconds=0.6)
        assert time.monotonic() - start < 2


@contextmanager
def dripping_head() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not stop.wait(0.05):
                connection.sendall(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    thread.join()
    listener.close()
