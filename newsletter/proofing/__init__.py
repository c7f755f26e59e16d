"""What a proofreader would say of an issue before anyone receives it: pure, by rules of our own.

A ``Proof`` is everything that the letters of an issue may show in one language, printed once and taken apart, with the
template and the article of each element. A module for each kind of rule reads it and yields findings; ``reading`` knows
them all. ``sender`` looks at who writes, ``twins`` at letters that were assembled.
"""
