"""Reports: earlier promises, measurements, catalogue marks, closed windows"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_string = sqlmodel.sql.sqltypes.AutoString
_instant = sqlmodel.sql.sqltypes.UTCDateTime

# Nobody edits what was closed or said, not even by hand in the database.
_APPEND_ONLY = ("closed_report", "measurement", "promise_change")
_REFUSAL = "so lieu da ghi chi duoc bo sung, khong sua"


_JUDGED = ["state", "starts", "kind", "extension", "last_word_at"]
_BY_TASK = ["plan", "task", "last_day", "id", *_JUDGED, "unit"]
_BY_UNIT = ["unit", "plan", "last_day", "state", "reported_on", "confirmed_on", "since", "ends"]
# What counting on any day needs beside what the lists need: name, columns before, columns added.
_INDEXES = (
    ("ix_assignment_plan", _BY_TASK, ["reported_on", "confirmed_on", "since", "ends"]),
    ("ix_assignment_figures", _BY_UNIT, ["kind", "starts"]),
)


def upgrade() -> None:
    for name, before, added in _INDEXES:
        op.drop_index(name, "assignment")
        op.create_index(name, "assignment", [*before, *added], unique=False)
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_since", _instant(), nullable=True))
    op.create_table(
        "promise_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", _string(length=300), nullable=False),
        sa.Column("changed_at", _instant(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["assignment"], ["assignment.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_promise_change", "promise_change", ["assignment", "id"], unique=False)
    op.create_table(
        "measurement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", _string(length=80), nullable=False),
        sa.Column("indicator", _string(length=160), nullable=False),
        sa.Column("unit", _string(length=120), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("value", _string(length=40), nullable=True),
        sa.Column("part", _string(length=40), nullable=True),
        sa.Column("whole", _string(length=40), nullable=True),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", _string(length=10), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_measurement_window", "measurement", ["plan", "indicator", "unit", "last", "id"], unique=False
    )
    op.create_table(
        "catalogue_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", _string(length=80), nullable=False),
        sa.Column("item", _string(length=160), nullable=False),
        sa.Column("unit", _string(length=120), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("recorded_at", _instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_catalogue_mark", "catalogue_mark", ["plan", "unit", "item", "id"], unique=False)
    op.create_table(
        "closed_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _string(length=12), nullable=False),
        sa.Column("scope", _string(length=200), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("previous", _string(length=64), nullable=False),
        sa.Column("hash", _string(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "scope", "first", "last", "version", name="uq_closed_report"),
    )
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for name, before, _ in _INDEXES:
        op.drop_index(name, "assignment")
        op.create_index(name, "assignment", before, unique=False)
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ("closed_report", "catalogue_mark", "measurement", "promise_change"):
        op.drop_table(table)
    if postgresql:
        op.execute("DROP FUNCTION figures_are_append_only()")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_column("known_since")


def _triggers(dialect: str) -> list[str]:
    if dialect != "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            for table in _APPEND_ONLY
            for act in ("update", "delete")
        ]
    function = f"""CREATE FUNCTION figures_are_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"""
    return [function] + [
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION figures_are_append_only()"
        for table in _APPEND_ONLY
    ]
