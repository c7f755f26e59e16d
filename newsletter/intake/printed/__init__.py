"""The text of a Drupal 7 ``print`` page, every line of it accounted for.

The page is read from both ends: the last source line and the links below it, then upwards through the fields, then
downwards through the header. What is left in between is the body, whatever words it uses.
"""
