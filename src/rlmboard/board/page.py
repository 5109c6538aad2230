"""The page and its files, as the build of `ui/` left them in `static/`."""

from __future__ import annotations

import gzip
import html
import mimetypes
import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from .problems import NotFound

STATIC = Path(__file__).with_name("static")
LEVEL = 6
"""Of gzip: what 9 would save is a hundredth, and would make the first page wait."""
FOR_EVER = "public, max-age=31536000, immutable"
NOT_BUILT = (
    "<!doctype html><html lang=en><title>rlmboard</title>"
    "<h1>The page is not built</h1><p>Build it: <code>make ui</code>. "
    "The API stands at <code>api/rlm/</code>.</p></html>"
)
_OF_A_RUN = re.compile("/runs/([A-Za-z0-9][A-Za-z0-9._-]{0,127})/?")
_COMPRESSED = {".js", ".css", ".html", ".svg", ".json", ".map", ".txt"}
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


class Asset(msgspec.Struct, frozen=True):
    """A file of the page, small as it may be sent."""

    body: bytes
    gzipped: bytes | None
    media_type: str


class Page:
    """The page with its token. Files are read when they are first asked for, and then kept."""

    def __init__(self, token: str, base_path: str, folder: Path = STATIC) -> None:
        self.root = f"{base_path}/rlm"
        self._token = token
        self._base = f"{base_path}/"
        self._folder = folder
        self._assets: dict[str, Asset] = {}

    def index(self, place: str = "") -> str:
        """`index.html` with base address and token in its head, for a place below `/rlm`.

        What the page will ask for there stands beside them: the browser gets it while it still
        reads the code.
        """
        try:
            source = (self._folder / "index.html").read_text()
        except OSError:
            return NOT_BUILT
        base, token = html.escape(self._base), html.escape(self._token)
        head = (
            f'<head><base href="{base}">'
            f'<meta name="rlmboard-base" content="{base}">'
            f'<meta name="rlmboard-token" content="{token}">'
            f"{self._early(place)}"
        )
        return source.replace("<head>", head, 1)

    def _early(self, place: str) -> str:
        """Of a run: its picture, as `fetchPicture` in `ui/src/live/follow.ts` asks for it."""
        found = _OF_A_RUN.fullmatch(place)
        if found is None:
            return ""
        address = f"{self._base}api/rlm/runs/{found[1]}/picture?texts=false"
        return f'<link rel="preload" as="fetch" crossorigin href="{html.escape(address)}">'

    def asset(self, path: str) -> Asset:
        """A file by its name below `assets/`. Raises NotFound for any other."""
        if path not in self._assets:
            file = self._file(path)
            if file is None:
                raise NotFound(f"The page has no file {path!r}; load the page again.")
            self._assets[path] = _asset(file)
        return self._assets[path]

    def _file(self, path: str) -> Path | None:
        """The file of this name, if it lies below `assets/` once every link is followed."""
        top = (self._folder / "assets").resolve()
        try:
            file = (top / path.lstrip("/")).resolve()
            return file if file.is_relative_to(top) and file.is_file() else None
        except (OSError, ValueError):
            return None  # what can be the name of no file


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    small = gzip.compress(body, LEVEL, mtime=0) if file.suffix in _COMPRESSED else None
    return Asset(body, small if small and len(small) < len(body) else None, kind)


def pages(page: Page) -> list[HTTPRouteHandler]:
    """The routes of the page."""

    @get("/", include_in_schema=False, sync_to_thread=False)
    def root() -> Redirect:
        return Redirect(path=page.root, status_code=307)

    @get(["/rlm", "/rlm/{rest:path}"], include_in_schema=False, sync_to_thread=False)
    def index(rest: FromPath[str] = "") -> Response[str]:
        headers = {"Cache-Control": "no-store"}
        return Response(page.index(rest), media_type="text/html", headers=headers)

    @get("/assets/{path:path}", include_in_schema=False, sync_to_thread=True)
    def asset(path: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        found = page.asset(path)
        takes = "gzip" in request.headers.get("accept-encoding", "")
        body = found.gzipped if takes and found.gzipped else found.body
        headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
        if body is not found.body:
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=found.media_type, headers=headers)

    return [root, index, asset]
