"""What every channel is: parcel in, request out, and what the receiver's reply means.

A channel writes a request and reads a reply; it opens no socket, looks at no clock and knows no
database. ``send_http.py`` and ``send_mail.py`` carry requests, ``risk_service/sending.py`` decides
when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Literal

from pydantic import BaseModel

Security = Literal["tls", "starttls", "none"]
Outcome = Literal["sent", "again", "dead", "disable"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: its id, which stays the same however often it is sent, and what it needs.

    ``act`` is firing, acknowledged, resolved or test; ``config`` and ``secrets`` are the channel's
    as stored.
    """

    id: str
    act: str
    config: Mapping[str, Any]
    secrets: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """An HTTP POST."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message and the server that takes it; ``login`` is user and password, or None."""

    host: str
    port: int
    security: Security
    login: tuple[str, str] | None
    message: EmailMessage


Request = Post | Mail


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status of HTTP or SMTP, or None with the ``reason`` why nothing came.

    ``after`` is how long the receiver asks to be left alone; ``body`` its first bytes.
    """

    status: int | None
    reason: str = ""
    after: timedelta | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply means: sent, try again, never (dead), or never anything more (disable).

    ``throttle`` says that the receiver is under load, so that the whole channel rests;
    ``after`` is the least rest it asked for.
    """

    outcome: Outcome
    status: int | None = None
    reason: str = ""
    after: timedelta | None = None
    throttle: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of channel. ``write`` raises ValueError for a payload it cannot carry."""

    kind: str
    config: type[BaseModel]
    secrets: type[BaseModel]
    write: Callable[[Parcel, datetime], Request]
    read: Callable[[Reply], Answer]
    address: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[str, str, int]]
    """Of config and secrets: the field that holds the address, and the host and port it names."""
