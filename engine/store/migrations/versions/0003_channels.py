"""Channels beside e-mail: preferences, refusals, resting channels, pairing, keys, attachments, costs"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_text = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "bot_update",
        sa.Column("message", _text(length=100), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("message"),
    )
    with op.batch_alter_table("bot_update", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bot_update_at"), ["at"], unique=False)

    op.create_table(
        "channel_state",
        sa.Column("channel", _text(length=20), nullable=False),
        sa.Column("state", _text(length=10), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("remaining_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "refusal",
        sa.Column("channel", _text(length=20), nullable=False),
        sa.Column("address", _text(length=254), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("message", _text(length=40), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address"),
    )
    op.create_table(
        "token",
        sa.Column("channel", _text(length=20), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("refresh", sa.Text(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("refreshing_by", _text(length=120), nullable=True),
        sa.Column("refreshing_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("seed_hash", _text(length=64), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "attachment",
        sa.Column("message", _text(length=40), nullable=False),
        sa.Column("name", _text(length=120), nullable=False),
        sa.Column("media_type", _text(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message", "name"),
    )
    op.create_table(
        "pairing",
        sa.Column("code_hash", _text(length=64), nullable=False),
        sa.Column("contact", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairing_contact"), ["contact"], unique=False)

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone", _text(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("zalo", _text(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("channels", _text(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("copies", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.drop_constraint(batch_op.f("uq_contact"), type_="unique")
        batch_op.create_unique_constraint("uq_contact", ["unit", "role", "email", "phone"])

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reference", _text(length=80), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("cost", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("cause", _text(length=10), nullable=False, server_default=""))
        batch_op.create_index(
            "ix_delivery_cost",
            ["started_at", "message", "cost"],
            unique=False,
            sqlite_where=sa.text("cost > 0"),
            postgresql_where=sa.text("cost > 0"),
        )

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facts", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("copies", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_index("ix_message_state")
        batch_op.create_index(
            "ix_message_state", ["state", "not_before", "channel", "in_doubt", "created_at"], unique=False
        )
        batch_op.drop_index("ix_message_desk")
        batch_op.create_index(
            "ix_message_desk", ["day", "recipient", "id", "state", "in_doubt", "channel"], unique=False
        )
        batch_op.drop_index("ix_message_sent")
        batch_op.create_index("ix_message_sent", ["sent_at", "channel"], unique=False)
    # Until now every attempt but the running one had failed through the message's own fault.
    op.execute("UPDATE message SET failures = attempts WHERE state IN ('queued', 'failed')")


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_state")
        batch_op.create_index("ix_message_state", ["state", "not_before"], unique=False)
        batch_op.drop_index("ix_message_sent")
        batch_op.create_index("ix_message_sent", ["sent_at"], unique=False)
        batch_op.drop_index("ix_message_desk")
        batch_op.create_index(
            "ix_message_desk", ["day", "recipient", "id", "state", "in_doubt"], unique=False
        )
        batch_op.drop_column("failures")
        batch_op.drop_column("copies")
        batch_op.drop_column("facts")

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_cost")
        batch_op.drop_column("cause")
        batch_op.drop_column("cost")
        batch_op.drop_column("reference")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_constraint("uq_contact", type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_contact"), ["unit", "role", "email"])
        batch_op.drop_column("copies")
        batch_op.drop_column("channels")
        batch_op.drop_column("zalo")
        batch_op.drop_column("phone")

    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pairing_contact"))

    op.drop_table("pairing")
    op.drop_table("attachment")
    op.drop_table("token")
    op.drop_table("refusal")
    op.drop_table("channel_state")
    with op.batch_alter_table("bot_update", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bot_update_at"))

    op.drop_table("bot_update")
