"""Articles become feed documents: pure.

``tree`` says which feeds there are and what each takes, ``forms`` in which formats they are published. ``atom``,
``rss`` and ``jsonfeed`` write one each, ``opml`` the list of all; what they share is in ``head``, ``parts``, ``xml``.
"""
