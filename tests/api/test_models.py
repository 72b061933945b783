"""Who serves, over HTTP: lists, cards as JSON and pages, comparisons, and changes by admins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from risk_service import desks as desks_module
from risk_service.api.app import create_app
from risk_service.api.deps import Parts
from risk_service.api.doors import Rules
from risk_service.api.schemas.models import ChangeOut, ComparisonOut, ModelOut, ModelsOut
from risk_service.desks import following
from risk_service.registering import register_folder
from risk_service.snapshot import Snapshots
from tests.api.house import METHOD_OF_TESTS, Client, House, news, sectors_of_tests
from tests.registry_room import desk_with, furnish, gate_of


class Registry(House):
    """A house whose desks follow a registry of small models."""

    root: Path

    def open(self, root: Path, folder: Path) -> None:
        self.root = root
        register_folder(self.engine, root, self.clock())
        desk = replace(desk_with(root), method=METHOD_OF_TESTS)
        self.desks = following(self.engine, desk, root, pinned=False)
        self.snapshots = Snapshots(self.engine, self.desks, self.clock)
        parts = Parts(
            self.engine,
            self.desks,
            self.snapshots,
            self.clock,
            sectors_of_tests(),
            simulated_prices=True,
            models_dir=root,
            gate=gate_of(folder),
        )
        self.app = create_app(parts, Rules(open_reads=True))
        self.client = Client(self.app)
        self.desk = desk
        self.keep(news(5))

    def order(self, path: str, scope: str = "admin", **body: Any) -> httpx.Response:
        self.desks.look()
        headers = self.key(scope)
        answer = self.client.post(f"/v1/models/{path}", json=body, headers=headers)
        self.desks.look()
        return answer


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("artifacts"))


@pytest.fixture
def registry(sqlite_engine: Engine, root: Path, tmp_path: Path) -> Registry:
    house = Registry(sqlite_engine)
    house.open(root, tmp_path)
    return house


def served(registry: Registry) -> str:
    answer = registry.client.post("/v1/score", json={"texts": ["Envoys sign a ceasefire"]})
    return str(answer.json()["model_version"])


def test_the_list_tells_aliases_and_history(registry: Registry) -> None:
    answer = ModelsOut.model_validate(registry.get("/v1/models").json())
    assert answer.champion["version"] == "fast-one"
    assert answer.champion["card"]["limits"] == ["small"]
    named = {model.version: model.aliases for model in answer.models}
    assert named == {"fast-one": ["champion"], "fast-two": [], "fast-bad": [], "fast-unsure": []}
    (first,) = answer.history
    assert (first.act, first.to_version, first.who) == ("first", "fast-one", "service")
    assert (answer.challenger, answer.rescoring) == (None, False)


def test_a_card_is_json_or_a_page(registry: Registry) -> None:
    answer = registry.get("/v1/models/fast-one")
    told = ModelOut.model_validate(answer.json())
    assert (told.version, told.aliases, told.card["name"]) == ("fast-one", ["champion"], "fast")
    by_query = registry.get("/v1/models/fast-one", format="html")
    accepts = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    by_header = registry.client.get("/v1/models/fast-one", headers=accepts)
    for page in (by_query, by_header):
        assert page.headers["content-type"].startswith("text/html")
        assert "script" not in page.headers["content-security-policy"]
        assert "<h1>fast-one · champion</h1>" in page.text
    assert registry.get("/v1/models/fast-none").status_code == 404
    assert registry.get("/v1/models/..%2Fchampion").status_code in (404, 422)


def test_two_are_compared_once_both_were_examined(registry: Registry) -> None:
    def comparison() -> ComparisonOut:
        answer = registry.get("/v1/models/compare", a="fast-one", b="fast-bad")
        assert answer.status_code == 200, answer.text
        return ComparisonOut.model_validate(answer.json())

    assert comparison().exam is None
    assert registry.order("fast-bad/promote").status_code == 409
    exam = comparison().exam
    assert exam is not None
    assert exam.macro_f1_difference.high < 0
    assert exam.differ >= len(exam.differing) > 0
    assert all(one.a != one.b for one in exam.differing)
    unknown = registry.get("/v1/models/compare", a="fast-one", b="fast-none")
    assert unknown.status_code == 404
    assert "b: there is no model 'fast-none'" in unknown.json()["detail"]


def test_a_promotion_is_followed_and_undone(registry: Registry) -> None:
    change = registry.order("fast-two/promote", reason="newer")
    told = ChangeOut.model_validate(change.json())
    assert (told.before, told.after, told.alias) == ("fast-one", "fast-two", "champion")
    assert told.verdict is not None
    assert told.verdict["passed"]
    assert served(registry) == "fast-two"
    models = registry.get("/v1/models").json()
    assert models["rescoring"] is True
    assert models["versions"]["model"] == "fast-one"
    assert models["history"][-1]["who"] == "admin"
    undone = registry.order("rollback", reason="a drill")
    assert ChangeOut.model_validate(undone.json()).after == "fast-one"
    assert served(registry) == "fast-one"
    assert registry.order("rollback").status_code == 409


def test_the_gate_refuses_and_is_overruled_with_a_reason(registry: Registry) -> None:
    refused = registry.order("fast-bad/promote")
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (problem["status"], problem["type"]) == (409, "urn:risk-service:problem:not-promoted")
    assert "macro-F1 over the champion's" in problem["detail"]
    bare = registry.order("fast-bad/promote", force=True)
    assert bare.status_code == 422
    assert bare.json()["errors"][0]["field"] == "reason"
    assert registry.order("fast-bad/promote", force=True, reason="a drill").status_code == 200
    assert served(registry) == "fast-bad"


def test_a_challenger_is_named(registry: Registry) -> None:
    answer = registry.order("fast-bad/promote", alias="challenger")
    assert ChangeOut.model_validate(answer.json()).alias == "challenger"
    assert registry.get("/v1/models").json()["challenger"] == "fast-bad"
    assert served(registry) == "fast-one"


@pytest.mark.parametrize("path", ["fast-two/promote", "rollback"])
def test_changes_need_an_admin(registry: Registry, path: str) -> None:
    assert registry.client.post(f"/v1/models/{path}", json={}).status_code == 401
    assert registry.order(path, scope="write").status_code == 403
    assert served(registry) == "fast-one"


def test_an_unknown_version_and_a_strange_body_are_refused(registry: Registry) -> None:
    assert registry.order("fast-none/promote").status_code == 404
    strange = registry.order("fast-two/promote", alias="king")
    assert strange.status_code == 422
    assert strange.json()["errors"][0]["field"] == "alias"


def test_a_poll_tells_the_new_model_once_it_has_scored_the_past(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks_module, "LOOK_EVERY", 0.0)
    registry.snapshots.refresh()
    assert registry.get("/v1/index").json()["versions"]["model"] == "fast-one"
    registry.order("fast-bad/promote", force=True, reason="a drill")
    registry.snapshots.refresh()
    assert registry.get("/v1/index").json()["versions"]["model"] == "fast-one"
    coming = registry.desks.coming
    assert coming is not None
    registry.desk = coming
    registry.work()
    assert registry.get("/v1/index").json()["versions"]["model"] == "fast-bad"
