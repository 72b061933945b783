from sqlalchemy import Engine

from risk_service.api.schemas.models import ComparisonOut
from risk_service.commands.shadowed import print_shadow
from risk_service.shadow import shadow_score
from risk_service.store.engine import writing
from risk_service.store.models import register
from tests.api.house import NOW, House, news
from tests.test_shadow import CONTRARY

VERSIONS = {"a": "words-1", "b": "contrary-1"}


def two_models(engine: Engine) -> House:
    house = House(engine)
    house.keep(news(20))
    cards = [
        {"version": version, "name": "words", "sha256": "0" * 64, "measured_on": "", "metrics": {}}
        for version in VERSIONS.values()
    ]
    with writing(engine) as conn:
        register(conn, cards, NOW)
    return house


def test_two_models_are_compared_on_live_events(engine: Engine) -> None:
    house = two_models(engine)
    answer = house.get("/v1/models/compare", **VERSIONS)
    assert answer.status_code == 200, answer.text
    assert ComparisonOut.model_validate(answer.json()).shadow is None
    shadow_score(engine, house.desk, CONTRARY, NOW)
    answer = house.get("/v1/models/compare", **VERSIONS)
    assert answer.status_code == 200, answer.text
    told = ComparisonOut.model_validate(answer.json()).shadow
    assert told is not None
    assert (told.events, told.opposite) == (40, told.changed)
    assert told.days[-1].a + told.days[-1].b == 100
    assert told.largest[0].a != told.largest[0].b


def test_and_so_on_the_terminal(engine: Engine, capsys) -> None:  # type: ignore[no-untyped-def]
    house = two_models(engine)
    print_shadow(engine, *VERSIONS.values(), NOW)
    assert "no live event has been scored by both" in capsys.readouterr().out
    shadow_score(engine, house.desk, CONTRARY, NOW)
    print_shadow(engine, *VERSIONS.values(), NOW)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("live events since 2025-01-09: 40, of another direction 35 (")
    assert sum("index" in line for line in lines) > 10
