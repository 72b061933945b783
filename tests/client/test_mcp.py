"""``risk-service mcp`` as an assistant runs it: a process on stdio, over the real service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import date
from importlib.abc import MetaPathFinder
from typing import Any

import pytest
from mcp import Client as Assistant
from mcp import StdioServerParameters
from mcp.types import CallToolResult, TextContent

from risk_service.cli import main
from risk_service.client import Client as RiskClient
from risk_service.mcp_server import CLOSES, DAYS, make_server
from risk_service.store.engine import make_engine, migrate
from tests.api.house import House, news, serving
from tests.service import ROOT, environment, free_port

TOOLS = {
    "get_index", "get_history", "get_drivers", "find_events", "get_sector", "event_study",
    "score_text", "get_methodology",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('mcp') / 'one.sqlite3'}")
    migrate(engine)
    house = House(engine)
    house.keep(news(20))
    house.keep_prices(date(2024, 1, 2), date(2025, 3, 7))
    with serving(house.app) as url:
        yield house, url
    engine.dispose()


def asked(url: str, *calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The tools there are, and the result of each call, over one process."""
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "risk_service", "mcp"],
        env=environment("sqlite:///never-opened.sqlite3", url=url),
        cwd=str(ROOT),
    )

    async def ask() -> tuple[list[Any], list[Any]]:
        async with Assistant(parameters, read_timeout_seconds=30) as assistant:
            tools = (await assistant.list_tools()).tools
            return tools, [await assistant.call_tool(name, given) for name, given in calls]

    return asyncio.run(ask())


def test_every_tool_answers_from_the_service_and_changes_nothing(
    served: tuple[House, str],
) -> None:
    house, url = served
    text = "Moscow expels twelve American diplomats"
    study = {"first": 0, "last": 1, "from_day": "2025-02-20", "to_day": "2025-03-05"}
    tools, results = asked(
        url,
        ("get_index", {}),
        ("get_history", {"from_day": "2025-03-01", "to_day": "2025-03-05"}),
        ("get_drivers", {"day": "2025-03-01", "limit": 3}),
        ("find_events", {"direction": "thaw", "limit": 5}),
        ("get_sector", {"sector": "energy", "from_day": "2025-03-01"}),
        ("event_study", study),
        ("score_text", {"texts": [text]}),
        ("get_methodology", {}),
        ("get_sector", {"sector": "tulips"}),
        ("get_drivers", {"day": "2031-01-01"}),
    )
    assert {tool.name for tool in tools} == TOOLS
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)
    good, (no_sector, no_day) = results[:8], results[8:]
    assert not any(result.is_error for result in good)
    check_same(house, text, [result.structured_content for result in good])
    for result, words in ((no_sector, "'tulips' is not one of"), (no_day, "is not settled")):
        assert result.is_error
        assert isinstance(result.content[0], TextContent)
        assert words in result.content[0].text


def check_same(house: House, text: str, answers: list[Any]) -> None:
    """The tools' answers tell what the routes behind them do."""
    index, history, drivers, events, sector, averages, scores, method = answers
    assert index == house.get("/v1/index").json()
    days = house.get("/v1/index/history", **{"from": "2025-03-01", "to": "2025-03-05"}).json()
    assert [(row["day"], row["risk_index"]) for row in history["rows"]] == [
        (row["day"], pytest.approx(row["risk_index"])) for row in days["rows"]
    ]
    told = house.get("/v1/index/2025-03-01/drivers", limit=3).json()
    assert drivers["stories"] == told["stories"]
    found = house.get("/v1/events", dyad="USA-RUS", direction="thaw", limit=5).json()["events"]
    assert [row["id"] for row in events["rows"]] == [event["id"] for event in found]
    energy = house.get("/v1/sectors/energy", **{"from": "2025-03-01"}).json()
    assert [row["level"] for row in sector["rows"]] == pytest.approx(
        [row["level"] for row in energy["rows"]], nan_ok=True
    )
    assert sector["prices"]["simulated"] is True
    assert averages["count"] == len(averages["rows"]) > 0
    said = house.post("/v1/score", {"texts": [text]}).json()["results"][0]
    assert scores["rows"][0]["p_escalation"] == said["p_escalation"]
    assert method["version"] == "test"


def test_what_is_told_unasked_is_short(served: tuple[House, str]) -> None:
    """Each tool with nothing but what it must be given; assistants pay for what they read."""
    _, url = served
    bare = [
        ("get_index", {}), ("get_history", {}), ("get_history", {"resolution": "1w"}),
        ("get_drivers", {"day": "2025-03-01"}), ("find_events", {}),
        ("get_sector", {"sector": "energy"}), ("event_study", {}),
        ("score_text", {"texts": ["Envoys agree"]}), ("get_methodology", {}),
    ]  # fmt: skip
    more = ("get_sector", {"sector": "energy", "most": 60})
    tools, (*results, long) = asked(url, *bare, more)
    assert {name for name, _ in bare} == {tool.name for tool in tools}
    sizes = {}
    for (name, _), result in zip(bare, results, strict=True):
        assert not result.is_error
        # What an assistant reads: the text, not the structured copy beside it.
        sizes[name] = sum(len(part.text.encode()) for part in result.content)
    assert max(sizes.values()) < 20_000, sizes
    sector, whole = results[5].structured_content, long.structured_content
    assert len(sector["rows"]) == CLOSES and len(whole["rows"]) == 60
    assert sector["rows"] == whole["rows"][-CLOSES:]
    assert sector["left_out"] == f"{sector['count'] - CLOSES} older rows"
    described = {tool.name: tool.description for tool in tools}
    assert f"newest {CLOSES} rows" in described["get_sector"]
    assert f"newest {DAYS} rows" in described["get_history"]
    history = results[1].structured_content
    assert len(history["rows"]) == min(DAYS, history["count"])


def test_a_service_that_is_not_there_is_told_to_the_assistant() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    async def ask() -> CallToolResult:
        async with Assistant(make_server(RiskClient(url), "0")) as assistant:
            return await assistant.call_tool("get_index", {})

    result = asyncio.run(ask())
    assert result.is_error
    assert isinstance(result.content[0], TextContent)
    assert url in result.content[0].text


class NoLibrary(MetaPathFinder):
    """Stands first among the finders, for a computer where the library is not installed."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "mcp":
            raise ModuleNotFoundError("No module named 'mcp'", name="mcp")


def test_without_the_extra_one_line_tells_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in list(sys.modules):
        if name.split(".")[0] == "mcp" or name == "risk_service.mcp_server":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoLibrary(), *sys.meta_path])
    monkeypatch.setattr(sys, "argv", ["risk-service", "mcp"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = "risk-service: mcp is not installed: pip install 'risk-service[mcp]'"
    assert capsys.readouterr().err == f"{said}\n"
