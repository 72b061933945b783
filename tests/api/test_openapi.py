"""The document against the service: every route told with an example, and told truly."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.api.house import House, serving

OPERATIONS = 70

TEXTUAL = ("application/json", "text/plain", "text/event-stream")

PICTURES = {"image/svg+xml", "image/png"}


@pytest.fixture
def document(small_house: House) -> dict[str, Any]:
    answer = small_house.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def has_example(document: dict[str, Any], content: dict[str, Any]) -> bool:
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return bool("example" in content or schema.get("examples"))


def test_every_route_has_summary_description_tag_and_example(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) == OPERATIONS
    for path, method, operation in found:
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        answers = operation["responses"]["200"]["content"]
        told = [c for kind, c in answers.items() if kind in TEXTUAL]
        assert told or set(answers) <= PICTURES, where
        assert all(has_example(document, content) for content in told), where


def test_examples_are_what_their_schemas_say(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    told = {name: schema["examples"] for name, schema in schemas.items() if "examples" in schema}
    assert len(told) >= OPERATIONS
    wrapped = {"components": document["components"]}
    for name, examples in told.items():
        schema = {**wrapped, "$ref": f"#/components/schemas/{name}"}
        validator = jsonschema_rs.validator_for(schema)
        for example in examples:
            assert validator.is_valid(example), (name, list(validator.iter_errors(example)))


def test_errors_are_told_as_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (path, method)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_keys_are_told(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "apiKey"}
    posted = document["paths"]["/v1/events"]["post"]["security"]
    assert posted == [{"bearer": []}, {"apiKey": []}]
    assert {} in document["paths"]["/v1/index"]["get"]["security"]
    assert "security" not in document["paths"]["/healthz"]["get"]


# The core refuses more than a schema can say (a coded event needs no text, but one or the other).
# We send a good key beside whatever is generated for one, and a list of events is answered with
# what became of each, the invalid ones included.
UNSAID = [positive_data_acceptance, ignored_auth]
OF_LISTS = [negative_data_rejection]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_makes_the_service_fail(small_house: House, mode: GenerationMode) -> None:
    """Whatever the document allows or forbids, answers are as the document says, and never 500."""
    schema = schemathesis.openapi.from_dict(small_house.get("/openapi.json").json())
    key = small_house.key("admin")
    with serving(small_house.app) as url:
        for result in schema.get_all_operations():
            ask_at_random(result.ok(), mode, url, key)


def ask_at_random(operation: Any, mode: GenerationMode, url: str, key: dict[str, str]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def ask(case: Any) -> None:
        excluded = UNSAID + (OF_LISTS if operation.label == "POST /v1/events" else [])
        case.call_and_validate(base_url=url, headers=key, excluded_checks=excluded)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        assert not operation.definition.raw.get("parameters")
