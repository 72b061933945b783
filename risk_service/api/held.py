"""Tables kept encoded, so that a history asked for again is not read and written out again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from risk_service.api.formats import Encoded

MOST_BYTES = 48_000_000
"""About six whole histories as JSON."""


class HeldTables:
    """Encoded tables by what they hang on, those used longest ago dropped first.

    >>> from risk_service.api.formats import Encoded
    >>> held = HeldTables(most_bytes=10)
    >>> held.get_or_make("a", lambda: Encoded(1, b"12345678")).count
    1
    >>> held.get_or_make("a", lambda: Encoded(2, b"")).count
    1
    >>> held.get_or_make("b", lambda: Encoded(3, b"1234")).count, len(held)
    (3, 1)
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._size = most_bytes, 0
        self._tables: OrderedDict[Hashable, Encoded] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tables)

    def get_or_make(self, key: Hashable, make: Callable[[], Encoded]) -> Encoded:
        """The table kept under a key, made and kept where there is none."""
        with self._lock:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
        # Two that ask at once both make it: equal keys mean equal tables.
        made = make()
        with self._lock:
            before = self._tables.pop(key, None)
            self._size += made.size - (before.size if before else 0)
            self._tables[key] = made
            while self._size > self._most and self._tables:
                self._size -= self._tables.popitem(last=False)[1].size
        return made
