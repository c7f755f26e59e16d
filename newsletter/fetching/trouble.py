"""What goes wrong on the way, before anybody has said at which address."""


class Trouble(Exception):  # noqa: N818  the name of what happened
    """What happened and what to do, in one line; the fetcher puts the address before it."""
