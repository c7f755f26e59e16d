"""The lowest cursor of a list is found without looking at all of its readers."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("subscription_cursor", "subscription", ["list", "state", "cursor", "subscriber"])
