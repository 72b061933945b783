"""Webhooks as the Standard Webhooks specification has them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from risk_service.notify import webhook
from risk_service.notify.contract import Post
from risk_service.notify.signing import first_secrets, new_secret, rotated
from tests.notify.alerts import MESSAGE, NOW, SECRET, parcel, payload, story

CONFIG = {"url": "https://example.org/hook"}


def written(**data: object) -> Post:
    return webhook.write(parcel("webhook", config=CONFIG, **data), NOW)


def test_the_signature_is_an_hmac_of_id_moment_and_body() -> None:
    post = written()
    assert post.url == CONFIG["url"]
    assert post.headers["webhook-id"] == MESSAGE
    assert post.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{MESSAGE}.{int(NOW.timestamp())}.".encode() + post.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert post.headers["webhook-signature"] == f"v1,{expected}"
    assert orjson.loads(post.body) == payload()


def test_during_a_rotation_either_secret_verifies_and_afterwards_the_new_one_alone() -> None:
    old, new = new_secret(), new_secret()
    # The package looks at its own clock, so that moments are of now.
    now = datetime.now(UTC)
    held = first_secrets("webhook", {"secret": old}, now - timedelta(days=9))
    held = rotated("webhook", held, {"secret": new}, now, timedelta(hours=24))
    both = webhook.write(parcel("webhook", config=CONFIG, secrets=held), now)
    assert len(both.headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Webhook(secret).verify(both.body, dict(both.headers))
    later = now + timedelta(hours=25)
    after = webhook.write(parcel("webhook", config=CONFIG, secrets=held), later)
    assert len(after.headers["webhook-signature"].split()) == 1
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(both.body, dict(both.headers))


def test_a_long_payload_is_shortened_below_20_kb_and_keeps_what_matters() -> None:
    wordy = story(1, words=[["word" * 10, 0.1]] * 400)
    body = orjson.loads(written(stories=[wordy] * 3).body)
    assert [len(one["words"]) for one in body["data"]["stories"]] == [0, 0, 0]
    long = story(1, text="x" * 9_000)
    post = written(stories=[long] * 3)
    body = orjson.loads(post.body)
    assert len(post.body) < webhook.MOST_BYTES
    assert body["data"]["stories"] == []
    assert body["data"]["headline"] == payload()["data"]["headline"]


def test_what_cannot_be_shortened_is_told() -> None:
    with pytest.raises(ValueError, match="20000 bytes"):
        written(headline="x" * 21_000)


@pytest.mark.parametrize(
    "secret", ["whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", ""]
)
def test_a_weak_or_strange_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError, match="24 to 64 bytes"):
        webhook.WebhookSecrets(secret=secret)


def test_made_secrets_are_taken_and_differ() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    for secret in made:
        assert webhook.WebhookSecrets(secret=secret).secret == secret
