"""``newsletter preview``: the next letter of a list as files to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session

if TYPE_CHECKING:
    from newsletter.pipeline.previewing import Preview, Sheet


@click.command()
@click.argument("list_", metavar="LIST")
@click.option("--for", "address", metavar="ADDRESS", help="The letter of this reader.")
@click.option("--out", metavar="DIR", default="preview", help="Where the files are written.")
@click.option("--open", "open_", is_flag=True, help="Show it in the browser.")
@click.pass_obj
def preview(session: Session, list_: str, address: str | None, out: str, open_: bool) -> None:
    """Show the next letter of a list, before anyone gets it."""
    from newsletter.pipeline import previewing

    publication = session.publication
    made = previewing.preview_for(publication, list_, address) if address else previewing.preview(publication, list_)
    if made.nothing:
        session.line(made.nothing)
    written = [_write(session, made, sheet, address or "", Path(out)) for sheet in made.letters]
    if session.as_json:
        session.data({"issue": made.issue, "nothing": made.nothing or None, "letters": written})
    if open_ and written:
        click.launch(written[0]["html"])


def _write(session: Session, made: Preview, sheet: Sheet, address: str, folder: Path) -> dict[str, Any]:
    """Write one letter in its three forms and say where; returns the same for machines."""
    name = "-".join(filter(None, (made.issue.replace("/", "-"), address)))
    folder.mkdir(parents=True, exist_ok=True)
    files = {kind: folder / f"{name}.{sheet.language}.{kind}" for kind in ("html", "txt", "eml")}
    files["html"].write_text(sheet.html, encoding="utf-8")
    files["txt"].write_text(sheet.text, encoding="utf-8")
    files["eml"].write_bytes(sheet.message)
    session.line(f"{sheet.language}: {sheet.subject}")
    for file in files.values():
        session.line(f"  {file}")
    return {"language": sheet.language, "subject": sheet.subject} | {kind: str(file) for kind, file in files.items()}
