"""Who signs a message: the key of the domain of its sender, or of the nearest one above that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from newsletter.config import Config
from newsletter.delivery.address import a_labels
from newsletter.delivery.dkim import Signer, unsigned
from newsletter.delivery.keyfile import private_key
from newsletter.domains import DomainKey

Seal = Callable[[bytes], bytes]
"""What makes of a composed message the one that is sent."""


def within(domain: str, other: str) -> bool:
    """Tell whether a domain is another, or below it; both in A-labels.

    >>> within("lettres.example.org", "example.org"), within("notexample.org", "example.org")
    (True, False)
    """
    return f".{domain}".endswith(f".{other}")


def key_of(config: Config, domain: str) -> tuple[str, DomainKey] | None:
    """Return the domain whose key signs for a domain, in A-labels, and what is configured of that key."""
    known = {a_labels(name): key for name, key in config.mail.dkim.items()}
    fitting = [name for name in known if within(a_labels(domain), name)]
    nearest = max(fitting, key=len, default=None)
    return None if nearest is None else (nearest, known[nearest])


def seal_of(config: Config, address: str, moment: datetime) -> Seal:
    """Return what signs the messages of a sender, with the moment that each signature tells.

    Raises:
        ConfigError: the key cannot be used.
    """
    found = key_of(config, address.rpartition("@")[2])
    if found is None:
        return unsigned
    domain, key = found
    return Signer(domain, key.selector, moment, private_key(config.at(key.key_file)).sign)
