"""Waiting lists visits files tasks merges and the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


REFUSE_MERGED = """
CREATE FUNCTION refuse_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    record_id bigint := (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
BEGIN
    IF TG_ARGV[0] = 'person' AND EXISTS (SELECT FROM person WHERE id = record_id AND merged_into IS NOT NULL)
        OR TG_ARGV[0] = 'organisation'
            AND EXISTS (SELECT FROM organisation WHERE id = record_id AND merged_into IS NOT NULL)
    THEN
        RAISE EXCEPTION '% % was merged with another', TG_ARGV[0], record_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'merged_' || TG_ARGV[0];
    END IF;
    RETURN NULL;
END $$;
"""

POINTING = {
    "person": """
    account.person_id address_change.asked_by address_change.person_id affiliation.person_id
    application.by_person_id application.person_id ask.person_id blackout.added_by booking.by_person_id
    booking.person_id bounce.lifted_by conflict.reviewer_id decision.decided_by event_file.added_by
    follow.person_id grant.granted_by grant.person_id invitation.invited_by invitation.person_id
    mark.recorded_by merge.merged_by merge.undone_by moderation.by_person_id observation.person_id
    offer.offered_by offer.person_id outbox.person_id post.author_id post.hidden_by preference.person_id
    registration.person_id report.handled_by report.reporter_id review.reviewer_id rules_accepted.person_id
    seat.person_id slot_host.asked_by slot_host.person_id task.person_id topic.author_id topic.hidden_by
    waiting.by_person_id waiting.person_id
    """,
    "organisation": """
    affiliation.organisation_id application.organisation_id booking.organisation_id grant.organisation_id
    organisation_domain.organisation_id organisation_succession.predecessor_id
    organisation_succession.successor_id waiting.organisation_id
    """,
}
"""Columns that may not begin to point to a record which was merged with another. The triggers' names come after those
of the foreign keys, whose check waits for a merge under way."""

NAME_KEY = "regexp_replace(lower(name), '[[:space:][:punct:]’]+'::text, ''::text, 'g'::text)"
ADDRESS_KEY = "regexp_replace(split_part(email, '@'::text, 1), '[^a-z]+'::text, ''::text, 'g'::text)"
PHONE_KEY = "regexp_replace(regexp_replace(phone, '[^0-9]+'::text, ''::text, 'g'::text), '^(00)?44'::text, '0'::text)"


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_file_sha256_in_hexadecimal")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_file_size_not_negative")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file")),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("every_seconds", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("runs", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )
    op.create_table(
        "address_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_address_change_email_lower_case")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_address_change_asked_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_address_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_address_change_public_id")),
    )
    op.create_index("ix_address_change_person", "address_change", ["person_id", "id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=True),
        sa.Column("about_person_id", sa.BigInteger(), nullable=True),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["about_person_id"], ["person.id"], name=op.f("fk_audit_about_person_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_audit_actor_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_audit_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_about", "audit", ["about_person_id", "id"], unique=False)
    op.create_index("ix_audit_actor", "audit", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False, postgresql_using="brin")
    op.create_index(
        "ix_audit_programme",
        "audit",
        ["programme_id", "id"],
        unique=False,
        postgresql_where=sa.text("programme_id IS NOT NULL"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject_id", "id"], unique=False)
    op.create_index("ix_observation_kind", "observation", ["kind", "id"], unique=False)
    op.create_table(
        "file_content",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_file_content_sha256")),
        sa.PrimaryKeyConstraint("sha256", "position", name=op.f("pk_file_content")),
    )
    op.create_table(
        "merge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "person", "organisation", name="mergekind_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_merge_two_records")),
        sa.ForeignKeyConstraint(["merged_by"], ["person.id"], name=op.f("fk_merge_merged_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name=op.f("fk_merge_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_gone", "merge", ["kind", "gone_id"], unique=False)
    op.create_index("ix_merge_kept", "merge", ["kind", "kept_id"], unique=False)
    op.create_table(
        "organisation_succession",
        sa.Column("predecessor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("successor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("moves_domains", sa.Boolean(), nullable=False),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("predecessor_id <> successor_id", name=op.f("ck_organisation_succession_not_of_itself")),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["organisation.id"], name=op.f("fk_organisation_succession_predecessor_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["organisation.id"], name=op.f("fk_organisation_succession_successor_id")
        ),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name=op.f("pk_organisation_succession")),
    )
    op.create_index("ix_organisation_succession_successor", "organisation_succession", ["successor_id"], unique=False)
    op.create_index(
        "ix_organisation_succession_due",
        "organisation_succession",
        ["on_date"],
        unique=False,
        postgresql_where=sa.text("carried_out_at IS NULL"),
    )
    op.create_table(
        "person_key",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_key_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_key")),
    )
    op.create_table(
        "preference",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_preference")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "stopped",
                name="taskstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("0 <= done AND (total IS NULL OR done <= total)", name=op.f("ck_task_done_within_total")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_person_id")),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_task_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("public_id", name=op.f("uq_task_public_id")),
    )
    op.create_index(
        "ix_task_open", "task", ["id"], unique=False, postgresql_where=sa.text("state IN ('queued', 'running')")
    )
    op.create_index("ix_task_person", "task", ["person_id", "id"], unique=False)
    op.create_index(op.f("ix_task_sha256"), "task", ["sha256"], unique=False)
    op.create_table(
        "bounce",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("diagnostic", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("address = lower(address)", name=op.f("ck_bounce_address_lower_case")),
        sa.ForeignKeyConstraint(["lifted_by"], ["person.id"], name=op.f("fk_bounce_lifted_by")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_bounce_outbox_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce")),
        sa.UniqueConstraint("report_id", name=op.f("uq_bounce_report_id")),
    )
    op.create_index(op.f("ix_bounce_outbox_id"), "bounce", ["outbox_id"], unique=False)
    op.create_index(
        "ix_bounce_standing",
        "bounce",
        ["address"],
        unique=False,
        postgresql_where=sa.text("hard AND lifted_at IS NULL"),
    )
    op.create_table(
        "blackout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_blackout_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_blackout_added_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_blackout_event_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_blackout_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blackout")),
    )
    op.create_index("ix_blackout_programme", "blackout", ["programme_id", "last_on"], unique=False)
    op.create_table(
        "event_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_event_file_added_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_file_event_id")),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_event_file_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_file")),
        sa.UniqueConstraint("event_id", "sha256", name=op.f("uq_event_file_event_id_sha256")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_file_public_id")),
    )
    op.create_index("ix_event_file_event", "event_file", ["event_id", "position"], unique=False)
    op.create_index(op.f("ix_event_file_sha256"), "event_file", ["sha256"], unique=False)
    op.create_table(
        "waiting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("party_size", sa.BigInteger(), nullable=False),
        sa.Column("split_ok", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "offered",
                "booked",
                "left",
                "lapsed",
                name="waitingstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "self",
                "staff",
                "invitation",
                "offer",
                "walk-in",
                "import",
                name="bookingsource_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "sector",
            sa.Enum(
                "resident",
                "council officer",
                "councillor",
                "VCSE",
                "health",
                "other public service",
                "business",
                name="sector_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "membership",
            sa.Enum(
                "full",
                "associate",
                "affiliate",
                "supporter",
                name="membership_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("newer_member", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('waiting', 'offered')) = (ended_at IS NULL)", name=op.f("ck_waiting_ended_unless_live")
        ),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_waiting_party_of_somebody")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_waiting_by_person_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_waiting_event_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_waiting_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_waiting_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
        sa.UniqueConstraint("public_id", name=op.f("uq_waiting_public_id")),
    )
    op.create_index("ix_waiting_event", "waiting", ["event_id", "id"], unique=False)
    op.create_index("ix_waiting_person", "waiting", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_waiting_queue", "waiting", ["event_id", "id"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index(
        "uq_waiting_one_live_per_person",
        "waiting",
        ["event_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_table(
        "slot_host",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_slot_host_asked_by")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_slot_host_part_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slot_host_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_host")),
        sa.UniqueConstraint("part_id", "person_id", name=op.f("uq_slot_host_part_id_person_id")),
    )
    op.create_index("ix_slot_host_person", "slot_host", ["person_id"], unique=False)
    op.create_table(
        "waiting_part",
        sa.Column("waiting_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_waiting_part_part_id")),
        sa.ForeignKeyConstraint(["waiting_id"], ["waiting.id"], name=op.f("fk_waiting_part_waiting_id")),
        sa.PrimaryKeyConstraint("waiting_id", "part_id", name=op.f("pk_waiting_part")),
    )
    op.create_index("ix_waiting_part_part", "waiting_part", ["part_id"], unique=False)
    op.add_column("event", sa.Column("map_url", sa.Text(), server_default="", nullable=False))
    op.add_column("event", sa.Column("parking", sa.Text(), server_default="", nullable=False))
    op.add_column("event", sa.Column("safety", sa.Text(), server_default="", nullable=False))
    op.add_column("event", sa.Column("contact", sa.Text(), server_default="", nullable=False))
    op.add_column("event", sa.Column("host_notes", sa.Text(), server_default="", nullable=False))
    op.add_column("event", sa.Column("online_event_id", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("instead_event_id", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("per_organisation", sa.BigInteger(), nullable=True))
    op.add_column("event", sa.Column("fair_share_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "event",
        sa.Column(
            "queue",
            sa.Enum("none", "strict", "fit", name="queue_known", native_enum=False, create_constraint=True, length=40),
            server_default="strict",
            nullable=False,
        ),
    )
    op.add_column("event", sa.Column("offer_hours", sa.BigInteger(), server_default="10", nullable=False))
    op.create_foreign_key(op.f("fk_event_online_event_id"), "event", "event", ["online_event_id"], ["id"])
    op.create_foreign_key(op.f("fk_event_instead_event_id"), "event", "event", ["instead_event_id"], ["id"])
    op.add_column("offer", sa.Column("waiting_id", sa.BigInteger(), nullable=True))
    op.alter_column("offer", "application_id", existing_type=sa.BIGINT(), nullable=True)
    op.alter_column("offer", "expires_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=True)
    op.create_index(
        "uq_offer_open_waiting", "offer", ["waiting_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_foreign_key(op.f("fk_offer_waiting_id"), "offer", "waiting", ["waiting_id"], ["id"])
    op.add_column("organisation", sa.Column("code", sa.Text(), nullable=True))
    op.add_column("organisation", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("organisation", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_organisation_merged_into"), "organisation", ["merged_into"], unique=False)
    op.create_foreign_key(op.f("fk_organisation_merged_into"), "organisation", "organisation", ["merged_into"], ["id"])
    op.create_index(
        "ix_outbox_routine_sent",
        "outbox",
        ["person_id", "sent_at"],
        unique=False,
        postgresql_where=sa.text("class = 'routine' AND state = 'sent'"),
    )
    op.add_column("person", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_person_merged_into"), "person", ["merged_into"], unique=False)
    op.create_foreign_key(op.f("fk_person_merged_into"), "person", "person", ["merged_into"], ["id"])
    op.execute("UPDATE event SET queue = 'none' WHERE kind = 'cohort'")
    op.create_check_constraint("courses_have_no_queue", "event", "kind <> 'cohort' OR queue = 'none'")
    op.create_check_constraint("share_of_somebody", "event", "per_organisation > 0")
    op.create_check_constraint("offer_hours_sensible", "event", "offer_hours BETWEEN 1 AND 100")
    op.create_check_constraint("one_origin", "offer", "num_nonnulls(application_id, waiting_id) = 1")
    op.drop_constraint("outboxclass_known", "outbox", type_="check")
    op.create_check_constraint("outboxclass_known", "outbox", "class IN ('now', 'timely', 'routine')")
    op.create_index("ix_person_name_key", "person", [sa.text(NAME_KEY)], unique=False)
    op.create_index("ix_person_address_key", "person", [sa.text(ADDRESS_KEY)], unique=False)
    op.create_index("ix_person_phone_key", "person", [sa.text(PHONE_KEY)], unique=False)
    op.execute(REFUSE_MERGED)
    for target, columns in POINTING.items():
        for table, _, column in (name.partition(".") for name in columns.split()):
            op.execute(
                f'CREATE TRIGGER refuse_merged_{column} AFTER INSERT OR UPDATE OF {column} ON "{table}" FOR EACH ROW '
                f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION refuse_merged('{target}', '{column}')"
            )


def downgrade() -> None:
    for columns in POINTING.values():
        for table, _, column in (name.partition(".") for name in columns.split()):
            op.execute(f'DROP TRIGGER refuse_merged_{column} ON "{table}"')
    op.execute("DROP FUNCTION refuse_merged()")
    op.drop_index("ix_person_phone_key", table_name="person")
    op.drop_index("ix_person_address_key", table_name="person")
    op.drop_index("ix_person_name_key", table_name="person")
    op.execute("UPDATE outbox SET class = 'timely' WHERE class = 'routine'")
    op.drop_constraint("outboxclass_known", "outbox", type_="check")
    op.create_check_constraint("outboxclass_known", "outbox", "class IN ('now', 'timely')")
    op.execute("DELETE FROM claim USING offer WHERE offer.id = claim.offer_id AND offer.waiting_id IS NOT NULL")
    op.execute("DELETE FROM offer WHERE waiting_id IS NOT NULL")
    op.drop_constraint("one_origin", "offer", type_="check")
    op.drop_constraint("offer_hours_sensible", "event", type_="check")
    op.drop_constraint("share_of_somebody", "event", type_="check")
    op.drop_constraint("courses_have_no_queue", "event", type_="check")
    op.drop_constraint(op.f("fk_person_merged_into"), "person", type_="foreignkey")
    op.drop_index(op.f("ix_person_merged_into"), table_name="person")
    op.drop_column("person", "merged_into")
    op.drop_index(
        "ix_outbox_routine_sent", table_name="outbox", postgresql_where=sa.text("class = 'routine' AND state = 'sent'")
    )
    op.drop_constraint(op.f("fk_organisation_merged_into"), "organisation", type_="foreignkey")
    op.drop_index(op.f("ix_organisation_merged_into"), table_name="organisation")
    op.drop_column("organisation", "merged_into")
    op.drop_column("organisation", "ended_on")
    op.drop_column("organisation", "code")
    op.drop_constraint(op.f("fk_offer_waiting_id"), "offer", type_="foreignkey")
    op.drop_index("uq_offer_open_waiting", table_name="offer", postgresql_where=sa.text("state = 'open'"))
    op.alter_column("offer", "expires_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=False)
    op.alter_column("offer", "application_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_column("offer", "waiting_id")
    op.drop_constraint(op.f("fk_event_instead_event_id"), "event", type_="foreignkey")
    op.drop_constraint(op.f("fk_event_online_event_id"), "event", type_="foreignkey")
    op.drop_column("event", "offer_hours")
    op.drop_column("event", "queue")
    op.drop_column("event", "fair_share_until")
    op.drop_column("event", "per_organisation")
    op.drop_column("event", "instead_event_id")
    op.drop_column("event", "online_event_id")
    op.drop_column("event", "host_notes")
    op.drop_column("event", "contact")
    op.drop_column("event", "safety")
    op.drop_column("event", "parking")
    op.drop_column("event", "map_url")
    op.drop_index("ix_waiting_part_part", table_name="waiting_part")
    op.drop_table("waiting_part")
    op.drop_index("ix_slot_host_person", table_name="slot_host")
    op.drop_table("slot_host")
    op.drop_index(
        "uq_waiting_one_live_per_person",
        table_name="waiting",
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.drop_index("ix_waiting_queue", table_name="waiting", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index("ix_waiting_person", table_name="waiting")
    op.drop_index("ix_waiting_event", table_name="waiting")
    op.drop_table("waiting")
    op.drop_index(op.f("ix_event_file_sha256"), table_name="event_file")
    op.drop_index("ix_event_file_event", table_name="event_file")
    op.drop_table("event_file")
    op.drop_index("ix_blackout_programme", table_name="blackout")
    op.drop_table("blackout")
    op.drop_index("ix_bounce_standing", table_name="bounce", postgresql_where=sa.text("hard AND lifted_at IS NULL"))
    op.drop_index(op.f("ix_bounce_outbox_id"), table_name="bounce")
    op.drop_table("bounce")
    op.drop_index(op.f("ix_task_sha256"), table_name="task")
    op.drop_index("ix_task_person", table_name="task")
    op.drop_index("ix_task_open", table_name="task", postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.drop_table("task")
    op.drop_table("preference")
    op.drop_table("person_key")
    op.drop_index(
        "ix_organisation_succession_due",
        table_name="organisation_succession",
        postgresql_where=sa.text("carried_out_at IS NULL"),
    )
    op.drop_index("ix_organisation_succession_successor", table_name="organisation_succession")
    op.drop_table("organisation_succession")
    op.drop_index("ix_merge_kept", table_name="merge")
    op.drop_index("ix_merge_gone", table_name="merge")
    op.drop_table("merge")
    op.drop_table("file_content")
    op.drop_index("ix_observation_kind", table_name="observation")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_programme", table_name="audit", postgresql_where=sa.text("programme_id IS NOT NULL"))
    op.drop_index("ix_audit_actor", table_name="audit")
    op.drop_index("ix_audit_at", table_name="audit", postgresql_using="brin")
    op.drop_index("ix_audit_about", table_name="audit")
    op.drop_table("audit")
    op.drop_index("ix_address_change_person", table_name="address_change")
    op.drop_table("address_change")
    op.drop_table("job_run")
    op.drop_table("file")
