"""Feeds and personal letters from an organisation's own articles.

The listing of this package is the flow of its data::

    intake -> store -> feeds, pages
                    -> digest -> delivery -> SMTP relay

``cli`` calls ``pipeline``; ``pipeline`` calls the makers (``intake``, ``feeds``, ``pages``, ``digest``), which are
pure, and the two places with effects: ``store`` (all SQL) and ``delivery`` (all SMTP).
"""

__version__ = "0.1.0"
