"""What each file and source said last of an article; which types are events, as it was when dates were read last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "said",
        sa.Column("article", Id, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["article.key"]),
        sa.PrimaryKeyConstraint("article", "origin"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('events', 0)")
