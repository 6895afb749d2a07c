"""Webinars summits cohorts surveys and the forum."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_questionnaire_code_is_words")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_questionnaire_code_version")),
    )
    op.create_table(
        "ask",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("questionnaire_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum("event", name="subject_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "wave",
            sa.Enum(
                "pulse",
                "baseline",
                "end",
                "3 months",
                "6 months",
                "12 months",
                name="wave_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ask_person_id")),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_ask_questionnaire_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ask_public_id")),
        sa.UniqueConstraint("subject_kind", "subject_id", "wave", "person_id", "questionnaire_id", name="uq_ask_once"),
    )
    op.create_index("ix_ask_person", "ask", ["person_id", "closes_at"], unique=False)
    op.create_index(op.f("ix_ask_questionnaire_id"), "ask", ["questionnaire_id"], unique=False)
    op.create_index("ix_ask_silent", "ask", ["closes_at"], unique=False, postgresql_where=sa.text("done_on IS NULL"))
    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation_text", sa.Text(), nullable=False),
        sa.Column("needs", sa.LargeBinary(), nullable=True),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_from", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_registration_email_lower_case")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("public_id", name=op.f("uq_registration_public_id")),
    )
    op.create_index("ix_registration_asked_from", "registration", ["asked_from", "asked_at"], unique=False)
    op.create_index("ix_registration_email", "registration", ["email", "asked_at"], unique=False)
    op.create_index("ix_registration_expires_at", "registration", ["expires_at"], unique=False)
    op.create_table(
        "rules_accepted",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rules_accepted_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_rules_accepted_programme_id")),
        sa.PrimaryKeyConstraint("person_id", "programme_id", "version", name=op.f("pk_rules_accepted")),
    )
    op.create_table(
        "response",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("questionnaire_id", sa.BigInteger(), nullable=False),
        sa.Column("ask_id", sa.BigInteger(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "submitted", name="responsestate_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)", name=op.f("ck_response_submitted_at_some_time")
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("fk_response_ask_id")),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_response_questionnaire_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("ask_id", name=op.f("uq_response_ask_id")),
    )
    op.create_index("ix_response_questionnaire", "response", ["questionnaire_id", "state"], unique=False)
    op.create_table(
        "cohort",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("eligibility", sa.Text(), nullable=False),
        sa.Column("involves", sa.Text(), nullable=False),
        sa.Column("selecting", sa.Text(), nullable=False),
        sa.Column("screening", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("questionnaire_id", sa.BigInteger(), nullable=True),
        sa.Column("criteria", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decisions_on", sa.Date(), nullable=True),
        sa.Column("offer_days", sa.BigInteger(), nullable=False),
        sa.Column("half_days_needed", sa.BigInteger(), nullable=True),
        sa.Column("choice_revision", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minimum >= 1", name=op.f("ck_cohort_minimum_of_somebody")),
        sa.CheckConstraint("offer_days BETWEEN 1 AND 60", name=op.f("ck_cohort_offer_days_sensible")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_cohort_event_id")),
        sa.ForeignKeyConstraint(["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_cohort_questionnaire_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_cohort")),
    )
    op.create_table(
        "event_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "recording", "resource", name="linkkind_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_link_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_link")),
    )
    op.create_index("ix_event_link_event", "event_link", ["event_id", "position"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "response",
            sa.Enum(
                "none",
                "yes",
                "no",
                "tentative",
                name="answer_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(response = 'none') = (answered_at IS NULL)", name=op.f("ck_invitation_answered_at_some_time")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_invitation_event_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("event_id", "person_id", name=op.f("uq_invitation_event_id_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
    )
    op.create_index("ix_invitation_event_response", "invitation", ["event_id", "response", "id"], unique=False)
    op.create_index("ix_invitation_person", "invitation", ["person_id"], unique=False)
    op.create_table(
        "speaker",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role_title", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_speaker_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
    )
    op.create_index("ix_speaker_event", "speaker", ["event_id", "position"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("cohort_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "withdrawn",
                name="applicationstate_known",
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
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
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
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_application_withdrawn_at_some_time")
        ),
        sa.CheckConstraint(
            "state <> 'submitted' OR (submitted_at IS NOT NULL AND number IS NOT NULL)",
            name=op.f("ck_application_numbered"),
        ),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_application_by_person_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.event_id"], name=op.f("fk_application_cohort_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_application_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_person_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_application_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("cohort_id", "number", name=op.f("uq_application_cohort_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_application_public_id")),
        sa.UniqueConstraint("response_id", name=op.f("uq_application_response_id")),
    )
    op.create_index("ix_application_cohort_state", "application", ["cohort_id", "state", "id"], unique=False)
    op.create_index(op.f("ix_application_organisation_id"), "application", ["organisation_id"], unique=False)
    op.create_index("ix_application_person", "application", ["person_id", "id"], unique=False)
    op.create_index(
        "uq_application_one_live_per_person",
        "application",
        ["cohort_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "arrangement",
        sa.Column("booking_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("access", sa.LargeBinary(), nullable=True),
        sa.Column("diet", sa.LargeBinary(), nullable=True),
        sa.Column("emergency_contact", sa.LargeBinary(), nullable=True),
        sa.Column("travel", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_arrangement_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_arrangement")),
    )
    op.create_index("ix_arrangement_forget_at", "arrangement", ["forget_at"], unique=False)
    op.create_table(
        "space",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("cohort_id", sa.BigInteger(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_space_slug_is_words")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.event_id"], name=op.f("fk_space_cohort_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_space_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        sa.UniqueConstraint("slug", name=op.f("uq_space_slug")),
    )
    op.create_index("ix_space_programme", "space", ["programme_id", "position"], unique=False)
    op.create_index(
        "uq_space_cohort", "space", ["cohort_id"], unique=True, postgresql_where=sa.text("cohort_id IS NOT NULL")
    )
    op.create_table(
        "conflict",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_conflict_application_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_conflict_reviewer_id")),
        sa.PrimaryKeyConstraint("application_id", "reviewer_id", name=op.f("pk_conflict")),
    )
    op.create_index(op.f("ix_conflict_reviewer_id"), "conflict", ["reviewer_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("application_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "offer",
                "reserve",
                "decline",
                name="decisionoutcome_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reserve_rank", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'reserve') = (reserve_rank IS NOT NULL)", name=op.f("ck_decision_reserves_are_ranked")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_decision_application_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_decision_decided_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_decision")),
    )
    op.create_table(
        "moderation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Numeric(precision=4, scale=2, asdecimal=False), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_moderation_application_id")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_moderation_by_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation")),
    )
    op.create_index("ix_moderation_application", "moderation", ["application_id", "id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("party_size", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "lapsed",
                "withdrawn",
                name="offerstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_offer_ended_unless_open")),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_offer_party_of_somebody")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_offer_application_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_offer_event_id")),
        sa.ForeignKeyConstraint(["offered_by"], ["person.id"], name=op.f("fk_offer_offered_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_offer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offer_public_id")),
    )
    op.create_index("ix_offer_event", "offer", ["event_id", "id"], unique=False)
    op.create_index(
        "ix_offer_expires_at", "offer", ["expires_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("ix_offer_person", "offer", ["person_id", "id"], unique=False)
    op.create_index(
        "uq_offer_open", "offer", ["application_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "submitted", name="reviewstate_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Numeric(precision=4, scale=2, asdecimal=False), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'submitted') = (total IS NOT NULL)", name=op.f("ck_review_submitted_with_a_total")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_review_application_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("application_id", "reviewer_id", name=op.f("uq_review_application_id_reviewer_id")),
    )
    op.create_index("ix_review_reviewer", "review", ["reviewer_id"], unique=False)
    op.create_table(
        "topic",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("posts", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_post_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.BigInteger(), nullable=True),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        sa.CheckConstraint("posts >= 0", name=op.f("ck_topic_posts_counted")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_topic_author_id")),
        sa.ForeignKeyConstraint(["hidden_by"], ["person.id"], name=op.f("fk_topic_hidden_by")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_topic_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
    )
    op.create_index("ix_topic_author", "topic", ["author_id"], unique=False)
    op.create_index("ix_topic_space_last", "topic", ["space_id", "last_post_at", "id"], unique=False)
    op.create_index(
        "ix_topic_words",
        "topic",
        [sa.literal_column("to_tsvector('english'::regconfig, title)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "follow",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("space_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "level",
            sa.Enum("follow", "mute", name="followlevel_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(topic_id, space_id) = 1", name=op.f("ck_follow_of_one_thing")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_follow_space_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_follow_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("person_id", "space_id", name=op.f("uq_follow_person_id_space_id")),
        sa.UniqueConstraint("person_id", "topic_id", name=op.f("uq_follow_person_id_topic_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_follow_public_id")),
    )
    op.create_index(
        "ix_follow_space", "follow", ["space_id"], unique=False, postgresql_where=sa.text("level = 'follow'")
    )
    op.create_index(
        "ix_follow_topic", "follow", ["topic_id"], unique=False, postgresql_where=sa.text("level = 'follow'")
    )
    op.create_table(
        "post",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.BigInteger(), nullable=True),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_post_numbered_from_one")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_post_author_id")),
        sa.ForeignKeyConstraint(["hidden_by"], ["person.id"], name=op.f("fk_post_hidden_by")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_post_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("topic_id", "number", name=op.f("uq_post_topic_id_number")),
    )
    op.create_index("ix_post_author", "post", ["author_id", "id"], unique=False)
    op.create_index(
        "ix_post_words",
        "post",
        [sa.literal_column("to_tsvector('english'::regconfig, body)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "post_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_version_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_version")),
        sa.UniqueConstraint("post_id", "revision", name=op.f("uq_post_version_post_id_revision")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "upheld",
                "dismissed",
                name="reportstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (handled_at IS NULL)", name=op.f("ck_report_handled_at_some_time")),
        sa.ForeignKeyConstraint(["handled_by"], ["person.id"], name=op.f("fk_report_handled_by")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_report_post_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_report_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("post_id", "reporter_id", name=op.f("uq_report_post_id_reporter_id")),
    )
    op.create_index("ix_report_open", "report", ["id"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.add_column("affiliation", sa.Column("organisation_text", sa.Text(), nullable=True))
    op.add_column("claim", sa.Column("offer_id", sa.BigInteger(), nullable=True))
    op.alter_column("claim", "booking_id", existing_type=sa.BIGINT(), nullable=True)
    op.drop_index(
        op.f("uq_claim_live"),
        table_name="claim",
        postgresql_where="(released_at IS NULL)",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "uq_claim_live",
        "claim",
        ["booking_id", "offer_id", "part_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "ix_claim_offer", "claim", ["offer_id"], unique=False, postgresql_where=sa.text("offer_id IS NOT NULL")
    )
    op.create_foreign_key(op.f("fk_claim_offer_id"), "claim", "offer", ["offer_id"], ["id"])
    op.create_check_constraint(op.f("ck_claim_one_holder"), "claim", "num_nonnulls(booking_id, offer_id) = 1")
    op.add_column("event", sa.Column("needs_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("join_opens_minutes", sa.BigInteger(), server_default="60", nullable=False))
    op.create_check_constraint(
        op.f("ck_event_join_opens_within_a_week"), "event", "join_opens_minutes BETWEEN 0 AND 10080"
    )
    op.create_index(
        "ix_event_words",
        "event",
        [sa.literal_column("to_tsvector('english'::regconfig, (title || ' '::text) || summary)")],
        unique=False,
        postgresql_using="gin",
    )
    op.add_column("observation", sa.Column("value", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_observation_person",
        "observation",
        ["person_id", "kind", "subject_id", "value"],
        unique=False,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_observation_person", table_name="observation", postgresql_where=sa.text("person_id IS NOT NULL"))
    op.drop_column("observation", "value")
    op.drop_index("ix_event_words", table_name="event", postgresql_using="gin")
    op.drop_constraint(op.f("ck_event_join_opens_within_a_week"), "event", type_="check")
    op.drop_column("event", "join_opens_minutes")
    op.drop_column("event", "needs_until")
    op.execute("DELETE FROM claim WHERE booking_id IS NULL")  # offers go, and with them the places that they held
    op.drop_constraint(op.f("ck_claim_one_holder"), "claim", type_="check")
    op.drop_constraint(op.f("fk_claim_offer_id"), "claim", type_="foreignkey")
    op.drop_index("ix_claim_offer", table_name="claim", postgresql_where=sa.text("offer_id IS NOT NULL"))
    op.drop_index(
        "uq_claim_live",
        table_name="claim",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        op.f("uq_claim_live"),
        "claim",
        ["booking_id", "part_id"],
        unique=True,
        postgresql_where="(released_at IS NULL)",
        postgresql_nulls_not_distinct=True,
    )
    op.alter_column("claim", "booking_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_column("claim", "offer_id")
    op.drop_column("affiliation", "organisation_text")
    op.drop_index("ix_report_open", table_name="report", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("report")
    op.drop_table("post_version")
    op.drop_index("ix_post_words", table_name="post", postgresql_using="gin")
    op.drop_index("ix_post_author", table_name="post")
    op.drop_table("post")
    op.drop_index("ix_follow_topic", table_name="follow", postgresql_where=sa.text("level = 'follow'"))
    op.drop_index("ix_follow_space", table_name="follow", postgresql_where=sa.text("level = 'follow'"))
    op.drop_table("follow")
    op.drop_index("ix_topic_words", table_name="topic", postgresql_using="gin")
    op.drop_index("ix_topic_space_last", table_name="topic")
    op.drop_index("ix_topic_author", table_name="topic")
    op.drop_table("topic")
    op.drop_index("ix_review_reviewer", table_name="review")
    op.drop_table("review")
    op.drop_index("uq_offer_open", table_name="offer", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_offer_person", table_name="offer")
    op.drop_index("ix_offer_expires_at", table_name="offer", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_offer_event", table_name="offer")
    op.drop_table("offer")
    op.drop_index("ix_moderation_application", table_name="moderation")
    op.drop_table("moderation")
    op.drop_table("decision")
    op.drop_index(op.f("ix_conflict_reviewer_id"), table_name="conflict")
    op.drop_table("conflict")
    op.drop_index("uq_space_cohort", table_name="space", postgresql_where=sa.text("cohort_id IS NOT NULL"))
    op.drop_index("ix_space_programme", table_name="space")
    op.drop_table("space")
    op.drop_index("ix_arrangement_forget_at", table_name="arrangement")
    op.drop_table("arrangement")
    op.drop_index(
        "uq_application_one_live_per_person", table_name="application", postgresql_where=sa.text("state <> 'withdrawn'")
    )
    op.drop_index("ix_application_person", table_name="application")
    op.drop_index(op.f("ix_application_organisation_id"), table_name="application")
    op.drop_index("ix_application_cohort_state", table_name="application")
    op.drop_table("application")
    op.drop_index("ix_speaker_event", table_name="speaker")
    op.drop_table("speaker")
    op.drop_index("ix_invitation_person", table_name="invitation")
    op.drop_index("ix_invitation_event_response", table_name="invitation")
    op.drop_table("invitation")
    op.drop_index("ix_event_link_event", table_name="event_link")
    op.drop_table("event_link")
    op.drop_table("cohort")
    op.drop_index("ix_response_questionnaire", table_name="response")
    op.drop_table("response")
    op.drop_table("rules_accepted")
    op.drop_index("ix_registration_expires_at", table_name="registration")
    op.drop_index("ix_registration_email", table_name="registration")
    op.drop_index("ix_registration_asked_from", table_name="registration")
    op.drop_table("registration")
    op.drop_index("ix_ask_silent", table_name="ask", postgresql_where=sa.text("done_on IS NULL"))
    op.drop_index(op.f("ix_ask_questionnaire_id"), table_name="ask")
    op.drop_index("ix_ask_person", table_name="ask")
    op.drop_table("ask")
    op.drop_table("questionnaire")
