"""Drafts that wait for an approval, what staff excluded or corrected, who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("upper", Id, nullable=False),
        sa.Column("mark", Id, nullable=False),
        sa.Column("turn", sa.Text(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=True),
        sa.Column("announced", sa.BigInteger(), nullable=True),
        sa.Column("approved", sa.Text(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("edits", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("list"),
    )
    op.create_table(
        "exclusion",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("article", Id, nullable=False),
        sa.Column("upper", Id, nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("list", "article"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "correction",
        sa.Column("article", Id, nullable=False),
        sa.Column("number", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("article"),
    )
    op.add_column("run", sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("delivery", sa.Column("corrections", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
    op.add_column("issue", sa.Column("held", sa.BigInteger(), nullable=True))
    op.add_column("issue", sa.Column("frozen", Id, nullable=False, server_default="0"))
    op.execute("UPDATE issue SET frozen = (SELECT upper FROM run WHERE run.id = issue.run) WHERE run IS NOT NULL")
    op.add_column("audit", sa.Column("who", sa.Text(), nullable=False, server_default=""))
    op.add_column("audit", sa.Column("issue", sa.Text(), nullable=False, server_default=""))
    op.create_index("audit_issue", "audit", ["issue"])
