"""The ways out: which relays a letter may take, in which order."""

from __future__ import annotations

from newsletter.config import Config, List, Route
from newsletter.errors import RouteError

HERE = ""
"""The name of the way out where none is configured: whatever listens on this machine."""


def routes_of(config: Config, list_slug: str) -> dict[str, Route]:
    """Return the routes that letters of a list may take, by name, the one to try first first.

    They go by priority, smallest first, then as they stand in config.toml; the one that the list names before all.
    """
    settings = config.lists[list_slug]
    routes = sorted(config.mail.routes.items(), key=lambda item: (item[0] != settings.route, item[1].priority))
    open_ = {name: route for name, route in routes if name == settings.route or _takes(route, list_slug, settings)}
    return open_ if routes else {HERE: Route()}


def ways(routes: dict[str, Route], recipient: str) -> tuple[str, ...]:
    """Return the names of those routes of a list that take a letter to an address, in the order of trying them."""
    return tuple(name for name, route in routes.items() if not route.domains or _among(recipient, route.domains))


def first_way(config: Config, list_slug: str, recipient: str) -> Route:
    """Return the route that a single letter takes.

    Raises:
        RouteError: no route takes it.
    """
    routes = routes_of(config, list_slug)
    for name in ways(routes, recipient):
        return routes[name]
    raise RouteError(f"no route takes a letter of {list_slug} to {recipient}; see the rules in mail.routes")


def _takes(route: Route, list_slug: str, settings: List) -> bool:
    named = not route.lists or list_slug in route.lists
    return named and (not route.senders or _among(settings.sender.address, route.senders))


def _among(address: str, some: tuple[str, ...]) -> bool:
    """Tell whether an address is one of some, or of a domain among them."""
    folded = {one.lower() for one in some}
    return address.lower() in folded or address.lower().rpartition("@")[2] in folded
