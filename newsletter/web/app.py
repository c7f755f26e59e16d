"""The application: each request gets the file that it names, the way that it went, or a page that says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from time import time
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from newsletter.config import Config
from newsletter.feeds.redirects import GONE
from newsletter.pipeline.publication import Publication
from newsletter.web import kinds, refusals
from newsletter.web.approval import ApprovalDesk
from newsletter.web.coding import wants_gzip
from newsletter.web.conditions import answer, still
from newsletter.web.folder import Folder, path_of
from newsletter.web.moved import Moved
from newsletter.web.ranges import part
from newsletter.web.representations import PIECE, Representation, Representations

METHODS = ["GET", "HEAD"]


def application(config: Config, publication: Callable[[], Publication]) -> Starlette:
    """Return what answers for a publication's output folder, and on ``publication``, as it is now, for its drafts."""
    site = Published(config)
    desk = ApprovalDesk(publication, site.nothing)
    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/approve/{token}", desk.page, methods=METHODS),
            Route("/approve/{token}", desk.act, methods=["POST"]),
            Route("/approve/{token}/letter", desk.letter, methods=METHODS),
            Route("/{path:path}", site.answer, methods=METHODS),
        ],
        exception_handlers={HTTPException: site.refuse, Exception: site.refuse},
    )


def healthz(request: Request) -> Response:
    """Say that the program is there."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store", "Date": formatdate(usegmt=True)})


class Published:
    """The output folder of a publication, as HTTP knows it."""

    def __init__(self, config: Config) -> None:
        root = config.at(config.feeds.output)
        self._site = config.site
        self._prefix = quote(urlsplit(config.base).path)
        self._moved = Moved(root / "redirects.txt")
        self._representations = Representations(Folder(root))

    def answer(self, request: Request) -> Response:
        """Answer one request for a file."""
        path, asked = path_of(request.scope["raw_path"]), _fields(request)
        if new := self._moved.of(path):
            return self._moved_to(path, new)
        found = self._representations.find(path, packed=wants_gzip(asked.get("accept-encoding", ""))) if path else None
        if found is None:
            return self._page(HTTPStatus.NOT_FOUND, path)
        headers = kinds.about(path) | _validators(found)
        status = answer(asked, found.etag, found.written)
        if status is HTTPStatus.OK:
            return self._send(request.method, asked, path, found, headers)
        found.file.close()
        if status is HTTPStatus.NOT_MODIFIED:
            return Response(status_code=status, headers=headers)
        return self._page(status, path)

    def nothing(self, request: Request) -> Response:
        """Answer a request for what is not there, or no more."""
        return self._page(HTTPStatus.NOT_FOUND, path_of(request.scope["raw_path"]))

    def refuse(self, request: Request, error: Exception) -> Response:
        """Answer a request that cannot be met, or in which we failed."""
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        allowed = {"Allow": ", ".join(METHODS)} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        return self._page(status, path_of(request.scope["raw_path"]), allowed)

    def _send(
        self, method: str, asked: Mapping[str, str], path: str, found: Representation, headers: dict[str, str]
    ) -> Response:
        wanted = _part(asked, found) if method == "GET" else None
        if wanted is not None and not wanted:
            found.file.close()
            return self._page(416, path, {"Content-Range": f"bytes */{found.size}"})
        headers |= {"Content-Type": kinds.media_type(path), "Accept-Ranges": "bytes"}
        if found.coding:
            headers["Content-Encoding"] = found.coding
        if wanted is not None:
            headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{found.size}"
        status = HTTPStatus.OK if wanted is None else HTTPStatus.PARTIAL_CONTENT
        return _body(status, method, found, range(found.size) if wanted is None else wanted, headers)

    def _moved_to(self, path: str, new: str) -> Response:
        if new == GONE:
            return self._page(HTTPStatus.GONE, path, {"Cache-Control": kinds.FRESH})
        location = self._prefix + new if new.startswith("/") else new
        headers = {"Location": location, "Cache-Control": kinds.FRESH}
        return self._page(HTTPStatus.MOVED_PERMANENTLY, path, headers, location)

    def _page(self, status: int, path: str, headers: Mapping[str, str] | None = None, new: str = "") -> Response:
        body = refusals.page(status, self._site.name, self._site.language, f"{self._prefix}/", new)
        told = {"Content-Type": kinds.PAGE, "Content-Security-Policy": kinds.POLICY, "Cache-Control": "no-cache"}
        dated = {"Date": formatdate(usegmt=True)}
        return Response(body, status, kinds.manners(path) | told | dated | dict(headers or {}))


def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a request, those that stand on several lines as one (RFC 9110 §5.3)."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}


def _validators(found: Representation) -> dict[str, str]:
    # No document is newer than its answer, by one and the same clock (RFC 9110 §8.8.2.1).
    now = time()
    changed = formatdate(min(found.written, now), usegmt=True)
    return {"Date": formatdate(now, usegmt=True), "ETag": found.etag, "Last-Modified": changed}


def _part(asked: Mapping[str, str], found: Representation) -> range | None:
    if "range" not in asked or not still(asked.get("if-range", found.etag), found.etag, found.written):
        return None
    return part(asked["range"], found.size)


def _body(status: int, method: str, found: Representation, wanted: range, headers: dict[str, str]) -> Response:
    headers["Content-Length"] = str(len(wanted))
    if method == "HEAD":
        found.file.close()
        return Response(status_code=status, headers=headers)
    if len(wanted) <= PIECE:
        return Response(b"".join(found.read(wanted)), status, headers)
    return StreamingResponse(found.read(wanted), status, headers)
