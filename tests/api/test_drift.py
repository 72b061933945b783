import csv
import io
import math
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from risk_service.api.schemas.drift import DriftOut
from risk_service.core.drift import LEAST_SCORED
from risk_service.core.events import Event
from risk_service.drift import refresh_drift
from tests.api.house import NOW, House


def weekly(week: int, word: str) -> list[Event]:
    """Enough reports of a week that is so many weeks back, each with this word."""
    start = NOW - timedelta(days=7 * week + 1)
    return [
        Event(start + timedelta(minutes=n), f"Moscow and Washington {word} item {n}", f"Wire {n}")
        for n in range(LEAST_SCORED)
    ]


@pytest.fixture
def house(engine: Engine) -> House:
    house = House(engine)
    words = ["expel envoys over", *["agree on"] * 8]
    house.keep([event for n, word in enumerate(words, 1) for event in weekly(n, word)])
    refresh_drift(engine, house.desk, house.clock())
    return house


def test_drift_is_told_by_week(house: House) -> None:
    answer = house.get("/v1/models/drift")
    told = DriftOut.model_validate(answer.json())
    assert told.model_version == house.desk.classifier.version
    assert told.count == len(told.rows) == 9
    assert told.reference.scored == 8 * LEAST_SCORED
    last = told.rows[-1]
    assert (last.share_escalation, told.rows[0].share_thaw) == (1.0, 1.0)
    assert last.psi is not None and last.psi > 1
    assert last.ks == 1.0
    assert last.unknown_words is None
    assert last.whole
    same = house.client.get("/v1/models/drift", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304


def test_the_week_that_runs_is_not_whole(house: House) -> None:
    house.keep([Event(NOW - timedelta(hours=1), "Moscow and Washington agree", "Wire")])
    refresh_drift(house.engine, house.desk, house.clock())
    last = DriftOut.model_validate(house.get("/v1/models/drift").json()).rows[-1]
    assert (last.week, last.whole) == (NOW.date(), False)


def test_drift_as_csv(house: House) -> None:
    answer = house.get("/v1/models/drift", format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    told = house.get("/v1/models/drift").json()["rows"]
    assert [row["week"] for row in rows] == [row["week"] for row in told]
    assert [float(row["psi"]) for row in rows] == [row["psi"] for row in told]
    assert rows[0]["languages"] == "en 1.0000"


def test_no_drift_yet_is_an_empty_table(small_house: House) -> None:
    told = DriftOut.model_validate(small_house.get("/v1/models/drift").json())
    assert (told.count, told.rows, told.reference.first_day) == (0, [], None)
    assert small_house.get("/v1/models/drift", format="csv").status_code == 200


def test_gauges_tell_of_the_newest_whole_week(house: House) -> None:
    lines = house.get("/metrics").text.splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    last = house.get("/v1/models/drift").json()["rows"][-1]
    for name in ("psi", "ks", "ks_critical", "class_psi", "relevance_rate", "scored"):
        value = float(told[f'risk_drift_{name}{{dyad="USA-RUS"}}'])
        assert value == pytest.approx(last[name], abs=1e-6)
    assert math.isnan(float(told['risk_drift_unknown_words{dyad="USA-RUS"}']))
    direction = 'risk_drift_direction_share{direction="escalation",dyad="USA-RUS"}'
    assert float(told[direction]) == 1
    assert float(told['risk_drift_language_share{dyad="USA-RUS",language="en"}']) == 1


def test_gauges_are_there_before_there_is_a_week_and_say_that_nothing_is_known(
    small_house: House,
) -> None:
    drift = {
        (sample.name, sample.labels.get("direction")): sample.value
        for family in text_string_to_metric_families(small_house.get("/metrics").text)
        for sample in family.samples
        if sample.name.startswith("risk_drift_") and sample.labels["dyad"] == "USA-RUS"
    }
    names = ("psi", "psi_expected", "ks", "ks_critical", "class_psi", "scored")
    assert drift.keys() >= {(f"risk_drift_{name}", None) for name in names}
    assert ("risk_drift_direction_share", "thaw") in drift
    assert all(math.isnan(value) for value in drift.values())
