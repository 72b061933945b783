"""The command as it is used: real processes, killed midway, and on a real Dask cluster."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from risk_service.archive import dask_crew
from risk_service.archive.parquet_shelf import ParquetShelf
from risk_service.commands.archive import archive as archive_command
from risk_service.commands.extras import load_extra
from risk_service.errors import RiskError
from tests.archive.house import FAST, content, news, reader, run, write
from tests.service import ROOT, comes_true, command, environment, free_port

ROWS, PART = 1_200, 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def archive(folder: Path) -> Path:
    return write(folder / "news.csv", news(ROWS))


def arguments(archive: Path, out: Path, *more: str) -> list[str]:
    return [
        "score-archive", str(archive), "--out", str(out), "--model", FAST,
        "--part-rows", str(PART), *more,
    ]  # fmt: skip


def score(archive: Path, out: Path, *more: str) -> str:
    url = f"sqlite:///{out.parent / 'risk.sqlite3'}"
    done = command(url, *arguments(archive, out, *more))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def undisturbed(folder: Path, archive: Path) -> dict[str, bytes]:
    """What one thread, which nobody disturbs, comes to."""
    run(ParquetShelf(folder / "whole", FAST), archive, size=PART)
    return content(folder / "whole")


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as started:
        yield started


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_killed_midway_and_run_again_gives_the_same_files(
    folder: Path, archive: Path, undisturbed: dict[str, bytes]
) -> None:
    out = folder / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", "risk_service", *arguments(archive, out, "--workers", "2")],
        env=environment(f"sqlite:///{folder / 'risk.sqlite3'}"),
        cwd=ROOT,
    )
    assert comes_true(lambda: any(out.rglob("*.parquet")), 60)
    # It stands still until it is dead: else it might be ready before that.
    os.kill(process.pid, signal.SIGSTOP)
    there = len(list(out.rglob("*.parquet")))
    helpers = children_of(process.pid)
    process.kill()
    process.wait()
    assert there < ROWS // PART
    assert helpers
    assert comes_true(lambda: not any(map(runs, helpers))), "processes outlive their parent"
    again = run(ParquetShelf(out, FAST), archive, size=PART)
    assert (again.rows, again.parts, again.held) == (ROWS, ROWS // PART, there)
    assert content(out) == undisturbed


def test_a_dask_cluster_gives_the_same_files(
    folder: Path, archive: Path, undisturbed: dict[str, bytes], cluster: LocalCluster
) -> None:
    address = cluster.scheduler_address
    assert address.startswith("tcp://127.0.0.1:")
    told = score(archive, folder / "dask", "--scheduler", address)
    assert f"{FAST}: 1,200 rows in 12 parts, 0 of them there before" in told
    assert content(folder / "dask") == undisturbed


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_crew, "PATIENCE", 0.2)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(RiskError, match=address), dask_crew.dask_crew(reader(), address):
        pass


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"files": [Path("a.csv")]}, "give --out DIR or --to-database"),
        ({"out_dir": Path("x")}, "give files, or --query with --database"),
        ({"query": "SELECT 1", "to_database": True}, "--query and --database go together"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(RiskError, match=told):
        archive_command(**given)  # type: ignore[arg-type]


def test_an_extra_that_is_missing_is_named() -> None:
    with pytest.raises(RiskError, match=r"no_such_library is not .*risk-service\[dask\]"):
        load_extra("no_such_library", "dask")
