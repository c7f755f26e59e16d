"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("key", Id, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("first_shown", Id, nullable=True),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("identity"),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_ends"), ["ends"], unique=False)
        batch_op.create_index(batch_op.f("ix_article_published"), ["published"], unique=False)

    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", Id, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "raw",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "run",
        sa.Column("id", Id, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("upper", Id, nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_list"), ["list"], unique=False)

    op.create_table(
        "sender",
        sa.Column("id", Id, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", Id, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", Id, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("folded"),
    )
    op.create_table(
        "suppression",
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("folded"),
    )
    op.create_table(
        "term",
        sa.Column("key", Id, nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("taxonomy", "slug"),
    )
    op.create_table(
        "alias",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["article"],
            ["article.key"],
        ),
        sa.PrimaryKeyConstraint("url"),
    )
    with op.batch_alter_table("alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alias_article"), ["article"], unique=False)

    op.create_table(
        "arrival",
        sa.Column("article", Id, nullable=False),
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("term", Id, autoincrement=False, nullable=False),
        sa.Column("number", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("archive", sa.Boolean(), nullable=False),
        sa.Column("gone", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["article"],
            ["article.key"],
        ),
        sa.PrimaryKeyConstraint("article", "taxonomy", "term"),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index("arrival_number", ["number"], unique=False)

    op.create_table(
        "issue",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("run", Id, nullable=True),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reached", Id, nullable=False),
        sa.Column("audience", Id, nullable=True),
        sa.Column("picked", sa.LargeBinary(), nullable=False),
        sa.Column("dropped", Id, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("signing_key", Id, nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run"],
            ["run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    with op.batch_alter_table("issue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issue_list"), ["list"], unique=False)

    op.create_table(
        "revision",
        sa.Column("seq", Id, nullable=False),
        sa.Column("article", Id, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"],
            ["article.key"],
        ),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revision_article"), ["article"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", Id, nullable=False),
        sa.Column("subscriber", Id, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("light", sa.Boolean(), nullable=False),
        sa.Column("cursor", Id, nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscriber.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscriber", "list"),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("subscription_list", ["list", "state", "id"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subscription", Id, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscription.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_subscription"), ["subscription"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("issue", Id, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["article"],
            ["article.key"],
        ),
        sa.ForeignKeyConstraint(
            ["issue"],
            ["issue.id"],
        ),
        sa.PrimaryKeyConstraint("issue", "position"),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_article"), ["article"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", Id, nullable=False),
        sa.Column("issue", Id, nullable=False),
        sa.Column("subscription", Id, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("first_tried", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sender", Id, nullable=True),
        sa.Column("lease", sa.BigInteger(), nullable=True),
        sa.Column("lower", Id, nullable=False),
        sa.Column("picks", sa.LargeBinary(), nullable=False),
        sa.Column("repeats", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("light", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue"],
            ["issue.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscription.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issue", "subscription"),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("delivery_message", ["message_id"], unique=False)
        batch_op.create_index(
            "delivery_sender",
            ["sender"],
            unique=False,
            sqlite_where=sa.text("sender IS NOT NULL"),
            postgresql_where=sa.text("sender IS NOT NULL"),
        )
        batch_op.create_index("delivery_state", ["issue", "state", "id"], unique=False)
        batch_op.create_index("delivery_subscription", ["subscription"], unique=False)

    op.create_table(
        "fragment",
        sa.Column("issue", Id, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue"],
            ["issue.id"],
        ),
        sa.PrimaryKeyConstraint("issue", "language"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", Id, nullable=False),
        sa.Column("delivery", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["delivery.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_delivery"), ["delivery"], unique=False)
    op.execute("INSERT INTO counter (name, value) VALUES ('arrival', 0)")
