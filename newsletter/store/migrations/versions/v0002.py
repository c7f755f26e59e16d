"""Sources and what they were seen to hold, staff's edits, copies of foreign files, former names of terms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "edit",
        sa.Column("article", Id, nullable=False),
        sa.Column("edits", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("article"),
    )
    op.create_table(
        "source",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Text(), nullable=False),
        sa.Column("walked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sighting",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("article", Id, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("source", "article"),
    )
    op.create_index("sighting_article", "sighting", ["article"])
    op.create_table(
        "copy",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("url"),
    )
    op.create_table(
        "former",
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("term", Id, nullable=False),
        sa.ForeignKeyConstraint(["term"], ["term.key"]),
        sa.PrimaryKeyConstraint("taxonomy", "slug"),
    )
    op.create_index("ix_former_term", "former", ["term"])
    # An article that staff withheld is one whose state they edited.
    op.execute(
        """INSERT INTO edit (article, edits, original, at)
           SELECT key, '{"state":"hidden"}', record, 0 FROM article WHERE withheld"""
    )
    op.drop_column("article", "withheld")
    op.add_column("article", sa.Column("gone", sa.BigInteger(), nullable=True))
    op.add_column("raw", sa.Column("charset", sa.Text(), nullable=False, server_default=""))
