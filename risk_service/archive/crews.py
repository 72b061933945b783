"""Who scores the parts: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from threading import Thread

from risk_service.archive.part import Scored
from risk_service.archive.reader import Reader, score_texts

Submit = Callable[[Sequence[str], Sequence[str | None]], "Future[Scored]"]


@dataclass(frozen=True, slots=True)
class Crew:
    """``submit`` sends texts with their languages to be scored by one of ``hands`` workers."""

    hands: int
    submit: Submit


_mine: list[Reader] = []


@contextmanager
def local_crew(reader: Reader, hands: int) -> Iterator[Crew]:
    """``hands`` processes of this machine, until the block ends; an error in it cancels the rest.

    They are started anew, not forked: the model's own threads do not survive a fork.
    """
    pool = ProcessPoolExecutor(
        hands, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(reader,)
    )
    try:
        yield Crew(hands, lambda texts, languages: pool.submit(_score, texts, languages))
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(reader: Reader) -> None:
    _mine[:] = [reader]
    Thread(target=_leave_with_the_parent, daemon=True).start()


def _score(texts: Sequence[str], languages: Sequence[str | None]) -> Scored:
    return score_texts(_mine[0], texts, languages)


def _leave_with_the_parent() -> None:
    # Of a parent that was killed the pool's processes would wait for work for ever.
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
