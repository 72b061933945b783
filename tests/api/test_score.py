import pytest

from risk_service.api.schemas.score import ScoresOut
from tests.api.house import House

ENGLISH = "Moscow to expel twelve American diplomats over visa rules"
GERMAN = "Russland und Washington sprechen heute über die Zukunft der Beziehungen zueinander"


def test_texts_are_scored_in_order(small_house: House) -> None:
    texts = [ENGLISH, GERMAN, "Bakers agree on a new kind of bread for the whole town"]
    answer = small_house.client.post("/v1/score", json={"texts": texts})
    assert answer.status_code == 200
    first, second, third = ScoresOut.model_validate(answer.json()).results
    assert (first.direction, first.severity) == ("escalation", 2.5)
    assert (first.abstains, second.abstains) == (False, None)
    assert first.p_escalation is not None
    assert first.p_escalation + (first.p_thaw or 0) + (first.p_neutral or 0) == pytest.approx(1)
    assert (first.relevance.directness, first.relevance.weight) == ("dyad", 1.0)
    assert [(c.word, c.weight) for c in first.contributions] == [("expel", 1.5)]
    assert (second.scored, second.language, second.direction) == (False, "de", None)
    assert second.p_thaw is None
    assert second.relevance.directness == "dyad"
    assert (third.direction, third.relevance.directness) == ("thaw", "other")


def test_a_text_whose_language_cannot_be_told_is_scored(small_house: House) -> None:
    result = small_house.client.post("/v1/score", json={"texts": ["7"]}).json()["results"][0]
    assert result["language"] is None
    assert result["scored"]


def test_a_text_that_leans_both_ways_is_too_close_to_call(small_house: House) -> None:
    """ "agree" and "expel" cancel: a quarter thaw, a quarter escalation, and a half neutral."""
    texts = ["Moscow and Washington agree to expel", "Moscow and Washington strike, agree on talks"]
    clear, close = small_house.client.post("/v1/score", json={"texts": texts}).json()["results"]
    assert (clear["p_neutral"], clear["abstains"]) == (0.5, False)
    assert abs(close["p_escalation"] - close["p_neutral"]) < 0.25
    assert (close["direction"], close["abstains"]) == ("neutral", True)


def test_scoring_keeps_nothing(small_house: House) -> None:
    before = small_house.get("/v1/events", limit=500).json()["count"]
    small_house.client.post("/v1/score", json={"texts": [ENGLISH]})
    assert small_house.get("/v1/events", limit=500).json()["count"] == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"texts": ["a", "b", "c", ""]}, "texts[3]"),
        ({"texts": ["a", " \n"]}, "texts[1]"),
        ({"texts": ["x" * 20_001]}, "texts[0]"),
        ({"texts": [7]}, "texts[0]"),
        ({"texts": []}, "texts"),
        ({"texts": ["a"] * 1_001}, "texts"),
        ({"texts": "a"}, "texts"),
        ({"texts": ["a"], "more": 1}, "more"),
        ({}, "texts"),
        ([], "body"),
    ],
)
def test_a_text_that_is_not_taken_is_named(small_house: House, body: object, field: str) -> None:
    answer = small_house.client.post("/v1/score", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_one_empty_text_refuses_all_and_is_named(small_house: House) -> None:
    texts = [ENGLISH] * 1_000
    texts[3], texts[998] = "", " "
    answer = small_house.client.post("/v1/score", json={"texts": texts})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["texts[3]", "texts[998]"]
    assert answer.json()["detail"].startswith("texts[3]: ")
    told = small_house.get("/openapi.json").json()["paths"]["/v1/score"]["post"]["description"]
    assert "texts[3]" in told


def test_the_dyad_must_be_followed(small_house: House) -> None:
    answer = small_house.client.post("/v1/score?dyad=USA-XXX", json={"texts": ["a"]})
    assert answer.status_code == 404
