"""Occasions: the times of events, each under a number of its own, so that calendars know an event again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "occasion",
        sa.Column("article", Id, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("article", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("occasion_ends", "occasion", ["ends", "article", "number"])
    op.add_column("feed", sa.Column("dated", Id, nullable=False, server_default="0"))
    op.execute("INSERT INTO counter (name, value) VALUES ('dated', 0)")
