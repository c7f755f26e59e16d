"""Raw input becomes Articles: pure, hostile until cleaned here.

``read`` finds the route (a print page, Markdown, a feed), the route gives Drafts, ``Draft.article`` settles what every
route has in common. Nothing but :class:`~newsletter.errors.IntakeError` leaves this package.
"""

from newsletter.intake.desk import Desk
from newsletter.intake.identity import canonical, mint
from newsletter.intake.route import read

__all__ = ["Desk", "canonical", "mint", "read"]
