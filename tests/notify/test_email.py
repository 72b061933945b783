"""Mail over a real socket: encryption, login, one Message-ID, and what a server answers."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import ValidationError

from risk_service.notify.contract import Mail, Reply
from risk_service.notify.email import EMAIL, EmailConfig, EmailSecrets, write
from risk_service.notify.send_mail import send_mail
from tests.notify.alerts import ALERT, MESSAGE, NOW, parcel, payload
from tests.notify.post_office import NAME, PostOffice, trusting

TO = ["desk@example.org", "night@example.org"]
LOGIN = {"username": "risk", "password": "hunter2"}


def mail(office: PostOffice, act: str = "firing", login: bool = False, **data: Any) -> Mail:
    config = {"host": NAME, "port": office.port, "security": office.security,
              "sender": "risk@example.org", "to": TO}  # fmt: skip
    secrets = LOGIN if login else {}
    return write(parcel("email", act, config=config, secrets=secrets, **data), NOW)


def send(office: PostOffice, sent: Mail, seconds: float = 5) -> Reply:
    def look_up(host: str, port: int) -> list[str]:
        assert (host, port) == (NAME, office.port)
        return ["127.0.0.1"]

    return send_mail(sent, seconds, True, look_up, trusting())


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_arrives_with_its_id_and_encrypted_as_asked(security: str) -> None:
    login = security != "none"
    with PostOffice(security, ("risk", "hunter2")) as office:
        assert send(office, mail(office, login=login)) == Reply(250)
    (arrived,) = office.mails
    assert office.recipients == [TO]
    assert office.encrypted == [security != "none"]
    assert ("AUTH" in office.heard) == login
    assert arrived["Message-ID"] == f"<{MESSAGE}@example.org>"
    assert arrived["References"] == f"<{ALERT}@example.org>"
    assert arrived["Subject"] == f"[Firing critical] {payload()['data']['headline']}"
    text = arrived.get_content()
    assert "Change: 52.5 → 74.0" in text.splitlines()
    assert "How unusual: 5.1 robust scales, reached on 0.4 % of the days before" in text
    assert "3. Frigate <seizes> tanker & crew, 2 (Test Wire)" in text
    assert "+9.1: seizes, tanker" in text
    assert "energy: return +2.10%" in text
    assert "https://wire.example.org/0?a=1&b=2" in text


def test_a_headline_makes_no_header() -> None:
    with PostOffice() as office:
        send(office, mail(office, headline="Risk up\r\nBcc: all@example.org\n\nhello"))
    (arrived,) = office.mails
    assert arrived["Bcc"] is None
    assert arrived["Subject"] == "[Firing critical] Risk up Bcc: all@example.org hello"


def test_nothing_is_sent_in_the_clear_where_starttls_is_asked_for() -> None:
    with PostOffice("none") as office:
        office.security = "starttls"
        sent = mail(office, login=True)
        office.security = "none"
        reply = send(office, sent)
    assert reply.status is None
    assert "STARTTLS" in reply.reason
    assert office.mails == []
    assert not {"AUTH", "MAIL"} & set(office.heard)


def test_a_certificate_of_another_name_is_refused() -> None:
    with PostOffice("tls") as office:
        sent = mail(office)
        other = Mail("other.example", sent.port, "tls", None, sent.message)
        reply = send_mail(other, 5, True, lambda host, port: ["127.0.0.1"], trusting())
    assert reply.status is None
    assert "CERTIFICATE" in reply.reason
    assert office.mails == []


@pytest.mark.parametrize(
    ("command", "said", "outcome"),
    [
        ("MAIL", "451 later", "again"), ("MAIL", "550 never", "dead"),
        ("RCPT", "450 full", "again"), ("RCPT", "550 nobody", "dead"),
        ("DATA", "554 spam", "dead"), ("EHLO", "421 closing", "again"),
    ],
)  # fmt: skip
def test_what_the_server_says_decides(command: str, said: str, outcome: str) -> None:
    with PostOffice() as office:
        office.replies[command] = [said] * 2
        if command == "EHLO":
            office.replies["HELO"] = [said]
        reply = send(office, mail(office))
    answer = EMAIL.read(reply)
    assert (answer.outcome, answer.status) == (outcome, int(said[:3]))
    assert office.mails == []


def test_a_wrong_password_is_tried_again_later() -> None:
    with PostOffice("starttls", ("risk", "another")) as office:
        answer = EMAIL.read(send(office, mail(office, login=True)))
    assert (answer.outcome, answer.status) == ("again", 535)
    assert "hunter2" not in answer.reason


def test_one_refused_recipient_does_not_make_the_others_get_it_twice() -> None:
    with PostOffice() as office:
        office.replies["RCPT"] = ["550 nobody"]
        answer = EMAIL.read(send(office, mail(office)))
    assert (answer.outcome, answer.reason) == ("sent", "refused for desk@example.org")
    assert office.recipients == [["night@example.org"]]


def test_what_is_taken_is_taken_even_if_the_goodbye_fails() -> None:
    with PostOffice() as office:
        office.replies["QUIT"] = ["500 what"]
        assert send(office, mail(office)) == Reply(250)


def test_a_server_that_drips_is_left_in_time() -> None:
    with PostOffice() as office:
        office.drip = 0.05
        started = time.monotonic()
        reply = send(office, mail(office), seconds=0.5)
    assert time.monotonic() - started < 1.5
    assert reply == Reply(None, "no answer within 0.5 seconds")


def test_no_mail_server_inside_is_asked() -> None:
    with PostOffice() as office:
        sent = mail(office)
        reply = send_mail(sent, 5, False, lambda host, port: ["127.0.0.1"], trusting())
    assert "not on the open internet" in reply.reason
    assert office.heard == []


def test_a_login_is_never_sent_in_the_clear() -> None:
    with PostOffice() as office, pytest.raises(ValueError, match="tls or starttls"):
        mail(office, login=True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": []}, "to"), ({"to": ["a@b\nBcc: c@d"]}, "to"), ({"sender": "desk"}, "sender"),
        ({"host": "a b"}, "host"), ({"port": 0}, "port"), ({"security": "ssl"}, "security"),
    ],
)  # fmt: skip
def test_a_strange_config_is_refused(change: dict[str, Any], field: str) -> None:
    good = {"host": NAME, "sender": "risk@example.org", "to": TO}
    EmailConfig.model_validate(good)
    with pytest.raises(ValidationError) as refused:
        EmailConfig.model_validate({**good, **change})
    assert refused.value.errors()[0]["loc"][0] == field


def test_a_password_needs_its_user() -> None:
    with pytest.raises(ValidationError, match="come together"):
        EmailSecrets(password="x")
