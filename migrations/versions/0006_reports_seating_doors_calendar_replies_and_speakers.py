"""Attendance reports, seating, doors, calendar replies and speakers who are asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


POINTING = {
    "person": """
    advance_question.taken_by attendance_import.made_by calendar_reply.decided_by door_code.made_by
    door_press.by_person_id outcome.added_by reported_person.decided_by substitution.decided_by table_note.written_by
    """,
    "organisation": "outcome.organisation_id",
}
"""Columns that may not begin to point to a record which was merged with another."""

DEFAULTS = (("registration", "question"), ("speaker", "abstract"), ("speaker", "photo_alt"), ("speaker", "generation"))

VISIBILITY = ("public", "unlisted", "invited")

ONE_OF_A_KIND = "uq_endorsement_one_of_a_kind"


def _visible_as(words: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_event_visibility_known"), "event", type_="check")
    said = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f("ck_event_visibility_known"), "event", f"visibility IN ({said})")


def _keep_replaced_supporters() -> None:
    """Who was replaced had no row of their own until now. Their links named the row and a number that no link has any
    more, so the row gets another name: whoever was asked in their place can be asked again.
    """
    op.execute(
        "UPDATE endorsement SET public_id = replace(gen_random_uuid()::text, '-', '') "
        "WHERE generation > 0 AND state = 'asked'"
    )
    op.add_column("endorsement", sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_column("endorsement", "generation")
    op.drop_constraint(op.f("uq_endorsement_application_id_kind"), "endorsement", type_="unique")
    op.create_index(
        ONE_OF_A_KIND,
        "endorsement",
        ["application_id", "kind"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )


def _forget_replaced_supporters() -> None:
    op.execute("DELETE FROM endorsement WHERE replaced_at IS NOT NULL")
    op.drop_index(ONE_OF_A_KIND, table_name="endorsement", postgresql_where=sa.text("replaced_at IS NULL"))
    op.create_unique_constraint(op.f("uq_endorsement_application_id_kind"), "endorsement", ["application_id", "kind"])
    op.add_column("endorsement", sa.Column("generation", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("endorsement", "generation", server_default=None)
    op.drop_column("endorsement", "replaced_at")


def upgrade() -> None:
    _keep_replaced_supporters()
    op.drop_column("subgroup", "revision")
    op.execute(
        "UPDATE application SET region = organisation.region FROM organisation "
        "WHERE organisation.id = application.organisation_id AND application.region IS NULL"
    )
    op.create_table(
        "outcome",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "report", "decision", name="outcomekind_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("follows", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_outcome_added_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_outcome_event_id")),
        sa.ForeignKeyConstraint(["follows"], ["outcome.id"], name=op.f("fk_outcome_follows")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_outcome_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index("ix_outcome_event", "outcome", ["event_id", "id"], unique=False)
    op.create_index(op.f("ix_outcome_follows"), "outcome", ["follows"], unique=False)
    op.create_index(op.f("ix_outcome_organisation_id"), "outcome", ["organisation_id"], unique=False)
    op.create_table(
        "seating_plan",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rounds BETWEEN 1 AND 6", name=op.f("ck_seating_plan_rounds_sensible")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_seating_plan_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_seating_plan")),
    )
    op.create_table(
        "table_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("table_number", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_table_note_event_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_table_note_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_note")),
    )
    op.create_index("uq_table_note", "table_note", ["event_id", "round", "table_number"], unique=True)
    op.create_table(
        "advance_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_advance_question_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_advance_question_event_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["person.id"], name=op.f("fk_advance_question_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance_question")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_advance_question_booking_id")),
    )
    op.create_index("ix_advance_question_event", "advance_question", ["event_id", "id"], unique=False)
    op.create_table(
        "calendar_reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column(
            "participation",
            sa.Enum(
                "accepted",
                "declined",
                "tentative",
                name="participation_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sender", sa.LargeBinary(), nullable=True),
        sa.Column("attendee", sa.LargeBinary(), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposes", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("invitation_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "waiting",
                "old",
                "refused",
                name="replystate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_calendar_reply_booking_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_calendar_reply_decided_by")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_calendar_reply_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_reply")),
        sa.UniqueConstraint("message_id", name=op.f("uq_calendar_reply_message_id")),
    )
    op.create_index("ix_calendar_reply_booking", "calendar_reply", ["booking_id"], unique=False)
    op.create_index("ix_calendar_reply_uid", "calendar_reply", ["uid"], unique=False)
    op.create_index(
        "ix_calendar_reply_waiting",
        "calendar_reply",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "substitution",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("organisation_text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "declined",
                "taken back",
                name="substitutionstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decided_at IS NOT NULL)",
            name=op.f("ck_substitution_decided_at_some_time"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_substitution_email_lower_case")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_substitution_decided_by")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_substitution_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_index(
        "uq_substitution_proposed",
        "substitution",
        ["invitation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "attendance_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "teams",
                "zoom webinar",
                "zoom meeting",
                "eventbrite",
                "table",
                name="reportkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("met_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "applied",
                "taken back",
                name="importstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (applied_at IS NULL)", name=op.f("ck_attendance_import_applied_at_some_time")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_attendance_import_event_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_attendance_import_made_by")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_attendance_import_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attendance_import_public_id")),
    )
    op.create_index(
        "ix_attendance_import_drafts",
        "attendance_import",
        ["made_at"],
        unique=False,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index("ix_attendance_import_part", "attendance_import", ["part_id", "id"], unique=False)
    op.create_index(
        "uq_attendance_import_applied",
        "attendance_import",
        ["part_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("state = 'applied'"),
    )
    op.create_table(
        "door_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_door_code_opens_before_it_closes")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_door_code_event_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_door_code_made_by")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_door_code_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_code")),
        sa.UniqueConstraint("code", name=op.f("uq_door_code_code")),
    )
    op.create_index("ix_door_code_part", "door_code", ["part_id", "id"], unique=False)
    op.create_table(
        "door_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_from", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["door_code.id"], name=op.f("fk_door_try_code_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_try")),
    )
    op.create_index("ix_door_try_asked_from", "door_try", ["asked_from", "at"], unique=False)
    op.create_table(
        "door_press",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "attended",
                "partial",
                "absent",
                "excused",
                name="attendance_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "marked",
                "known",
                "older",
                "refused",
                name="synced_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_door_press_by_person_id")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_door_press_part_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_door_press_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_press")),
    )
    op.create_index("ix_door_press_part", "door_press", ["part_id", "seat_id"], unique=False)
    op.create_table(
        "seating_place",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("round", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("table_number", sa.BigInteger(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.CheckConstraint("round >= 0 AND table_number >= 0", name=op.f("ck_seating_place_counted_from_zero")),
        sa.ForeignKeyConstraint(["event_id"], ["seating_plan.event_id"], name=op.f("fk_seating_place_event_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seating_place_seat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "round", "seat_id", name=op.f("pk_seating_place")),
    )
    op.create_table(
        "seating_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "company",
            sa.Enum("apart", "together", name="company_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("first_seat_id", sa.BigInteger(), nullable=False),
        sa.Column("second_seat_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_seat_id < second_seat_id", name=op.f("ck_seating_rule_two_seats_in_order")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_seating_rule_event_id")),
        sa.ForeignKeyConstraint(
            ["first_seat_id"], ["seat.id"], name=op.f("fk_seating_rule_first_seat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_seat_id"], ["seat.id"], name=op.f("fk_seating_rule_second_seat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seating_rule")),
        sa.UniqueConstraint(
            "event_id",
            "first_seat_id",
            "second_seat_id",
            name=op.f("uq_seating_rule_event_id_first_seat_id_second_seat_id"),
        ),
    )
    op.create_table(
        "reported_person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("also", sa.LargeBinary(), nullable=True),
        sa.Column("organisation_text", sa.Text(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column("skipped", sa.Text(), nullable=False),
        sa.Column(
            "match",
            sa.Enum(
                "email",
                "name",
                "ambiguous",
                "none",
                name="match_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seat_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("line > 0", name=op.f("ck_reported_person_line_from_one")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_reported_person_decided_by")),
        sa.ForeignKeyConstraint(["import_id"], ["attendance_import.id"], name=op.f("fk_reported_person_import_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_reported_person_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_person")),
    )
    op.create_index("ix_reported_person_import", "reported_person", ["import_id", "line"], unique=False)
    op.create_index(
        "ix_reported_person_seat",
        "reported_person",
        ["seat_id"],
        unique=False,
        postgresql_where=sa.text("seat_id IS NOT NULL"),
    )
    op.create_table(
        "reported_interval",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reported_person_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("joined_at <= left_at", name=op.f("ck_reported_interval_joined_before_leaving")),
        sa.ForeignKeyConstraint(
            ["reported_person_id"], ["reported_person.id"], name=op.f("fk_reported_interval_reported_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_interval")),
    )
    op.create_index("ix_reported_interval_person", "reported_interval", ["reported_person_id"], unique=False)
    op.add_column("invitation", sa.Column("substitute_for", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_invitation_substitute_for"), "invitation", ["substitute_for"], unique=False)
    op.create_foreign_key(op.f("fk_invitation_substitute_for"), "invitation", "invitation", ["substitute_for"], ["id"])
    op.add_column("mark", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_mark_import_id"), "mark", ["import_id"], unique=False)
    op.create_foreign_key(op.f("fk_mark_import_id"), "mark", "attendance_import", ["import_id"], ["id"])
    op.add_column("registration", sa.Column("question", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "speaker",
        sa.Column(
            "public_id", sa.Text(), nullable=False, server_default=sa.text("replace(gen_random_uuid()::text, '-', '')")
        ),
    )
    op.alter_column("speaker", "public_id", server_default=None)
    op.add_column("speaker", sa.Column("part_id", sa.BigInteger(), nullable=True))
    op.add_column("speaker", sa.Column("email", sa.Text(), nullable=True))
    op.add_column("speaker", sa.Column("abstract", sa.Text(), nullable=False, server_default=""))
    op.add_column("speaker", sa.Column("photo", sa.Text(), nullable=True))
    op.add_column("speaker", sa.Column("photo_alt", sa.Text(), nullable=False, server_default=""))
    op.add_column("speaker", sa.Column("may_record", sa.Boolean(), nullable=True))
    op.add_column("speaker", sa.Column("generation", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("speaker", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("speaker", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("speaker", sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_speaker_part_id"), "speaker", ["part_id"], unique=False)
    op.create_index(op.f("ix_speaker_photo"), "speaker", ["photo"], unique=False)
    op.create_unique_constraint(op.f("uq_speaker_public_id"), "speaker", ["public_id"])
    op.create_foreign_key(op.f("fk_speaker_photo"), "speaker", "file", ["photo"], ["sha256"])
    op.create_foreign_key(op.f("fk_speaker_part_id"), "speaker", "part", ["part_id"], ["id"])
    op.create_check_constraint(op.f("ck_speaker_email_lower_case"), "speaker", "email = lower(email)")
    for table, column in DEFAULTS:
        op.alter_column(table, column, server_default=None)
    _visible_as((*VISIBILITY, "alumni"))
    for kind, columns in POINTING.items():
        for pointing in columns.split():
            table, column = pointing.split(".")
            op.execute(
                f'CREATE TRIGGER refuse_merged_{column} AFTER INSERT OR UPDATE OF {column} ON "{table}" FOR EACH ROW '
                f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION refuse_merged('{kind}', '{column}')"
            )


def downgrade() -> None:
    op.execute("UPDATE event SET visibility = 'unlisted' WHERE visibility = 'alumni'")
    _visible_as(VISIBILITY)
    op.drop_constraint(op.f("ck_speaker_email_lower_case"), "speaker", type_="check")
    op.drop_constraint(op.f("fk_speaker_part_id"), "speaker", type_="foreignkey")
    op.drop_constraint(op.f("fk_speaker_photo"), "speaker", type_="foreignkey")
    op.drop_constraint(op.f("uq_speaker_public_id"), "speaker", type_="unique")
    op.drop_index(op.f("ix_speaker_photo"), table_name="speaker")
    op.drop_index(op.f("ix_speaker_part_id"), table_name="speaker")
    op.drop_column("speaker", "declined_at")
    op.drop_column("speaker", "answered_at")
    op.drop_column("speaker", "asked_at")
    op.drop_column("speaker", "generation")
    op.drop_column("speaker", "may_record")
    op.drop_column("speaker", "photo_alt")
    op.drop_column("speaker", "photo")
    op.drop_column("speaker", "abstract")
    op.drop_column("speaker", "email")
    op.drop_column("speaker", "part_id")
    op.drop_column("speaker", "public_id")
    op.drop_column("registration", "question")
    op.drop_constraint(op.f("fk_mark_import_id"), "mark", type_="foreignkey")
    op.drop_index(op.f("ix_mark_import_id"), table_name="mark")
    op.drop_column("mark", "import_id")
    op.drop_constraint(op.f("fk_invitation_substitute_for"), "invitation", type_="foreignkey")
    op.drop_index(op.f("ix_invitation_substitute_for"), table_name="invitation")
    op.drop_column("invitation", "substitute_for")
    op.drop_index("ix_reported_interval_person", table_name="reported_interval")
    op.drop_table("reported_interval")
    op.drop_index(
        "ix_reported_person_seat", table_name="reported_person", postgresql_where=sa.text("seat_id IS NOT NULL")
    )
    op.drop_index("ix_reported_person_import", table_name="reported_person")
    op.drop_table("reported_person")
    op.drop_table("seating_rule")
    op.drop_table("seating_place")
    op.drop_index("ix_door_press_part", table_name="door_press")
    op.drop_table("door_press")
    op.drop_index("ix_door_try_asked_from", table_name="door_try")
    op.drop_table("door_try")
    op.drop_index("ix_door_code_part", table_name="door_code")
    op.drop_table("door_code")
    op.drop_index(
        "uq_attendance_import_applied", table_name="attendance_import", postgresql_where=sa.text("state = 'applied'")
    )
    op.drop_index("ix_attendance_import_part", table_name="attendance_import")
    op.drop_index(
        "ix_attendance_import_drafts", table_name="attendance_import", postgresql_where=sa.text("state = 'draft'")
    )
    op.drop_table("attendance_import")
    op.drop_index("uq_substitution_proposed", table_name="substitution", postgresql_where=sa.text("state = 'proposed'"))
    op.drop_table("substitution")
    op.drop_index(
        "ix_calendar_reply_waiting", table_name="calendar_reply", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index("ix_calendar_reply_uid", table_name="calendar_reply")
    op.drop_index("ix_calendar_reply_booking", table_name="calendar_reply")
    op.drop_table("calendar_reply")
    op.drop_index("ix_advance_question_event", table_name="advance_question")
    op.drop_table("advance_question")
    op.drop_index("uq_table_note", table_name="table_note")
    op.drop_table("table_note")
    op.drop_table("seating_plan")
    op.drop_index(op.f("ix_outcome_organisation_id"), table_name="outcome")
    op.drop_index(op.f("ix_outcome_follows"), table_name="outcome")
    op.drop_index("ix_outcome_event", table_name="outcome")
    op.drop_table("outcome")
    op.add_column("subgroup", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("subgroup", "revision", server_default=None)
    _forget_replaced_supporters()
