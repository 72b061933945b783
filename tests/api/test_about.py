from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from risk_service.api.schemas.about import MethodologyOut
from risk_service.api.schemas.models import ModelsOut
from risk_service.store.engine import writing
from tests.api.house import House


def test_methodology_tells_the_parameters_that_are_used(small_house: House) -> None:
    answer = MethodologyOut.model_validate(small_house.get("/v1/methodology").json())
    method = small_house.desk.method
    assert answer.version == method.version
    assert answer.parameters["half_life_days"] == method.half_life / timedelta(days=1)
    assert answer.parameters["prior_stories"] == method.prior_stories
    assert {g.dyad for g in answer.gazetteers} == set(small_house.desk.dyads)
    assert answer.model["version"] == "words-1"
    assert "risk_index" in answer.formulas


def test_models_gives_the_card(small_house: House) -> None:
    answer = ModelsOut.model_validate(small_house.get("/v1/models").json())
    assert answer.champion["version"] == "words-1"
    assert answer.champion["card"]["limits"] == ["knows three words"]


def test_probes(small_house: House) -> None:
    assert small_house.get("/healthz").json() == {"status": "ok"}
    assert small_house.get("/readyz").status_code == 200
    # Whatever keeps the service running asks by address.
    asked = small_house.client.get("/readyz", headers={"Host": "10.0.0.7:8000"})
    assert asked.status_code == 200


def test_a_service_without_an_answer_is_not_ready(small_house: House) -> None:
    fresh = House(small_house.engine)
    answer = fresh.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert fresh.get("/healthz").status_code == 200


def test_without_its_database_polls_go_on_and_the_rest_says_so(
    small_house: House, tmp_path: Path
) -> None:
    with writing(small_house.engine) as conn:
        conn.execute(text("ALTER TABLE index_versions RENAME TO lost"))
    assert small_house.get("/v1/index").status_code == 200
    assert small_house.get("/v1/index/history").status_code == 503
    assert (
        small_house.get("/v1/index/history").json()["detail"] == "The database cannot be reached."
    )
    small_house.engine.dispose()
    for path in tmp_path.glob("small.sqlite3*"):
        path.unlink()
    (tmp_path / "small.sqlite3").mkdir()
    assert small_house.get("/v1/index").status_code == 200
    assert small_house.get("/readyz").status_code == 503
    assert small_house.get("/healthz").status_code == 200
    assert "risk_events NaN" in small_house.get("/metrics").text


def test_metrics_tell_of_requests_and_index(small_house: House) -> None:
    small_house.get("/v1/index")
    small_house.get("/v1/index/2025-03-05/drivers")
    small_house.get("/v1/nothing/of/the/kind")
    lines = small_house.get("/metrics").text.splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    index = small_house.get("/v1/index").json()["risk_index"]
    labels = 'method="GET",route="/v1/index{}",status="{}"'
    assert float(told['risk_index{dyad="USA-RUS"}']) == index
    assert float(told['risk_watched_age_seconds{dyad="USA-RUS"}']) == 2 * 3600
    assert float(told["risk_events"]) == 20
    assert float(told[f"risk_requests_total{{{labels.format('', 200)}}}"]) == 1
    assert float(told[f"risk_requests_total{{{labels.format('/{day}/drivers', 200)}}}"]) == 1
    assert 'risk_requests_total{method="GET",route="none",status="404"}' in told


def test_two_services_do_not_share_their_metrics(small_house: House) -> None:
    small_house.get("/v1/models")
    other = House(small_house.engine)
    assert 'route="/v1/models"' in small_house.get("/metrics").text
    assert 'route="/v1/models"' not in other.get("/metrics").text
