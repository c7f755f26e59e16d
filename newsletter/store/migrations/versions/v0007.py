"""The calendar of lists: a planned date is taken once, and what became of it is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "turn",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("run", Id, nullable=True),
        sa.ForeignKeyConstraint(["run"], ["run.id"]),
        sa.PrimaryKeyConstraint("list", "date"),
        sa.UniqueConstraint("run"),
    )
    op.create_table(
        "watch",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("timetable", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list"),
    )
