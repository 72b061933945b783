"""E-mail by SMTP: a short subject for phones, plain text, one Message-ID at each attempt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from risk_service.notify.addresses import HostName, Mailbox
from risk_service.notify.contract import Answer, Channel, Mail, Parcel, Reply, Security
from risk_service.notify.wording import (
    ACTS,
    clipped,
    facts,
    headline,
    part,
    sector_lines,
    stories,
    story_words,
    web_links,
)

PORTS = {"tls": 465, "starttls": 587, "none": 25}
SUBJECT = 180
MAY_CHANGE = frozenset({530, 534, 535, 538, 552})
"""Refusals for good that a change of the channel or the mailbox cures: login, a full mailbox."""


class EmailConfig(BaseModel):
    """Which server takes the mail, and who gets it."""

    model_config = ConfigDict(extra="forbid")

    host: HostName
    port: int | None = Field(None, ge=1, le=65_535, description="465, 587 or 25 by `security`")
    security: Security = Field(
        "starttls", description="tls from the first byte, starttls (demanded), or none"
    )
    sender: Mailbox
    to: list[Mailbox] = Field(min_length=1, max_length=50)


class EmailSecrets(BaseModel):
    """The login, or nothing."""

    model_config = ConfigDict(extra="forbid")

    username: str | None = Field(None, pattern=r"^[^\x00-\x1f\x7f]{1,200}$")
    password: str | None = Field(None, pattern=r"^[^\x00-\x1f\x7f]{1,500}$")

    @model_validator(mode="after")
    def _both(self) -> EmailSecrets:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password come together")
        return self


def write(parcel: Parcel, now: datetime) -> Mail:
    """The message to all recipients; a password is never sent over a connection in the clear."""
    config, secrets = parcel.config, parcel.secrets
    security: Security = config.get("security") or "starttls"
    login = (
        (str(secrets["username"]), str(secrets["password"])) if secrets.get("username") else None
    )
    if login and security == "none":
        raise ValueError("a login needs security tls or starttls")
    port = int(config.get("port") or PORTS[security])
    return Mail(str(config["host"]), port, security, login, _message(parcel, now))


def read(reply: Reply) -> Answer:
    """RFC 5321: 2xx is taken, 4xx may pass, 5xx is for good.

    >>> [read(Reply(status)).outcome for status in (250, 451, 550, 535, None)]
    ['sent', 'again', 'dead', 'again', 'again']
    """
    status = reply.status
    if status is None:
        return Answer("again", None, reply.reason)
    if 200 <= status < 300:
        return Answer("sent", status, reply.reason)
    for_good = status >= 500 and status not in MAY_CHANGE
    return Answer("dead" if for_good else "again", status, reply.reason)


def _message(parcel: Parcel, now: datetime) -> EmailMessage:
    payload, config = parcel.payload, parcel.config
    alert = part(payload, "alert")
    domain = str(config["sender"]).rpartition("@")[2]
    line = " ".join(headline(payload).split())
    message = EmailMessage()
    told = [ACTS[parcel.act], str(alert.get("severity") or "")]
    message["Subject"] = clipped(f"[{' '.join(filter(None, told))}] {line}", SUBJECT)
    message["From"] = str(config["sender"])
    message["To"] = ", ".join(config["to"])
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{parcel.id}@{domain}>"
    if alert.get("id"):
        # All mails of one alert in one thread; no mail has this id itself.
        message["References"] = f"<{alert['id']}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(payload))
    return message


def _text(payload: Mapping[str, Any]) -> str:
    lines = [headline(payload), "", *(f"{name}: {value}" for name, value in facts(payload))]
    for number, story in enumerate(stories(payload), 1):
        lines += ["", f"{number}. {story.get('text')} ({story.get('source')})"]
        lines += [text for text in (f"   {story_words(story)}", f"   {story.get('url') or ''}")
                  if text.strip()]  # fmt: skip
    if reaction := sector_lines(payload):
        lines += ["", "Sectors so far:", *reaction]
    if links := web_links(payload):
        lines += ["", *(f"{name}: {url}" for name, url in links)]
    rule = part(payload, "rule")
    lines += ["", "-- ", f"Rule: {rule.get('name') or 'none'} ({rule.get('id') or 'none'})"]
    return "\n".join(lines) + "\n"


def _address(config: Mapping[str, Any], secrets: Mapping[str, Any]) -> tuple[str, str, int]:
    port = config.get("port") or PORTS[config.get("security") or "starttls"]
    return "config.host", str(config["host"]), int(port)


EMAIL = Channel("email", EmailConfig, EmailSecrets, write, read, _address)
