"""A small SMTP server for the tests: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, over real sockets."""

from __future__ import annotations

import base64
import datetime as dt
import socketserver
import ssl
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.hosted import Hosted

NAME = "mail.example"


class PostOffice(Hosted):
    """Takes mail on a free port of loopback; ``replies`` gives what a command gets instead."""

    def __init__(self, security: str = "none", login: tuple[str, str] | None = None) -> None:
        self.security, self.login = security, login
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.replies: dict[str, list[str]] = {}
        self.heard: list[str] = []
        self.encrypted: list[bool] = []
        self.drip = 0.0
        server = _Server(("127.0.0.1", 0), _Session)
        server.office = self
        super().__init__(server)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    office: PostOffice


class _Session(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        office = self.server.office
        try:
            if office.security == "tls":
                self._encrypt()
            self._file = self.request.makefile("rb")
            self._say("220 here")
            self._talk(office)
        except OSError:
            return
        finally:
            self.request.close()

    def _talk(self, office: PostOffice) -> None:
        to: list[str] = []
        while line := self._file.readline().decode().strip():
            word, _, rest = line.partition(" ")
            word = word.upper()
            office.heard.append(word)
            if office.replies.get(word):
                self._say(office.replies[word].pop(0))
            elif word == "EHLO":
                self._say("250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN" if self._offers_tls() else
                          "250-here\r\n250 AUTH PLAIN")  # fmt: skip
            elif word == "STARTTLS":
                self._say("220 go on")
                self._encrypt()
                self._file = self.request.makefile("rb")
            elif word == "AUTH":
                _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                known = (user, password) == office.login
                self._say("235 welcome" if known else "535 unknown")
            elif word == "RCPT":
                to.append(rest.partition("<")[2].rstrip(">"))
                self._say("250 ok")
            elif word == "DATA":
                self._say("354 go on")
                office.mails.append(self._mail())
                office.recipients.append(to)
                office.encrypted.append(isinstance(self.request, ssl.SSLSocket))
                to = []
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _offers_tls(self) -> bool:
        plain = not isinstance(self.request, ssl.SSLSocket)
        return self.server.office.security == "starttls" and plain

    def _mail(self) -> EmailMessage:
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def _say(self, text: str) -> None:
        for byte in (text + "\r\n").encode() if self.server.office.drip else ():
            time.sleep(self.server.office.drip)
            self.request.sendall(bytes([byte]))
        if not self.server.office.drip:
            self.request.sendall((text + "\r\n").encode())

    def _encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate())
        self.request = context.wrap_socket(self.request, server_side=True)


@cache
def certificate() -> tuple[str, str]:
    """Files of a certificate for ``mail.example`` and its key, made for this run of the tests."""
    folder = Path(mkdtemp(prefix="risk-mail-"))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(cert), str(private)


def trusting() -> ssl.SSLContext:
    """A context that believes the certificate of ``certificate``."""
    return ssl.create_default_context(cafile=certificate()[0])
