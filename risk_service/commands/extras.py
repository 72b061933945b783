"""Modules that need an extra of the package, loaded when a command asks for them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from risk_service.errors import RiskError


def load_extra(module: str, extra: str) -> ModuleType:
    """A module of ours; RiskError that tells what to install where its library is not there."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise RiskError(
            f"{error.name} is not installed: pip install 'risk-service[{extra}]'"
        ) from None
