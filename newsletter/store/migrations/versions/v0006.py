"""Names of feeds that stay, volumes, what documents showed last, and where the publication stood."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("feed", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE feed SET name = path")
    op.create_index("ix_feed_name", "feed", ["name"], unique=True)
    op.create_table(
        "showing",
        sa.Column("feed", Id, nullable=False),
        sa.Column("volume", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.key"]),
        sa.PrimaryKeyConstraint("feed", "volume"),
        sqlite_with_rowid=False,
    )
    # A feed never becomes older than it said: the last that left it is known, what it showed is not.
    op.execute("INSERT INTO showing SELECT key, 0, '', shrank FROM feed WHERE shrank IS NOT NULL")
    op.drop_column("feed", "shrank")
    op.create_table(
        "volume",
        sa.Column("feed", Id, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.key"]),
        sa.PrimaryKeyConstraint("feed", "number"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO volume SELECT feed, number, seq FROM page")
    op.drop_table("page")
    op.create_table(
        "home",
        sa.Column("key", Id, nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
