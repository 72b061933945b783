"""The client is carried off into notebooks: it needs nothing of the service."""

import ast

from tests.service import ROOT

FOLDER = ROOT / "risk_service" / "client"


def imported(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_it_imports_nothing_of_ours_but_itself() -> None:
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 3
    ours = {name for file in files for name in imported(file.read_text("utf-8"))}
    ours = {name for name in ours if name.split(".")[0] in ("risk_service", "models", "training")}
    assert ours
    assert all(name.startswith("risk_service.client") for name in ours)
