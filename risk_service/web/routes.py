"""Addresses of the page: ``/``, the API reference at ``/docs``, and files below ``/static/``."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from risk_service.api.formats import unchanged
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.snapshot import etag_of
from risk_service.web.assets import SHELL, Assets, read_assets
from risk_service.web.reference import reference_page

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ]
)
"""Nothing from elsewhere, nothing inline, nothing framed, no text made into script."""
FOR_EVER = "public, max-age=31536000, immutable"
ICON = "icon.svg"


def page_router(assets: Assets | None = None) -> APIRouter:
    """The page's routes, to be given to ``create_app(pages=…)``; their paths need no key.

    The page holds no data: what it shows it asks the API for, with the reader's key where one is
    needed.
    """
    known = assets or read_assets()
    shell = known.shell
    told: list[tuple[bytes, str]] = []
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def get_page(request: Request) -> Response:
        return _page(request, shell, f'"{known.hash}"', known.by_path[SHELL].kind)

    @router.get("/docs")
    def get_reference(request: Request) -> Response:
        # The document is the same as long as the service runs.
        if not told:
            body = reference_page(request.app.openapi(), f"/static/{known.hash}").encode()
            told.append((body, etag_of(body)))
        return _page(request, *told[0], known.by_path[SHELL].kind)

    @router.get("/favicon.ico")
    def get_icon() -> Response:
        icon = known.by_path[ICON]
        return Response(icon.body, headers={"cache-control": FOR_EVER}, media_type=icon.kind)

    @router.get("/static/{version}/{path:path}")
    def get_file(version: str, path: str) -> Response:
        # Another hash is another build's: its content is not at hand, and ours is not it.
        found = known.by_path.get(path) if version == known.hash else None
        if found is None:
            raise Problem(NOT_FOUND, "There is no such file; load the page anew.")
        return Response(found.body, headers={"cache-control": FOR_EVER}, media_type=found.kind)

    return router


def _page(request: Request, body: bytes, etag: str, kind: str) -> Response:
    headers = {"etag": etag, "cache-control": "no-cache", "content-security-policy": POLICY}
    return unchanged(request, headers) or Response(body, headers=headers, media_type=kind)
