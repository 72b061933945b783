"""The README names every setting and command, with docs/api.md every route, and none that is not
there.
"""

import re
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup

from risk_service.api.app import create_api
from risk_service.api.doors import OPEN_PATHS
from risk_service.cli import app
from risk_service.config import Settings
from tests.service import ROOT

README = (ROOT / "README.md").read_text("utf-8")
ADDRESSES = README + (ROOT / "docs" / "api.md").read_text("utf-8")
SETTINGS = {f"RISK_{name.upper()}" for name in Settings.model_fields}
ROUTES = set(create_api(None).openapi()["paths"])  # type: ignore[arg-type]
BESIDE = {"/openapi.json", "/docs"}
"""Served, but not told by the document itself."""
MOST_USED = 12


def commands(group: TyperGroup, above: str = "") -> Iterator[str]:
    """Every command with its group: ``keys create``."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{name} ")
        else:
            yield above + name


def spelled_out(text: str) -> str:
    """``keys create|list`` as ``keys create`` and ``keys list``."""
    return re.sub(
        r"(\w+) (\w+(?:\|\w+)+)",
        lambda found: "` `".join(f"{found[1]} {one}" for one in found[2].split("|")),
        text,
    )


COMMANDS = set(commands(typer.main.get_command(app)))  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_every_setting_is_named(setting: str) -> None:
    assert f"`{setting}`" in README


def test_no_setting_is_named_that_is_not_there() -> None:
    assert set(re.findall(r"RISK_[A-Z_]+", README)) <= SETTINGS


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_every_route_is_named(route: str) -> None:
    assert re.search(rf"(GET|POST) {re.escape(route)}`", ADDRESSES)


def routes_named(text: str) -> set[str]:
    """Routes that a text names as ``GET /v1/index``."""
    return set(re.findall(r"`(?:GET|POST) (/[^`?\s]*)", text))


def test_no_route_is_named_that_is_not_there() -> None:
    assert len(routes_named(ADDRESSES)) > 40
    assert routes_named(ADDRESSES) - BESIDE <= ROUTES
    assert BESIDE <= OPEN_PATHS


def test_the_readme_names_the_most_used_routes_and_where_the_others_are() -> None:
    assert MOST_USED <= len(routes_named(README)) <= 2 * MOST_USED
    assert "(docs/api.md)" in README and "/docs)" in README


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_named(command: str) -> None:
    assert re.search(rf"`(risk-service )?{command}`", spelled_out(README))


def test_no_command_is_named_that_is_not_there() -> None:
    named = set(re.findall(r"risk-service ((?:keys )?[a-z][a-z-]*)\b", spelled_out(README)))
    assert len(named) > 4
    assert named <= COMMANDS
