"""Posts over real HTTP: no redirect, no address inside, no more time than given."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from risk_service.notify.contract import Post, Reply
from risk_service.notify.send_http import send_post
from tests.feeds.test_guard import dripping_head
from tests.service import free_port
from tests.wire import Reply as Said
from tests.wire import Wire


def post(url: str, seconds: float = 5) -> Reply:
    return send_post(Post(url, b"{}", {"content-type": "application/json"}), seconds, True)


def test_what_is_sent_arrives_as_it_is(wire: Wire) -> None:
    reply = post(wire.route("/a", Said(b"ok", 202)))
    assert reply == Reply(202, body=b"ok")
    (asked,) = wire.asked
    assert (asked.method, asked.body) == ("POST", b"{}")
    assert asked.headers["content-type"] == "application/json"


def test_a_redirect_is_not_followed(wire: Wire) -> None:
    url = wire.route("/a", Said(status=307, headers={"Location": wire.url + "/b"}))
    wire.route("/b", Said(b"ok"))
    assert post(url).status == 307
    assert [asked.path for asked in wire.asked] == ["/a"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("99999999999999999999", 86_400), ("soon", None), ("-5", None)],
)
def test_retry_after_is_read_and_not_believed_beyond_a_day(
    wire: Wire, said: str, seconds: float | None
) -> None:
    reply = post(wire.route("/a", Said(status=503, headers={"Retry-After": said})))
    assert reply.after == (None if seconds is None else timedelta(seconds=seconds))


def test_a_silent_receiver_is_left_in_time(wire: Wire) -> None:
    started = time.monotonic()
    reply = post(wire.route("/a", Said(delay=2)), seconds=0.3)
    assert time.monotonic() - started < 1.5
    assert reply == Reply(None, "no answer within 0.3 seconds")


def test_a_head_that_never_ends_ends_in_time() -> None:
    with dripping_head() as port:
        assert post(f"http://127.0.0.1:{port}/", 0.4).status is None


def test_a_body_that_never_ends_does_not_undo_the_status(wire: Wire) -> None:
    reply = post(wire.route("/a", Said(b"x" * 500, 200, drip=0.02)), seconds=0.5)
    assert reply.status == 200
    assert len(reply.body) < 500


def test_nobody_there_is_told() -> None:
    reply = post(f"http://127.0.0.1:{free_port()}/")
    assert reply.status is None
    assert reply.reason.startswith("ConnectError")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_an_address_inside_is_asked(wire: Wire, host: str) -> None:
    wire.route("/a", Said(b"ok"))
    reply = send_post(Post(f"http://{host}:{wire.port}/a", b"{}"), 5, private=False)
    assert "not on the open internet" in reply.reason
    assert wire.asked == []


def test_a_name_that_turns_inside_is_refused_and_the_checked_address_is_the_one_asked(
    wire: Wire,
) -> None:
    wire.route("/a", Said(b"ok"))
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    sent = Post(f"http://desk.example:{wire.port}/a", b"{}")
    # Looked up once: the second answer is of the next delivery, and is checked again.
    assert send_post(sent, 5, True, rebinding).status == 200
    assert asked == ["desk.example"]
    assert "10.0.0.1" in send_post(sent, 5, False, rebinding).reason
    assert len(wire.asked) == 1
