"""What an HTTP status means to a sender, by the Standard Webhooks specification 1.0.0."""

from __future__ import annotations

import re

from risk_service.notify.contract import Answer, Reply

GONE = 410
UNDER_LOAD = frozenset({429, 502, 504})
_CODE = re.compile(rb"[a-z_]{1,60}")
"""Short words such as Slack's ``invalid_payload``; anything longer might echo a secret."""


def http_answer(reply: Reply) -> Answer:
    """2xx is sent, 410 disables the channel, all else is tried again; 3xx is not followed.

    >>> [http_answer(Reply(status)).outcome for status in (204, 302, 404, 410, 500, None)]
    ['sent', 'again', 'again', 'disable', 'again', 'again']
    >>> http_answer(Reply(429)).throttle
    True
    """
    status = reply.status
    if status is None:
        return Answer("again", None, reply.reason, reply.after)
    if 200 <= status < 300:
        return Answer("sent", status)
    if status == GONE:
        return Answer("disable", status, "the receiver answered 410 Gone")
    return Answer("again", status, _told(reply), reply.after, throttle=status in UNDER_LOAD)


def strict_answer(reply: Reply) -> Answer:
    """As ``http_answer``, but a body that is refused (400) will be refused again: it is dead."""
    if reply.status == 400:
        return Answer("dead", 400, _told(reply))
    return http_answer(reply)


def _told(reply: Reply) -> str:
    code = reply.body.strip()
    words = f": {code.decode()}" if _CODE.fullmatch(code) else ""
    moved = " (redirects are not followed)" if 300 <= (reply.status or 0) < 400 else ""
    return f"answered with status {reply.status}{words}{moved}"
