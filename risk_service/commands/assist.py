"""``mcp``: tools for research assistants, over a running service."""

from __future__ import annotations

from typing import Annotated

import typer

import risk_service
from risk_service.client import Client
from risk_service.commands.extras import load_extra
from risk_service.config import Settings
from risk_service.wiring import set_up_log


def mcp(
    http: Annotated[
        int, typer.Option(help="Port of loopback to serve streamable HTTP on, at /mcp; else stdio.")
    ] = 0,
) -> None:
    """Tools for research assistants (MCP), read-only, over the service at RISK_URL."""
    settings = Settings()
    # Standard output is the protocol's: whatever is logged goes to standard error.
    set_up_log(settings.log_level)
    making = load_extra("risk_service.mcp_server", "mcp")
    with Client(settings.url, settings.key.get_secret_value() or None) as client:
        server = making.make_server(client, risk_service.__version__)
        if http:
            server.run("streamable-http", port=http, stateless_http=True)
        else:
            server.run("stdio")
