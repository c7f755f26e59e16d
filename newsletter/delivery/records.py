"""What DNS must say of a sender, for its mail to be believed: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989).

Nobody is asked here what DNS says today.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from newsletter.config import Route
from newsletter.delivery.signing import within

_STRING = 255  # RFC 1035 §3.3


@dataclass(frozen=True)
class Record:
    """A TXT record to publish; ``note`` is what a person should know of it."""

    name: str
    value: str
    note: str

    @property
    def strings(self) -> list[str]:
        """The value in pieces that DNS can hold; receivers join them without a blank."""
        return [self.value[start : start + _STRING] for start in range(0, len(self.value), _STRING)]

    @property
    def line(self) -> str:
        """The record as a zone file has it."""
        return " ".join([f"{self.name}. IN TXT", *(f'"{part}"' for part in self.strings)])


def spf(domain: str, route: Route) -> Record:
    """Return who may send mail that comes back to a domain: the relay of a route, as far as we know it."""
    where, advice = _outlet(domain, route)
    note = f"a domain has one SPF record: if there is one, put {where} into it, before its all"
    return Record(domain, f"v=spf1 {where} ~all", f"{note}. {advice}" if advice else note)


def _outlet(domain: str, route: Route) -> tuple[str, str]:
    """Return the mechanism that names a relay, and what to see to."""
    host = route.host.lower().rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        if within(host, domain):
            return f"a:{host}", f"If {host} sends from another address than its own, write ip4: and that one"
    else:
        if address.is_global:
            return f"ip{address.version}:{address}", ""
    if "." not in host or host[-1].isdigit() or ":" in host:
        if within(route.hello.lower(), domain):
            return f"a:{route.hello.lower()}", f"{route.hello} must have the address from which the relay sends"
        return "ip4:ADDRESS", f"The relay {host} is in your own network: for ADDRESS write the one from which it sends"
    return "include:NAME", f"Whoever runs {host} says what to write for NAME"


def dkim(domain: str, selector: str, public: str) -> Record:
    """Return the public half of a key."""
    note = "publish it before the first signed letter; many providers want the strings as one, without the quotes"
    return Record(f"{selector}._domainkey.{domain}", f"v=DKIM1; k=rsa; p={public}", note)


def dmarc(domain: str) -> Record:
    """Return the policy of a domain: From must be aligned with the domain of SPF or of DKIM (relaxed).

    The record at this domain is also what makes the domains below it one family (RFC 9989 §4.10).
    """
    note = (
        "p=none only asks for it; once all your mail passes, write p=quarantine. For reports add an address of yours: "
        f"rua=mailto:dmarc@{domain}"
    )
    return Record(f"_dmarc.{domain}", "v=DMARC1; p=none; adkim=r; aspf=r", note)
