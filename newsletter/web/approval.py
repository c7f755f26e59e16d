"""The page on which an editor reads a draft, changes its intro and subject, approves or postpones it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newsletter.config import say
from newsletter.errors import ApprovalError, NewsletterError, UsageError
from newsletter.model import DraftEdits
from newsletter.pages import Pages
from newsletter.pages.approval import Approval
from newsletter.pipeline import drafting
from newsletter.pipeline.inviting import Invitation, invited
from newsletter.pipeline.previewing import preview
from newsletter.pipeline.publication import Publication

LARGEST = 64 * 1024
"""Bytes of a form that are read."""

LATER = (timedelta(hours=2), timedelta(days=1), timedelta(days=2), timedelta(days=7))
"""By how much an editor may postpone."""

ACTS = ("saved", "approved", "postponed", "changed", "refused")
"""What a page may say of what was just done."""

_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class ApprovalDesk:
    """Answers for the links in the letters to editors; a GET changes nothing."""

    def __init__(self, publication: Callable[[], Publication], gone: Callable[[Request], Response]) -> None:
        self._publication = publication
        self._gone = gone

    async def page(self, request: Request) -> Response:
        """Show the draft to which a link leads."""
        return await run_in_threadpool(self._show, request)

    async def letter(self, request: Request) -> Response:
        """Show the letter of a draft as a page of its own."""
        return await run_in_threadpool(self._letter, request)

    async def act(self, request: Request) -> Response:
        """Do what an editor wants, then lead back to the page."""
        form = await _form(request)
        return await run_in_threadpool(self._act, request, form)

    def _show(self, request: Request) -> Response:
        publication = self._publication()
        found = invited(publication, request.path_params["token"])
        if found is None:
            return self._gone(request)
        config = publication.config
        done = request.query_params.get("done", "")
        shown = _approval(publication, found, request, done if done in ACTS else "")
        body = Pages(config, [config.at("templates")]).approval(shown, f"{config.base}/")
        return HTMLResponse(body, headers=_PRIVATE | {"Content-Security-Policy": _POLICY})

    def _letter(self, request: Request) -> Response:
        publication = self._publication()
        found = invited(publication, request.path_params["token"])
        sheets = preview(publication, found.draft.row.list).letters if found else ()
        if not sheets:
            return self._gone(request)
        site = urlsplit(publication.config.base)
        policy = (
            f"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' {site.scheme}://{site.netloc}; "
            "frame-ancestors 'self'; sandbox allow-popups allow-top-navigation-by-user-activation"
        )
        return HTMLResponse(sheets[0].html, headers=_PRIVATE | {"Content-Security-Policy": policy})

    def _act(self, request: Request, form: Mapping[str, str]) -> Response:
        publication = self._publication()
        found = invited(publication, request.path_params["token"])
        if found is None:
            return self._gone(request)
        try:
            done = _done(publication, found, form)
        except ApprovalError:
            done = "changed"
        except NewsletterError:
            done = "refused"
        return RedirectResponse(f"{request.url.path}?done={done}", 303, headers=_PRIVATE)


def _done(publication: Publication, found: Invitation, form: Mapping[str, str]) -> str:
    """Carry out one act of an editor; returns its name."""
    name, who = found.draft.row.name, found.editor
    if form.get("act") == "save":

        def change(stands: DraftEdits) -> DraftEdits:
            return replace(stands, intro=form.get("intro", "").strip(), subject=form.get("subject", "").strip())

        drafting.edit(publication, name, change, who)
        return "saved"
    if form.get("act") == "approve":
        drafting.approve(publication, name, form.get("hash", ""), who)
        return "approved"
    if form.get("act") == "postpone":
        with suppress(ValueError):
            until = datetime.fromisoformat(form.get("until", ""))
            if until.tzinfo:
                drafting.postpone(publication, name, until, who)
                return "postponed"
    raise UsageError("the form asks for nothing that there is")


def _approval(publication: Publication, found: Invitation, request: Request, done: str) -> Approval:
    row, config = found.draft.row, publication.config
    zone = config.zone(row.list)
    planned = row.planned.astimezone(zone) if row.planned else None
    start = max(planned or publication.now, publication.now).astimezone(zone)
    history = drafting.history(publication, row.name)
    return Approval(
        title=say(config.lists[row.list].title, config.site.language),
        name=row.name,
        hash=found.draft.hash,
        approved=found.draft.approved,
        planned=planned,
        sent_anyway=config.lists[row.list].approval == "send",
        articles=len(found.draft.contents.articles) - len(found.draft.contents.excluded),
        subject=row.edits.subject,
        intro=row.edits.intro,
        letter=f"{request.url.path}/letter",
        done=done,
        later=[start + pause for pause in LATER],
        history=[(act.at.astimezone(zone), act.who, act.what) for act in history],
    )


async def _form(request: Request) -> dict[str, str]:
    """Read a form of limited size; what is larger or no form has no fields."""
    body = bytearray()
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                return {}
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0].replace("\r\n", "\n") for name, values in fields.items()}
