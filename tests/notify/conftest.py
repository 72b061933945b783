from collections.abc import Iterator

import pytest

from tests.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A local server with an empty table."""
    with Wire() as wire:
        yield wire
