"""The challenger in the shadow of the champion, on a real database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from models.classifier import Classifier
from models.registry import load, versions
from risk_service import shadow
from risk_service.core.events import Event
from risk_service.desks import as_desks
from risk_service.errors import NoModel
from risk_service.pipeline import work_off
from risk_service.shadow import Shadow, shadow_difference, shadow_score
from risk_service.store.engine import reading, writing
from risk_service.store.index import read_days
from risk_service.store.models import CHALLENGER, name_alias, register
from risk_service.store.shadow import count_shadow_scores
from risk_service.store.tables import scores
from tests.api.house import METHOD_OF_TESTS, NOW, WordReader, news
from tests.api.house import House as ApiHouse
from tests.house import check_rerunnable, everything

DYAD = "USA-RUS"


class Contrary(WordReader):
    """Takes thaw for escalation and the other way round."""

    version = "contrary-1"

    def _lean(self, text: str) -> float:
        return -super()._lean(text)


CONTRARY: Classifier = Contrary()  # type: ignore[assignment]
FAST = next(version for version in versions() if version.startswith("fast"))


@pytest.fixture
def house(engine: Engine) -> ApiHouse:
    house = ApiHouse(engine)
    house.keep(news(30))
    return house


def score_in_shadow(house: ApiHouse) -> int:
    return shadow_score(house.engine, house.desk, CONTRARY, NOW)


def difference(house: ApiHouse, a: str = "words-1", b: str = "contrary-1"):  # type: ignore[no-untyped-def]
    with reading(house.engine) as conn:
        return shadow_difference(conn, house.desk.method, DYAD, a, b, NOW)


def test_the_challenger_scores_beside_and_the_index_does_not_move(house: ApiHouse) -> None:
    before = everything(house.engine)
    check_rerunnable(house.engine, lambda: score_in_shadow(house))
    house.work()
    after = everything(house.engine)
    assert len(after.pop("shadow_scores")) == len(before["scores"]) == 60
    assert after == {name: rows for name, rows in before.items() if name != "shadow_scores"}


def test_only_the_window_of_the_index_is_scored(engine: Engine) -> None:
    house = ApiHouse(engine)
    house.keep(news(68))
    window = METHOD_OF_TESTS.window + timedelta(days=4)
    expected = [event for event in news(68) if event.published_at >= NOW - window]
    assert 0 < len(expected) < 2 * 68
    assert score_in_shadow(house) == len(expected)


def test_much_is_scored_in_several_turns_the_newest_first(
    house: ApiHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "BATCH", 10)
    monkeypatch.setattr(shadow, "MOST_AT_ONCE", 40)
    assert score_in_shadow(house) == 40
    told = difference(house)
    assert told["events"] == 40
    assert score_in_shadow(house) == 20
    assert difference(house)["events"] == 60


def test_where_the_two_differ(house: ApiHouse) -> None:
    score_in_shadow(house)
    told = difference(house)
    # "discuss" is none of the three words: every fourth of the dyad's own reports stays neutral.
    plain = sum("discuss" in event.text for event in news(30))
    assert (told["events"], told["opposite"], told["changed"]) == (60, 60 - plain, 60 - plain)
    assert told["weight"] > told["opposite_weight"] > 0
    first = told["largest"][0]
    assert {first["a"], first["b"]} == {"thaw", "escalation"}
    assert first["net_a"] == pytest.approx(-first["net_b"])
    assert first["text"] in {event.text for event in news(30)}
    assert len(told["largest"]) == 20


def test_what_the_index_would_have_been(house: ApiHouse) -> None:
    """With the champion it is what it is; with one that turns all round, the mirror of it."""
    score_in_shadow(house)
    days = difference(house)["days"]
    with reading(house.engine) as conn:
        settled = read_days(conn, DYAD).set_index("day")["risk_index"]
    assert len(days) > 20
    for day in days:
        assert day["a"] == pytest.approx(settled[day["day"]], abs=1e-5)
        assert day["b"] == pytest.approx(100 - day["a"], abs=1e-5)
        assert day["difference"] == pytest.approx(day["b"] - day["a"], abs=1e-5)
        assert day["share"] == 1


def test_days_wait_until_their_news_is_scored_by_both(
    house: ApiHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "MOST_AT_ONCE", 10)
    monkeypatch.setattr(shadow, "BATCH", 10)
    score_in_shadow(house)
    told = difference(house)
    assert told["events"] == 10
    assert told["days"] == []


def test_versions_without_an_event_in_common_have_no_difference(house: ApiHouse) -> None:
    assert difference(house) is None
    assert difference(house, "words-1", "never-heard-of") is None


def test_a_former_champion_is_compared_by_the_scores_it_gave(house: ApiHouse) -> None:
    """No shadow score is needed of events that a version has scored for the index."""
    work_off(house.engine, replace(house.desk, classifier=CONTRARY), house.clock)
    told = difference(house)
    assert (told["events"], told["opposite"] > 0) == (60, True)


def name_challenger(engine: Engine, version: str | None) -> None:
    with writing(engine) as conn:
        if version is not None:
            card = {"version": version, "name": "fast", "sha256": "0" * 64}
            register(conn, [card], NOW)
        name_alias(conn, CHALLENGER, version, NOW)


def shadowed(engine: Engine, version: str) -> int:
    with reading(engine) as conn:
        return count_shadow_scores(conn, version)


def test_the_chore_follows_the_alias(house: ApiHouse) -> None:
    chore = Shadow(house.engine, as_desks(house.desk), None)
    assert chore(NOW) == 0
    name_challenger(house.engine, FAST)
    assert chore(NOW) == 60
    late = Event(NOW - timedelta(minutes=1), "Washington and Moscow agree on wheat", "Wire")
    house.keep([late])
    assert chore(NOW) == 1
    assert shadowed(house.engine, FAST) == 61
    name_challenger(house.engine, None)
    house.keep([replace(late, source="Other Wire")])
    assert chore(NOW) == 0
    with reading(house.engine) as conn:
        known = conn.execute(select(func.count()).where(scores.c.model_version == FAST)).scalar()
    assert known == 0


def test_a_challenger_that_cannot_be_opened_is_told_of_and_hurts_nobody(house: ApiHouse) -> None:
    name_challenger(house.engine, "fast-0f0f0f0f")
    before = everything(house.engine)
    with pytest.raises(NoModel, match=r"challenger: fast-0f0f0f0f"):
        Shadow(house.engine, as_desks(house.desk), None)(NOW)
    assert everything(house.engine) == before


def test_shadow_scores_are_the_challengers(house: ApiHouse) -> None:
    shadow_score(house.engine, house.desk, load(FAST), NOW)
    told = difference(house, "words-1", FAST)
    one = told["largest"][0]
    p = load(FAST).score([one["text"]]).probabilities[0]
    assert one["net_b"] == pytest.approx(p[1] - p[0], abs=1e-6)
