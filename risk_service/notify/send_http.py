"""A POST over HTTP: to checked addresses only, within a deadline, no redirect followed."""

from __future__ import annotations

import time
from datetime import timedelta

import httpcore
import httpx

from risk_service.errors import Refused
from risk_service.feeds.fetch import retry_after
from risk_service.feeds.guard import GuardedTransport, Resolve, resolve
from risk_service.notify.contract import Post, Reply

USER_AGENT = "risk-service/0.1 (alerts)"
MOST_READ = 2_000
"""Bytes of an answer that are looked at; the rest is left unread."""
DAY = 86_400.0


def send_post(post: Post, seconds: float, private: bool, look_up: Resolve = resolve) -> Reply:
    """Send, and give what came back; a trouble on the way is a reply without status.

    Names are resolved once, each address is checked, and the connection goes to the checked one.
    ``seconds`` bound everything but the system's look-up of the name.
    """
    transport = GuardedTransport(time.monotonic() + seconds, private, look_up)
    headers = {"user-agent": USER_AGENT, "accept-encoding": "identity", **post.headers}
    try:
        with (
            httpx.Client(transport=transport, timeout=seconds, trust_env=False) as client,
            client.stream("POST", post.url, content=post.body, headers=headers) as response,
        ):
            after = retry_after(response.headers)
            return Reply(
                response.status_code,
                after=None if after is None else timedelta(seconds=min(after, DAY)),
                body=_start(response),
            )
    except Refused as error:
        return Reply(None, str(error))
    except (httpcore.TimeoutException, httpx.TimeoutException):
        return Reply(None, f"no answer within {seconds:g} seconds")
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        httpcore.NetworkError,
        httpcore.ProtocolError,
    ) as error:
        return Reply(None, f"{type(error).__name__}: {error}"[:300])


def _start(response: httpx.Response) -> bytes:
    found = b""
    try:
        for chunk in response.iter_raw():
            found += chunk
            if len(found) >= MOST_READ:
                break
    except (httpx.HTTPError, httpcore.TimeoutException, httpcore.NetworkError,
            httpcore.ProtocolError):  # fmt: skip
        # The status came: what the receiver says besides decides nothing.
        return found[:MOST_READ]
    return found[:MOST_READ]
