"""A whole print page becomes a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.errors import IntakeError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk, term
from newsletter.intake.draft import Draft
from newsletter.intake.identity import address, canonical
from newsletter.intake.printed import blocks
from newsletter.intake.printed.body import rendered
from newsletter.intake.printed.fields import PUBLISHED, Field, begins, shape, walk
from newsletter.intake.printed.footer import Footer, read_footer
from newsletter.intake.printed.lines import Line, Unit, missing, parts, split, units
from newsletter.intake.printed.order import Span, agreed, order
from newsletter.intake.printed.title import inferred
from newsletter.model import Attachment, EventDate, Image, Part, Term


def read_print(data: bytes, name: str, desk: Desk) -> list[Draft]:
    """Read the text of a print page (docs/reference: the seed's format).

    Raises:
        IntakeError: if it is none, or was cut off before its source line.
    """
    lines = split(decode(data))
    footer = read_footer(lines)
    return [Page(desk, lines, footer).draft()]


@dataclass
class Page:
    """One page while it is read; lines know what they became."""

    desk: Desk
    lines: list[Line]
    footer: Footer

    def __post_init__(self) -> None:
        self.warnings: list[str] = []
        self.lang = self.desk.language(self.language())
        self.fields = walk(units(self.above, begins), self.footer.links, lambda label: bool(self.desk.taxonomy(label)))
        written = [self.footer.modified, *(v for entry in self.fields if entry.shape != "terms" for v in entry.values)]
        self.order = order(written, self.desk.source.day_first, self.desk.day_first(self.lang))

    @property
    def above(self) -> Sequence[Line]:
        """The lines before the source line."""
        return self.lines[: self.footer.index]

    def language(self) -> str:
        """Return the language of the page's own labels."""
        return "fr" if self.footer.french else "en"

    def title(self) -> tuple[str, str]:
        """Return the title that the page shows, if it shows one, and where."""
        return blocks.take_header(self.above, self.footer.links)

    def html(self, body: Sequence[Unit]) -> str:
        """Return paragraphs as HTML, still to be cleaned."""
        return rendered(body, self.footer.links)

    def contact(self, units: Sequence[Unit]) -> str:
        """Return the boilerplate with the organisation's address as HTML, still to be cleaned."""
        return self.html(units)

    def image(self) -> Image | None:
        """Return the picture of the article; a text has none."""
        return None

    def parts(self) -> tuple[Part, ...]:
        """Return what each piece of the input became; joined, they are the decoded input, see ``lines.parts``.

        ``header``, ``title``, ``body``, ``contact``, ``file``, ``field``, ``ui`` (buttons), ``links`` (the table of
        addresses), ``blank`` and ``unparsed``. The words of body, title and contact are all in the article; those of a
        field are its terms and instants, and where they belong to no taxonomy a warning tells them.
        """
        return tuple(parts(self.lines, self.footer.links))

    def draft(self) -> Draft:
        """Return the article of this page."""
        url = address(self.footer.url)
        title, title_source = self.title()
        contact = blocks.take_contact(self.above)
        files = self._files()
        body = units(self.above)
        paragraphs = [self.footer.links.plain(unit.text) for unit in body]
        if not title:
            title, title_source = inferred(url, [p for p in paragraphs if p])
        for unit in body:
            unit.take("ui" if shape(unit.text, self.footer.links) == "ui" else "body")
        terms = self._terms()
        published, modified, events = self._instants(terms)
        self._complain()
        return Draft(
            identity=canonical(url),
            url=url,
            title=title,
            title_source=title_source,
            html=clean.clean(self.html(body), url, warnings=self.warnings),
            extra=clean.clean(self.contact(contact), url),
            lang=self.lang,
            published=published,
            modified=modified,
            terms=terms,
            dates=events,
            attachments=files,
            image=self.image(),
            parts=self.parts(),
            unparsed=tuple(line.text for line in self.lines if line.text and line.kind in ("", "unparsed")),
            warnings=self.warnings,
        )

    def _files(self) -> list[Attachment]:
        found = []
        for index, block in blocks.take_files(self.lines[: self.footer.index], self.footer.links):
            try:
                url = address(block.link.url)
            except IntakeError:
                self.warnings.append(f"line {index + 1}: the file's address is not among the links; it was left out")
                continue
            found.append(attachments.attachment(url, block.title, attachments.size(block.size)))
        return found

    def _terms(self) -> list[Term]:
        found = []
        for entry in self.fields:
            links = entry.terms(self.footer.links)
            taxonomy = self.desk.taxonomy(entry.label)
            if links and not taxonomy:
                values = ", ".join(link.words for link in links)
                self.warnings.append(
                    f"{entry.label!r} is a field of no taxonomy ({values}); add it to taxonomies.….fields"
                )
                continue
            found += [term(taxonomy, link.words, link.url) for link in links if link.words]
        return found

    def _instants(self, terms: Sequence[Term]) -> tuple[datetime | None, datetime | None, tuple[EventDate, ...]]:
        """Return when it was published and modified, and its dates where they are those of an event."""
        zone = self.desk.zone
        day = next((self._moment(entry.values[0]) for entry in self.fields if entry.label == PUBLISHED), None)
        told = day.day if day else None
        spans = [span for entry in self.fields if entry.shape == "dates" for span in self._spans(entry, told)]
        changed = self._moment(self.footer.modified, told) if self.footer.modified else None
        modified = changed.at(zone) if changed else None
        published: datetime | None
        if day:
            same = next((start for start, _ in spans if start.day == day.day and start.time), day)
            published = same.at(zone)
        else:
            published = modified or (spans[0][0].at(zone) if spans else None)
            if published:
                self.warnings.append(f"no day of publication is given; {published.isoformat()} was taken")
        events = [dates.event(start, end, zone) for start, end in spans]
        return published, modified, self.desk.happening(events, terms, published or self.desk.now)

    def _spans(self, entry: Field, published: date | None) -> list[Span]:
        found = []
        for value in entry.values:
            if not (span := dates.span(value, self.order.day_first)):
                self.warnings.append(f"{entry.label}: {value!r} is no day of the calendar; left out")
                continue
            span = agreed(span, published)
            if doubtful := next((each for each in span if self.order.doubts(each)), None):
                self._doubt(value, doubtful)
            found.append(span)
        return found

    def _moment(self, written: str, floor: date | None = None) -> dates.Moment | None:
        found = dates.moment(written, self.order.day_first)
        if found is None:
            self.warnings.append(f"{written!r} is no date that can be; left out")
            return None
        found = found.since(floor) if floor else found
        if self.order.doubts(found):
            self._doubt(written, found)
        return found

    def _doubt(self, written: str, moment: dates.Moment) -> None:
        self.warnings.append(
            f"{written!r} may be {moment.day} or {moment.other}; the first was taken, "
            f"set sources.{self.desk.name}.day_first to settle it"
        )

    def _complain(self) -> None:
        if lost := missing(self.above, self.footer.links):
            self.warnings.append(f"no address for the links {', '.join(lost[:10])}: the end of the page may be cut off")
