"""Addresses of the page: ``/`` and its files below ``/static/``."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from risk_service.api.formats import unchanged
from risk_service.api.problems import NOT_FOUND, Problem
from risk_service.web.assets import SHELL, Assets, read_assets

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
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def get_page(request: Request) -> Response:
        headers = {
            "etag": f'"{known.hash}"',
            "cache-control": "no-cache",
            "content-security-policy": POLICY,
        }
        page = Response(known.shell, headers=headers, media_type=known.by_path[SHELL].kind)
        return unchanged(request, headers) or page

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
