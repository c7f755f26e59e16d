"""What every table of the configuration is made of."""

from __future__ import annotations

import msgspec

Text = str | dict[str, str]
"""Words for people: one string, or one a language (``{ fr = "…", en = "…" }``)."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration."""
