"""The workers of a Dask cluster as a crew. Needs the ``dask`` extra.

The workers need this package installed in the same version, and no files: the model is sent once to
each, and the texts with every part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from distributed import Client

from risk_service.archive.crews import Crew
from risk_service.archive.reader import Reader, score_texts
from risk_service.errors import RiskError

PATIENCE = 30
"""Seconds to wait for the scheduler, and then for a first worker."""
RETRIES = 3
"""How often a part is scored anew whose worker was lost."""


@contextmanager
def dask_crew(reader: Reader, scheduler: str) -> Iterator[Crew]:
    """The workers that an address such as ``tcp://10.0.0.7:8786`` knows, until the block ends.

    Raises
    ------
    RiskError
        When the scheduler does not answer or has no workers.
    """
    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise RiskError(f"--scheduler {scheduler}: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise RiskError(f"--scheduler {scheduler}: it has no workers") from None
        (sent,) = client.scatter([reader], broadcast=True, hash=False)
        executor = client.get_executor(pure=False, retries=RETRIES)
        yield Crew(
            sum(client.nthreads().values()),
            lambda texts, languages: executor.submit(score_texts, sent, texts, languages),
        )
