"""The only way to the web: one address in, what stands there out, within limits, never from inside our own network.

``Fetcher.get``, and ``post`` for what is handed in, are all that others call. ``address`` says where to, ``lines``
asks, ``wire`` connects and watches the clock, ``ranges`` knows which addresses are public, ``reply`` reads the header
of an answer and ``body`` the rest.
"""

from newsletter.fetching.address import signed
from newsletter.fetching.fetcher import Fetcher, agent
from newsletter.fetching.reply import PATIENCE, Limits, Page, Receipt

__all__ = ["PATIENCE", "Fetcher", "Limits", "Page", "Receipt", "agent", "signed"]
