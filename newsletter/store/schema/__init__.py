"""The tables, as the newest migration leaves them.

Instants are microseconds since 1970 in UTC. ``record`` and ``contents`` columns hold JSON of the model's records.
"""

from __future__ import annotations

from newsletter.store.columns import metadata
from newsletter.store.schema.articles import (
    alias,
    arrival,
    article,
    copy,
    counter,
    edit,
    former,
    home,
    occasion,
    raw,
    revision,
    said,
    sighting,
    source,
    term,
)
from newsletter.store.schema.audience import audit, subscriber, subscription, suppression
from newsletter.store.schema.feeds import entry, feed, rule, serial, showing, volume
from newsletter.store.schema.installation import installation
from newsletter.store.schema.letters import (
    attempt,
    candidate,
    correction,
    delivery,
    draft,
    exclusion,
    fragment,
    issue,
    run,
    sender,
    signing_key,
)
from newsletter.store.schema.notices import notice
from newsletter.store.schema.paces import pace
from newsletter.store.schema.turns import turn, watch

__all__ = [
    "HEAD",
    "alias",
    "arrival",
    "article",
    "attempt",
    "audit",
    "candidate",
    "copy",
    "correction",
    "counter",
    "delivery",
    "draft",
    "edit",
    "entry",
    "exclusion",
    "feed",
    "former",
    "fragment",
    "home",
    "installation",
    "issue",
    "metadata",
    "notice",
    "occasion",
    "pace",
    "raw",
    "revision",
    "rule",
    "run",
    "said",
    "sender",
    "serial",
    "showing",
    "sighting",
    "signing_key",
    "source",
    "subscriber",
    "subscription",
    "suppression",
    "term",
    "turn",
    "volume",
    "watch",
]

HEAD = "0012"
"""The schema number that this code works with; the newest file in ``migrations/versions``."""
