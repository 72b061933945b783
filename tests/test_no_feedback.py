"""What markets did never enters the risk index: no module of the index can reach a close."""

from __future__ import annotations

import tomllib

import grimp
import pytest

from tests.service import ROOT

CONTRACT = "Markets never feed back into the risk index"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("risk_service", "models", "training", cache_dir=None)


def contract() -> dict[str, list[str]]:
    """The one of ``make check``, in pyproject.toml."""
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (found,) = (c for c in written["tool"]["importlinter"]["contracts"] if c["name"] == CONTRACT)
    return dict(found)


def test_the_index_reaches_no_close_and_no_market_move(graph: grimp.ImportGraph) -> None:
    rules = contract()
    assert "risk_service.core.index" in rules["source_modules"]
    assert "risk_service.core.market_move" in rules["forbidden_modules"]
    for source in rules["source_modules"]:
        for forbidden in rules["forbidden_modules"]:
            assert graph.find_shortest_chain(source, forbidden) is None


def test_every_name_in_the_contract_is_there_and_a_chain_would_be_seen(
    graph: grimp.ImportGraph,
) -> None:
    rules = contract()
    assert {*rules["source_modules"], *rules["forbidden_modules"]} <= graph.modules
    route = "risk_service.api.routes.confirmation"
    chain = graph.find_shortest_chain(route, "risk_service.core.market_move")
    assert chain is not None and len(chain) == 3
