"""Which internet addresses are public: the special-purpose registries of IANA (RFC 6890), as a table of our own.

What Python itself calls global has changed between its patch releases; what we connect to must not.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(written)
    for written in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # between a provider and its customers, RFC 6598
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata of cloud machines
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4, RFC 7526
        "192.168.0.0/16",  # private, RFC 1918
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# RFC 4291 §2.4: all that is public is in here. So ::1, fc00::/7 (private), fe80::/10 (link-local), ff00::/8 (multicast)
# are not, and neither are ::ffff:0:0/96 and 64:ff9b::/96, which carry an IPv4 address of any kind.
_GLOBAL_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(written)
    for written in (
        "2001::/23",  # protocols; Teredo, which carries IPv4 addresses
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries IPv4 addresses
        "3fff::/20",  # documentation, RFC 9637
    )
)


def is_public(written: str) -> bool:
    """Tell whether an address belongs to the public internet; what is no address does not."""
    try:
        address = ip_address(written)
    except ValueError:
        return False
    return _public_4(address) if isinstance(address, IPv4Address) else _public_6(address)


def _public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_PUBLIC_4)


def _public_6(address: IPv6Address) -> bool:
    return address in _GLOBAL_6 and not any(address in network for network in _NOT_PUBLIC_6)
