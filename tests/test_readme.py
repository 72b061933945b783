"""The README names every setting, route and command, and none that is not there."""

import re
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup

from risk_service.api.app import create_api
from risk_service.cli import app
from risk_service.config import Settings
from tests.service import ROOT

README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = {f"RISK_{name.upper()}" for name in Settings.model_fields}
ROUTES = set(create_api(None).openapi()["paths"])  # type: ignore[arg-type]


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
    assert re.search(rf"(GET|POST) {re.escape(route)}`", README)


def test_no_route_is_named_that_is_not_there() -> None:
    named = set(re.findall(r"`(?:GET|POST) (/[^`?\s]*)", README))
    assert len(named) > 10
    assert named - {"/openapi.json"} <= ROUTES


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_named(command: str) -> None:
    assert re.search(rf"`(risk-service )?{command}`", spelled_out(README))


def test_no_command_is_named_that_is_not_there() -> None:
    named = set(re.findall(r"risk-service ((?:keys )?[a-z][a-z-]*)\b", spelled_out(README)))
    assert len(named) > 4
    assert named <= COMMANDS
