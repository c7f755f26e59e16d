"""Feeds: which articles stand in each and at which place, and entries as they were serialised."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("key", Id, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("size", Id, nullable=False),
        sa.Column("closed", Id, nullable=False),
        sa.Column("shrank", sa.BigInteger(), nullable=True),
        sa.Column("seq", Id, nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("path"),
    )
    op.create_table(
        "rule",
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("term", Id, autoincrement=False, nullable=False),
        sa.Column("feed", Id, nullable=False),
        sa.Column("choice", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.key"]),
        sa.PrimaryKeyConstraint("taxonomy", "term", "feed", "choice"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("article", Id, nullable=False),
        sa.Column("feed", Id, nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("place", Id, nullable=True),
        sa.Column("gone", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.ForeignKeyConstraint(["feed"], ["feed.key"]),
        sa.PrimaryKeyConstraint("article", "feed"),
        sqlite_with_rowid=False,
    )
    op.create_index("entry_newest", "entry", ["feed", "gone", "published", "article"])
    op.create_index("entry_place", "entry", ["feed", "place"])
    op.create_table(
        "page",
        sa.Column("feed", Id, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.key"]),
        sa.PrimaryKeyConstraint("feed", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "serial",
        sa.Column("article", Id, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("article", "form"),
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('placed', 0), ('term', 0)")
