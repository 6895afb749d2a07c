"""Questionnaires in the making, panels, rules, announcements and consents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


POINTING = """
    announcement.made_by consent.noted_by consent.person_id consent.withdrawn_by interest.person_id message_rule.made_by
    questionnaire_draft.saved_by response.entered_by
    """
"""Columns that may not begin to point to a person who was merged with another."""

EARLIER = ("pulse", "baseline", "end", "3 months", "6 months", "12 months")
WAVES = (*EARLIER, "reflection", "30 days", "60 days", "once")


def _allow_waves(waves: tuple[str, ...]) -> None:
    """The check on the waves of asks, anew."""
    op.drop_constraint(op.f("ck_ask_wave_known"), "ask", type_="check")
    op.create_check_constraint(op.f("ck_ask_wave_known"), "ask", sa.column("wave").in_(waves))


def upgrade() -> None:
    _allow_waves(WAVES)
    op.create_index(
        "ix_observation_taken",
        "observation",
        ["at"],
        postgresql_where=sa.text("kind IN ('downloaded', 'resource opened') AND person_id IS NOT NULL"),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "sending",
                "stopped",
                "sent",
                name="announcementstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.BigInteger(), nullable=True),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR send_at IS NOT NULL", name=op.f("ck_announcement_scheduled_for_some_time")
        ),
        sa.CheckConstraint("stage > 0", name=op.f("ck_announcement_stage_positive")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_announcement_made_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_announcement_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_announcement_public_id")),
    )
    op.create_index(op.f("ix_announcement_programme_id"), "announcement", ["programme_id"], unique=False)
    op.create_index(
        "ix_announcement_under_way",
        "announcement",
        ["send_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('scheduled', 'sending')"),
    )
    op.create_table(
        "anonymous_response",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("questionnaire_id", sa.BigInteger(), nullable=False),
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
                "reflection",
                "30 days",
                "60 days",
                "once",
                name="wave_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name=op.f("fk_anonymous_response_questionnaire_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_anonymous_response")),
    )
    op.create_index(
        op.f("ix_anonymous_response_questionnaire_id"), "anonymous_response", ["questionnaire_id"], unique=False
    )
    op.create_index(
        "ix_anonymous_response_subject", "anonymous_response", ["subject_kind", "subject_id", "wave"], unique=False
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "news",
                "photographs",
                "directory",
                "quotes",
                "research",
                name="purpose_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "form", "telephone", "paper", name="how_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("noted_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_consent_noted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["person.id"], name=op.f("fk_consent_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_index(
        "uq_consent_standing",
        "consent",
        ["person_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "interest",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("asked_from", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("address = lower(address)", name=op.f("ck_interest_address_lower_case")),
        sa.CheckConstraint("num_nonnulls(person_id, address) = 1", name=op.f("ck_interest_one_who_asks")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_interest_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_interest_public_id")),
    )
    op.create_index("ix_interest_asked_from", "interest", ["asked_from", "asked_at"], unique=False)
    op.create_index(op.f("ix_interest_person_id"), "interest", ["person_id"], unique=False)
    op.create_index(
        "uq_interest_address",
        "interest",
        ["programme_id", "address"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_interest_person",
        "interest",
        ["programme_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "questionnaire_draft",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "named", "panel", "anonymous", name="mode_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_questionnaire_draft_saved_by")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_questionnaire_draft")),
    )
    op.create_table(
        "message_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "anchor",
            sa.Enum(
                "start", "end", "deadline", name="anchor_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("after", sa.Interval(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "booked",
                "attended",
                "no-show",
                "waiting",
                "accepted",
                "silent",
                "drafting",
                name="ruleaudience_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_message_rule_event_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_message_rule_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_rule")),
    )
    op.create_index(
        "ix_message_rule_active", "message_rule", ["event_id"], unique=False, postgresql_where=sa.text("active")
    )
    op.create_index(op.f("ix_message_rule_event_id"), "message_rule", ["event_id"], unique=False)
    op.add_column(
        "questionnaire",
        sa.Column(
            "mode",
            sa.Enum(
                "named", "panel", "anonymous", name="mode_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
            server_default="named",
        ),
    )
    op.alter_column("questionnaire", "mode", server_default=None)
    op.add_column("response", sa.Column("panel_key", sa.Text(), nullable=True))
    op.add_column(
        "response",
        sa.Column(
            "subject_kind",
            sa.Enum("event", name="subject_known", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
    )
    op.add_column("response", sa.Column("subject_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "response",
        sa.Column(
            "wave",
            sa.Enum(
                "pulse",
                "baseline",
                "end",
                "3 months",
                "6 months",
                "12 months",
                "reflection",
                "30 days",
                "60 days",
                "once",
                name="wave_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column("response", sa.Column("entered_by", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_outbox_announcement",
        "outbox",
        [sa.text("(params ->> 'announcement_id'::text)"), "person_id"],
        unique=False,
        postgresql_where=sa.text("template = 'announcement'"),
    )
    op.create_index(
        "ix_outbox_rule",
        "outbox",
        [sa.text("(params ->> 'rule_id'::text)"), "person_id"],
        unique=False,
        postgresql_where=sa.text("template IN ('event_reminder', 'event_note')"),
    )
    op.create_index(op.f("ix_response_panel_key"), "response", ["panel_key"], unique=False)
    op.create_foreign_key(op.f("fk_response_entered_by"), "response", "person", ["entered_by"], ["id"])
    op.create_check_constraint(op.f("ck_response_person_or_key"), "response", "num_nonnulls(ask_id, panel_key) <= 1")
    op.create_check_constraint(
        op.f("ck_response_key_says_about_what"),
        "response",
        "num_nonnulls(panel_key, subject_kind, subject_id, wave) IN (0, 4)",
    )
    op.create_index(
        "uq_response_of_panel",
        "response",
        ["subject_kind", "subject_id", "wave", "questionnaire_id", "panel_key"],
        unique=True,
        postgresql_where=sa.text("panel_key IS NOT NULL"),
    )
    for pointing in POINTING.split():
        table, column = pointing.split(".")
        op.execute(
            f'CREATE TRIGGER refuse_merged_{column} AFTER INSERT OR UPDATE OF {column} ON "{table}" FOR EACH ROW '
            f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION refuse_merged('person', '{column}')"
        )


def downgrade() -> None:
    op.drop_index("ix_observation_taken", table_name="observation")
    op.execute("DROP TRIGGER refuse_merged_entered_by ON response")
    op.drop_index(
        "ix_outbox_rule",
        table_name="outbox",
        postgresql_where=sa.text("template IN ('event_reminder', 'event_note')"),
    )
    op.drop_index("ix_outbox_announcement", table_name="outbox", postgresql_where=sa.text("template = 'announcement'"))
    op.drop_index("uq_response_of_panel", table_name="response", postgresql_where=sa.text("panel_key IS NOT NULL"))
    op.drop_constraint(op.f("ck_response_key_says_about_what"), "response", type_="check")
    op.drop_constraint(op.f("ck_response_person_or_key"), "response", type_="check")
    op.drop_constraint(op.f("fk_response_entered_by"), "response", type_="foreignkey")
    op.drop_index(op.f("ix_response_panel_key"), table_name="response")
    op.drop_column("response", "entered_by")
    op.drop_column("response", "wave")
    op.drop_column("response", "subject_id")
    op.drop_column("response", "subject_kind")
    op.drop_column("response", "panel_key")
    op.drop_column("questionnaire", "mode")
    op.drop_index(op.f("ix_message_rule_event_id"), table_name="message_rule")
    op.drop_index("ix_message_rule_active", table_name="message_rule", postgresql_where=sa.text("active"))
    op.drop_table("message_rule")
    op.drop_table("questionnaire_draft")
    op.drop_index("uq_interest_person", table_name="interest", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("uq_interest_address", table_name="interest", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_interest_person_id"), table_name="interest")
    op.drop_index("ix_interest_asked_from", table_name="interest")
    op.drop_table("interest")
    op.drop_index("uq_consent_standing", table_name="consent", postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index("ix_anonymous_response_subject", table_name="anonymous_response")
    op.drop_index(op.f("ix_anonymous_response_questionnaire_id"), table_name="anonymous_response")
    op.drop_table("anonymous_response")
    op.drop_index(
        "ix_announcement_under_way",
        table_name="announcement",
        postgresql_where=sa.text("state IN ('scheduled', 'sending')"),
    )
    op.drop_index(op.f("ix_announcement_programme_id"), table_name="announcement")
    op.drop_table("announcement")

    _allow_waves(EARLIER)
