"""How far the slots of each way out are given away, and its share of full speed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free", Id, nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("since", Id, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
