import io

import pandas as pd
import pytest

from risk_service.core.jumps import DEFAULT_SET
from risk_service.store.engine import make_engine, migrate, writing
from tests.service import command
from tests.settled import settle, wandering_index


@pytest.fixture
def url(tmp_path) -> str:  # type: ignore[no-untyped-def]
    address = f"sqlite:///{tmp_path / 'jumps.sqlite3'}"
    engine = make_engine(address)
    migrate(engine)
    with writing(engine) as conn:
        index = wandering_index(450)
        settle(conn, index, pressure=[(value - 50) / 10 for value in index])
    engine.dispose()
    return address


def test_the_default_rules_are_told_as_csv_with_their_rates(url: str) -> None:
    done = command(url, "jumps")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(io.StringIO(done.stdout), parse_dates=["day"])
    assert set(table["rule"]) <= set(DEFAULT_SET)
    assert (table["day"] >= "2021-01-01").all(), "no January before has a year of days before it"
    leap = table[table["day"] >= "2021-02-23"]
    assert set(leap["direction"]) >= {"escalation"}
    lines = [
        line
        for line in done.stderr.splitlines()
        if "false alarms a quarter of settled days" in line
    ]
    assert [line.partition(":")[0] for line in lines] == list(DEFAULT_SET)
    assert "of all months since 2021 with a firing" in done.stderr
