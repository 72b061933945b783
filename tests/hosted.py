"""A server of the standard library that serves in a thread of its own, for tests."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self


class Hosted:
    """Serves while a ``with`` block runs, on the port that its server was given."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self._serving = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,))

    @property
    def port(self) -> int:
        return int(self._serving.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._serving.shutdown()
        self._serving.server_close()
        self._thread.join()
