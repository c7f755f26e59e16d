"""What a validator would say of the files that a build writes: pure, by rules of our own.

``folder`` is what documents are held against: addresses, files, the instant of the check. Each format has a module that
reads one document and complains of it, and ``documents`` knows which. What makes an XML document whole is said in
``shapes``, a schema in a compact form, and what a single value must be in ``values``. ``across`` complains of what only
several documents together show.
"""
