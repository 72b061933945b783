from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web.chromium import CHROMIUM, Looked, a_browser, with_a_past


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    """One running service a module."""
    if not CHROMIUM.exists():
        pytest.skip(f"the page is tested with {CHROMIUM}, which is not there")
    with with_a_past(tmp_path_factory.mktemp("page")) as looked:
        yield looked


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module."""
    if not CHROMIUM.exists():
        pytest.skip(f"the page is tested with {CHROMIUM}, which is not there")
    with a_browser() as browser:
        yield browser
