"""A key whose scope is too low pays for asking."""

from tests.api.house import House
from tests.api.test_events import GOOD


def test_a_key_of_too_low_a_scope_is_counted(locked_house: House) -> None:
    key = locked_house.key("read")
    posts = [locked_house.client.post("/v1/events", json=GOOD, headers=key) for _ in range(21)]
    assert [answer.status_code for answer in posts] == [403] * 20 + [429]
    assert locked_house.client.get("/v1/models", headers=key).status_code == 429
    other = locked_house.key("read")
    assert locked_house.client.get("/v1/models", headers=other).status_code == 200
