"""A mail over SMTP: to checked addresses only, encrypted as asked, within a deadline."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from risk_service.errors import Refused
from risk_service.feeds.guard import Resolve, checked_addresses, resolve
from risk_service.notify.contract import Mail, Reply


def send_mail(
    mail: Mail,
    seconds: float,
    private: bool,
    look_up: Resolve = resolve,
    trust: ssl.SSLContext | None = None,
) -> Reply:
    """Send, and give what the server said; a trouble on the way is a reply without status.

    ``trust`` is whose certificates are believed, if not those of the system. A recipient that the
    server refuses beside others that it takes is told in the reason.
    """
    deadline = time.monotonic() + seconds
    try:
        addresses = checked_addresses(mail.host, mail.port, private, look_up)
        with _connected(mail, addresses, deadline, trust or ssl.create_default_context()) as server:
            if mail.login is not None:
                server.login(*mail.login)
            refused = server.send_message(mail.message)
    except Refused as error:
        return Reply(None, str(error))
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return Reply(code, f"every recipient is refused: {_plain(words)}")
    except smtplib.SMTPResponseException as error:
        return Reply(error.smtp_code, _plain(error.smtp_error))
    except (OSError, UnicodeError, smtplib.SMTPException) as error:
        over = time.monotonic() >= deadline
        told = f"{type(error).__name__}: {error}"[:300]
        return Reply(None, f"no answer within {seconds:g} seconds" if over else told)
    if refused:
        return Reply(250, f"refused for {', '.join(sorted(refused))}"[:300])
    return Reply(250)


class _Pinned(smtplib.SMTP):
    """SMTP to one of the checked addresses; TLS still proves the name.

    ``cut`` ends the connection from another thread: a server may drip its answer byte by byte.
    """

    def __init__(
        self, mail: Mail, addresses: list[str], deadline: float, trust: ssl.SSLContext
    ) -> None:
        super().__init__(timeout=_left(deadline))
        self._host = mail.host
        self._addresses, self._deadline = addresses, deadline
        self._wrap = trust if mail.security == "tls" else None
        self._handle: socket.socket | None = None

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        failure: OSError = OSError(f"{host} has no address")
        for address in self._addresses:
            try:
                plain = socket.create_connection((address, port), _left(self._deadline))
            except OSError as error:
                failure = error
                continue
            # Of the same connection, for TLS takes the other one away.
            self._handle = plain.dup()
            return self._wrap.wrap_socket(plain, server_hostname=host) if self._wrap else plain
        raise failure

    def cut(self) -> None:
        """End the connection now."""
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def leave(self) -> None:
        """Say goodbye, whatever the server makes of it: what it has taken it has taken."""
        with suppress(OSError, smtplib.SMTPException):
            self.quit()
        self.close()
        if self._handle is not None:
            self._handle.close()


@contextmanager
def _connected(
    mail: Mail, addresses: list[str], deadline: float, trust: ssl.SSLContext
) -> Iterator[smtplib.SMTP]:
    server = _Pinned(mail, addresses, deadline, trust)
    timer = threading.Timer(_left(deadline), server.cut)
    timer.daemon = True
    timer.start()
    try:
        server.connect(mail.host, mail.port)
        if mail.security == "starttls":
            # A server that cannot raises: nothing is sent in the clear.
            server.starttls(context=trust)
        yield server
    finally:
        server.leave()
        timer.cancel()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time for the whole delivery is over")
    return left


def _plain(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return "".join(c if c.isprintable() else " " for c in text)[:300]
