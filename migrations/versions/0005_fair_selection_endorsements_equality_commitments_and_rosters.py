"""Fair selection, endorsements, equality statistics, commitments and rosters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


POINTING = {
    "person": """
    assignment.by_person_id assignment.reviewer_id attendance_record.person_id commitment.person_id
    commitment_check.by_person_id reconsideration.answered_by redaction.by_person_id roster_note.by_person_id
    roster_note.person_id selection.by_person_id subgroup_member.person_id
    """,
    "organisation": "commitment.organisation_id",
}
"""Columns that may not begin to point to a record which was merged with another."""

DEFAULTS = (
    ("cohort", "endorsing"),
    ("cohort", "spread_flag"),
    ("cohort", "redacting"),
    ("cohort", "policy"),
    ("cohort", "letters"),
    ("cohort", "asks_gender_identity"),
    ("decision", "feedback"),
)

CHECKS = (
    ("cohort", "reviews_sensible", "reviews_wanted BETWEEN 1 AND 9"),
    ("cohort", "spread_of_something", "spread_flag > 0"),
    ("cohort", "threshold_is_a_score", "threshold BETWEEN 1 AND 5"),
    ("space", "subgroup_of_a_course", "subgroup_id IS NULL OR cohort_id IS NOT NULL"),
)

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of a selection is only ever added to';
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "equality_answer",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_equality_answer")),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "plan",
                "action",
                "pledge",
                name="commitmentkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("first_step", sa.Text(), nullable=False),
        sa.Column("helpers", sa.Text(), nullable=False),
        sa.Column("confidence", sa.BigInteger(), nullable=True),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("check_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "under way",
                "stuck",
                "done",
                "given up",
                name="commitmentstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 10", name=op.f("ck_commitment_confidence_of_ten")),
        sa.CheckConstraint("num_nonnulls(person_id, organisation_id) = 1", name=op.f("ck_commitment_one_owner")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_commitment_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_commitment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commitment_public_id")),
    )
    op.create_index(
        "ix_commitment_check_on",
        "commitment",
        ["check_on"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('done', 'given up')"),
    )
    op.create_index(op.f("ix_commitment_organisation_id"), "commitment", ["organisation_id"], unique=False)
    op.create_index("ix_commitment_person", "commitment", ["person_id", "id"], unique=False)
    op.create_index("ix_commitment_source", "commitment", ["source_kind", "source_id", "id"], unique=False)
    op.create_index(
        "uq_commitment_plan",
        "commitment",
        ["person_id", "source_kind", "source_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'plan'"),
    )
    op.create_table(
        "commitment_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("commitment_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "under way",
                "stuck",
                "done",
                "given up",
                name="commitmentstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("what_happened", sa.Text(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_commitment_check_by_person_id")),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_check_commitment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_check")),
    )
    op.create_index("ix_commitment_check_commitment", "commitment_check", ["commitment_id", "id"], unique=False)
    op.create_table(
        "attendance_record",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_attendance_record_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_record_person_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_attendance_record")),
    )
    op.create_index("ix_attendance_record_event_person", "attendance_record", ["event_id", "person_id"], unique=False)
    op.create_index(op.f("ix_attendance_record_person_id"), "attendance_record", ["person_id"], unique=False)
    op.create_table(
        "roster_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_roster_note_by_person_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_roster_note_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_note_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_note")),
    )
    op.create_index("ix_roster_note_event_person", "roster_note", ["event_id", "person_id", "id"], unique=False)
    op.create_index(op.f("ix_roster_note_person_id"), "roster_note", ["person_id"], unique=False)
    op.create_table(
        "subgroup",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_subgroup_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subgroup")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_subgroup_event_id_name")),
        sa.UniqueConstraint("id", "event_id", name=op.f("uq_subgroup_id_event_id")),
    )
    op.create_table(
        "equality_count",
        sa.Column("cohort_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "applied",
                "appointable",
                "offered",
                "accepted",
                "completed",
                name="equalitystage_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("people", sa.BigInteger(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.event_id"], name=op.f("fk_equality_count_cohort_id")),
        sa.PrimaryKeyConstraint("cohort_id", "question", "group", "stage", name=op.f("pk_equality_count")),
    )
    op.create_table(
        "selection",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cohort_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "frozen",
                "sealed",
                "drawn",
                "overridden",
                "replaced",
                name="selectionstep_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_selection_numbered_from_one")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_selection_by_person_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.event_id"], name=op.f("fk_selection_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sa.UniqueConstraint("cohort_id", "number", name=op.f("uq_selection_cohort_id_number")),
        sa.UniqueConstraint("cohort_id", "previous", name=op.f("uq_selection_cohort_id_previous")),
        sa.UniqueConstraint("hash", name=op.f("uq_selection_hash")),
    )
    op.create_table(
        "subgroup_member",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subgroup_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_subgroup_member_person_id")),
        sa.ForeignKeyConstraint(
            ["subgroup_id", "event_id"],
            ["subgroup.id", "subgroup.event_id"],
            name=op.f("fk_subgroup_member_subgroup_id_event_id"),
        ),
        sa.PrimaryKeyConstraint("event_id", "person_id", name=op.f("pk_subgroup_member")),
    )
    op.create_index(op.f("ix_subgroup_member_person_id"), "subgroup_member", ["person_id"], unique=False)
    op.create_index(op.f("ix_subgroup_member_subgroup_id"), "subgroup_member", ["subgroup_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_assignment_application_id")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_assignment_by_person_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_assignment_reviewer_id")),
        sa.PrimaryKeyConstraint("application_id", "reviewer_id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_reviewer_id"), "assignment", ["reviewer_id"], unique=False)
    op.create_table(
        "endorsement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "manager",
                "nominator",
                name="endorsementkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "given",
                "refused",
                name="endorsementstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (answered_at IS NULL)", name=op.f("ck_endorsement_answered_at_some_time")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_endorsement_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("application_id", "kind", name=op.f("uq_endorsement_application_id_kind")),
        sa.UniqueConstraint("public_id", name=op.f("uq_endorsement_public_id")),
    )
    op.create_index("ix_endorsement_email", "endorsement", ["email"], unique=False)
    op.create_table(
        "reconsideration",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (changed IS NULL)", name=op.f("ck_reconsideration_answered_with_an_outcome")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_reconsideration_answered_by")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_reconsideration_application_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_reconsideration")),
    )
    op.create_table(
        "redaction",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_redaction_application_id")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_redaction_by_person_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_redaction")),
    )
    op.add_column("application", sa.Column("equality_key", sa.LargeBinary(), nullable=True))
    op.add_column("application", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("application", sa.Column("region", sa.Text(), nullable=True))
    op.drop_index("uq_application_one_live_per_person", table_name="application")
    op.create_index(
        "uq_application_one_live_per_person",
        "application",
        ["cohort_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn' AND anonymised_at IS NULL"),
    )
    op.add_column(
        "cohort",
        sa.Column(
            "endorsing",
            sa.Enum(
                "none",
                "optional",
                "required",
                name="endorsing_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
            server_default="optional",
        ),
    )
    op.add_column("cohort", sa.Column("reviews_wanted", sa.BigInteger(), nullable=True))
    op.add_column(
        "cohort",
        sa.Column(
            "spread_flag", sa.Numeric(precision=4, scale=2, asdecimal=False), nullable=False, server_default="1.5"
        ),
    )
    op.add_column("cohort", sa.Column("redacting", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("cohort", sa.Column("threshold", sa.Numeric(precision=4, scale=2, asdecimal=False), nullable=True))
    op.add_column(
        "cohort",
        sa.Column(
            "policy",
            sa.Enum(
                "lottery",
                "highest-scores",
                name="selectionpolicy_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
            server_default="lottery",
        ),
    )
    op.add_column("cohort", sa.Column("sealed_seed", sa.LargeBinary(), nullable=True))
    op.add_column(
        "cohort", sa.Column("letters", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column("cohort", sa.Column("asks_gender_identity", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("cohort", sa.Column("equality_closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision", sa.Column("feedback", sa.Text(), nullable=False, server_default=""))
    op.add_column("decision", sa.Column("feedback_read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("space", sa.Column("subgroup_id", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(op.f("uq_space_subgroup_id"), "space", ["subgroup_id"])
    op.create_foreign_key(
        op.f("fk_space_subgroup_id_cohort_id"), "space", "subgroup", ["subgroup_id", "cohort_id"], ["id", "event_id"]
    )
    op.drop_index("uq_space_cohort", "space")
    op.create_index(
        "uq_space_cohort",
        "space",
        ["cohort_id"],
        unique=True,
        postgresql_where=sa.text("cohort_id IS NOT NULL AND subgroup_id IS NULL"),
    )

    for table, column in DEFAULTS:
        op.alter_column(table, column, server_default=None)
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.execute(REFUSE_CHANGE)
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OF cohort_id, number, step, body, previous, hash, at "
        "ON selection FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for kind, columns in POINTING.items():
        for pointing in columns.split():
            table, column = pointing.split(".")
            op.execute(
                f'CREATE TRIGGER refuse_merged_{column} AFTER INSERT OR UPDATE OF {column} ON "{table}" FOR EACH ROW '
                f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION refuse_merged('{kind}', '{column}')"
            )


def downgrade() -> None:
    for table, name, _condition in reversed(CHECKS):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_index("uq_space_cohort", "space")
    op.create_index(
        "uq_space_cohort", "space", ["cohort_id"], unique=True, postgresql_where=sa.text("cohort_id IS NOT NULL")
    )
    op.drop_constraint(op.f("fk_space_subgroup_id_cohort_id"), "space", type_="foreignkey")
    op.drop_constraint(op.f("uq_space_subgroup_id"), "space", type_="unique")
    op.drop_column("space", "subgroup_id")
    op.drop_column("decision", "feedback_read_at")
    op.drop_column("decision", "feedback")
    op.drop_column("cohort", "equality_closed_at")
    op.drop_column("cohort", "asks_gender_identity")
    op.drop_column("cohort", "letters")
    op.drop_column("cohort", "sealed_seed")
    op.drop_column("cohort", "policy")
    op.drop_column("cohort", "threshold")
    op.drop_column("cohort", "redacting")
    op.drop_column("cohort", "spread_flag")
    op.drop_column("cohort", "reviews_wanted")
    op.drop_column("cohort", "endorsing")
    op.drop_index("uq_application_one_live_per_person", table_name="application")
    op.create_index(
        "uq_application_one_live_per_person",
        "application",
        ["cohort_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.drop_column("application", "region")
    op.drop_column("application", "anonymised_at")
    op.drop_column("application", "equality_key")
    op.drop_table("redaction")
    op.drop_table("reconsideration")
    op.drop_index("ix_endorsement_email", table_name="endorsement")
    op.drop_table("endorsement")
    op.drop_index(op.f("ix_assignment_reviewer_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_subgroup_member_subgroup_id"), table_name="subgroup_member")
    op.drop_index(op.f("ix_subgroup_member_person_id"), table_name="subgroup_member")
    op.drop_table("subgroup_member")
    op.drop_table("selection")
    op.drop_table("equality_count")
    op.drop_table("subgroup")
    op.drop_index(op.f("ix_roster_note_person_id"), table_name="roster_note")
    op.drop_index("ix_roster_note_event_person", table_name="roster_note")
    op.drop_table("roster_note")
    op.drop_index(op.f("ix_attendance_record_person_id"), table_name="attendance_record")
    op.drop_index("ix_attendance_record_event_person", table_name="attendance_record")
    op.drop_table("attendance_record")
    op.drop_index("ix_commitment_check_commitment", table_name="commitment_check")
    op.drop_table("commitment_check")
    op.drop_index("uq_commitment_plan", table_name="commitment", postgresql_where=sa.text("kind = 'plan'"))
    op.drop_index("ix_commitment_source", table_name="commitment")
    op.drop_index("ix_commitment_person", table_name="commitment")
    op.drop_index(op.f("ix_commitment_organisation_id"), table_name="commitment")
    op.drop_index(
        "ix_commitment_check_on", table_name="commitment", postgresql_where=sa.text("state NOT IN ('done', 'given up')")
    )
    op.drop_table("commitment")
    op.drop_table("equality_answer")
    op.execute("DROP FUNCTION refuse_change")
