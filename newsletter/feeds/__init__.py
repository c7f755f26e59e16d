"""Articles become feed documents: pure.

``tree`` says which feeds there are, ``select`` which articles stand in one, ``atom`` writes it. A further format is a
module beside ``atom``; what every XML format must obey is in ``xml``.
"""
