"""The example of docs/market-studies.md runs against a real service as it stands."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from tests.api.house import House, serving
from tests.service import ROOT


def test_the_example_runs(small_house: House, tmp_path: Path) -> None:
    small_house.keep_prices(date(2023, 6, 1), date(2025, 3, 10))
    picture = tmp_path / "picture.svg"
    script = str(ROOT / "docs" / "event-study-example.py")
    with serving(small_house.app) as url:
        done = subprocess.run(
            [sys.executable, script, url, str(picture)], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("SIMULATED PRICES")
    assert "escalation" in done.stdout and "defense" in done.stdout
    assert b"</svg>" in picture.read_bytes()
