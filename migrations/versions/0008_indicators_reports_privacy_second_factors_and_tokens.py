"""Indicators, reports and codes; requests, notices, retention and breaches; second factors, devices and tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

POINTING = {
    "person": """
    answer_code.by_person_id api_token.person_id authenticator.person_id breach.made_by device.person_id
    erasure.by_person_id external_identity.person_id factor_try.person_id funder_report.made_by
    indicator_value.recorded_by known_issue.made_by notice.published_by passkey.person_id privacy_request.person_id
    privacy_request.entered_by privacy_request.handler_id privacy_request_step.by_person_id quotation.picked_by
    recovery_code.person_id retention_rule.changed_by
    """,
    "organisation": "identity_provider.organisation_id",
}
"""Columns that may not begin to point to a record which was merged with another."""

LISTS = ("principle", "theme", "method", "level", "skill")
"""The lists of words as they were; ``code`` comes to them."""


def upgrade() -> None:
    op.create_table(
        "processing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("transfers", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("safeguards", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processing")),
        sa.UniqueConstraint("code", name=op.f("uq_processing_code")),
        sa.UniqueConstraint("name", name=op.f("uq_processing_name")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("failed", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )
    op.create_index("ix_retention_run_at", "retention_run", ["at"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_api_token_for_something")),
        sa.CheckConstraint("made_at < expires_at", name=op.f("ck_api_token_expires_later")),
        sa.CheckConstraint(
            "expires_at <= made_at + interval '366 days'", name=op.f("ck_api_token_expires_within_a_year")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_api_token_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_token_public_id")),
    )
    op.create_index("ix_api_token_person", "api_token", ["person_id", "id"], unique=False)
    op.create_index(op.f("ix_api_token_programme_id"), "api_token", ["programme_id"], unique=False)
    op.create_table(
        "authenticator",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_authenticator_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator")),
        sa.UniqueConstraint("public_id", name=op.f("uq_authenticator_public_id")),
    )
    op.create_index("ix_authenticator_person", "authenticator", ["person_id", "id"], unique=False)
    op.create_table(
        "breach",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=True),
        sa.Column(
            "risk",
            sa.Enum(
                "unlikely",
                "risk",
                "high",
                name="breachrisk_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("why_risk", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why_not_reported", sa.Text(), nullable=False),
        sa.Column("people_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why_not_told", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_breach_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
        sa.UniqueConstraint("public_id", name=op.f("uq_breach_public_id")),
    )
    op.create_index("ix_breach_noticed", "breach", ["noticed_at", "id"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("challenge_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_device_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("public_id", name=op.f("uq_device_public_id")),
    )
    op.create_index(
        "ix_device_person", "device", ["person_id", "id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_device_seen", "device", ["seen_at"], unique=False)
    op.create_table(
        "factor_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_factor_try_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_try")),
    )
    op.create_index("ix_factor_try_at", "factor_try", ["at"], unique=False)
    op.create_index("ix_factor_try_person", "factor_try", ["person_id", "at"], unique=False)
    op.create_table(
        "funder_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_funder_report_made_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_funder_report_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funder_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_funder_report_public_id")),
    )
    op.create_index("ix_funder_report_programme", "funder_report", ["programme_id", "id"], unique=False)
    op.create_table(
        "identity_provider",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=False),
        sa.Column("counts_as_second", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "issuer LIKE 'https://%%' OR issuer LIKE 'http://%%'", name=op.f("ck_identity_provider_issuer_is_address")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_identity_provider_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_provider")),
        sa.UniqueConstraint("public_id", name=op.f("uq_identity_provider_public_id")),
    )
    op.create_index(
        op.f("ix_identity_provider_organisation_id"), "identity_provider", ["organisation_id"], unique=False
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "count",
                "percent",
                "median",
                "mean",
                "hours",
                name="unit_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("question", sa.SmallInteger(), nullable=True),
        sa.Column("baseline", sa.Numeric(), nullable=True),
        sa.Column("baseline_on", sa.Date(), nullable=True),
        sa.Column("target", sa.Numeric(), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_indicator_code_is_words")),
        sa.CheckConstraint(
            "(baseline IS NULL) = (baseline_on IS NULL)", name=op.f("ck_indicator_baseline_has_its_day")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_indicator_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_indicator_programme_id_code")),
    )
    op.create_table(
        "kept_figures",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_kept_figures_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "name", name=op.f("pk_kept_figures")),
    )
    op.create_table(
        "known_issue",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "non-compliance",
                "disproportionate burden",
                "out of scope",
                name="exemption_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("instead", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("mended_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "mended_on IS NULL OR found_on <= mended_on", name=op.f("ck_known_issue_mended_after_it_was_found")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_known_issue_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_issue")),
    )
    op.create_index("ix_known_issue_found", "known_issue", ["found_on", "id"], unique=False)
    op.create_table(
        "statement_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("tested", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_review")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("place ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_notice_place_is_words")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_notice_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("place", "version", name=op.f("uq_notice_place_version")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkey_public_id")),
    )
    op.create_index("ix_passkey_person", "passkey", ["person_id", "id"], unique=False)
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "correction",
                "erasure",
                "objection",
                "restriction",
                "portability",
                "complaint",
                name="requestkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column(
            "came_by",
            sa.Enum(
                "account",
                "form",
                "email",
                "phone",
                "letter",
                "in person",
                name="requestway_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_from", sa.Text(), nullable=True),
        sa.Column("asked_as", sa.Text(), nullable=True),
        sa.Column("asked_for", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column(
            "stopped_for",
            sa.Enum(
                "clarification",
                "identity",
                name="stoppedfor_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("stopped_days", sa.BigInteger(), nullable=False),
        sa.Column("extended_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "stopped",
                "answered",
                "refused",
                "withdrawn",
                name="requeststate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("handler_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'stopped') = (stopped_on IS NOT NULL)", name=op.f("ck_privacy_request_stopped_on_a_day")
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'stopped')) = (closed_at IS NULL)", name=op.f("ck_privacy_request_closed_once_ended")
        ),
        sa.CheckConstraint(
            "(stopped_on IS NULL) = (stopped_for IS NULL)", name=op.f("ck_privacy_request_stopped_for_a_reason")
        ),
        sa.CheckConstraint("person_id IS NOT NULL OR name IS NOT NULL", name=op.f("ck_privacy_request_from_somebody")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_privacy_request_entered_by")),
        sa.ForeignKeyConstraint(["handler_id"], ["person.id"], name=op.f("fk_privacy_request_handler_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_privacy_request_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_request_public_id")),
    )
    op.create_index(
        "ix_privacy_request_asked_from",
        "privacy_request",
        ["asked_from", "received_at"],
        unique=False,
        postgresql_where=sa.text("asked_from IS NOT NULL"),
    )
    op.create_index(
        "ix_privacy_request_asked_as",
        "privacy_request",
        ["asked_as", "received_at"],
        unique=False,
        postgresql_where=sa.text("asked_as IS NOT NULL"),
    )
    op.create_index(
        "ix_privacy_request_open",
        "privacy_request",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'stopped')"),
    )
    op.create_index(op.f("ix_privacy_request_person_id"), "privacy_request", ["person_id"], unique=False)
    op.create_index("ix_privacy_request_received", "privacy_request", ["received_at", "id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_recovery_code_person", "recovery_code", ["person_id", "digest"], unique=False)
    op.create_table(
        "retention_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("days > 0", name=op.f("ck_retention_rule_days_positive")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_retention_rule_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rule")),
        sa.UniqueConstraint("kind", name=op.f("uq_retention_rule_kind")),
    )
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("effects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_erasure_by_person_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["privacy_request.id"], name=op.f("fk_erasure_request_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_request_id"), "erasure", ["request_id"], unique=False)
    op.create_index(
        "ix_seat_person", "seat", ["person_id"], unique=False, postgresql_where=sa.text("person_id IS NOT NULL")
    )
    op.create_index(
        "ix_outbox_address", "outbox", ["address"], unique=False, postgresql_where=sa.text("address IS NOT NULL")
    )
    op.create_table(
        "external_identity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_external_identity_person_id")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["identity_provider.id"], name=op.f("fk_external_identity_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("provider_id", "subject", name=op.f("uq_external_identity_provider_id_subject")),
    )
    op.create_index("ix_external_identity_person", "external_identity", ["person_id"], unique=False)
    op.create_table(
        "indicator_value",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("indicator_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_indicator_value_indicator_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_indicator_value_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_value")),
        sa.UniqueConstraint("indicator_id", "on_date", name=op.f("uq_indicator_value_indicator_id_on_date")),
    )
    op.create_table(
        "privacy_request_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "what",
            sa.Enum(
                "received",
                "acknowledged",
                "given",
                "stopped",
                "resumed",
                "extended",
                "noted",
                "answered",
                "refused",
                "withdrawn",
                name="stepkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_privacy_request_step_by_person_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["privacy_request.id"], name=op.f("fk_privacy_request_step_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_request_step")),
    )
    op.create_index("ix_privacy_request_step_request", "privacy_request_step", ["request_id", "id"], unique=False)
    op.create_table(
        "answer_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("response_id", sa.BigInteger(), nullable=True),
        sa.Column("anonymous_key", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(response_id, anonymous_key) = 1", name=op.f("ck_answer_code_of_one_answer")),
        sa.ForeignKeyConstraint(
            ["anonymous_key"], ["anonymous_response.key"], name=op.f("fk_answer_code_anonymous_key")
        ),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_answer_code_by_person_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_answer_code_response_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_answer_code_tag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_code")),
        sa.UniqueConstraint(
            "response_id",
            "anonymous_key",
            "item",
            "tag_id",
            name=op.f("uq_answer_code_response_id_anonymous_key_item_tag_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_answer_code_anonymous_key"), "answer_code", ["anonymous_key"], unique=False)
    op.create_index("ix_answer_code_tag", "answer_code", ["tag_id", "id"], unique=False)
    op.create_table(
        "quotation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("response_id", sa.BigInteger(), nullable=True),
        sa.Column("anonymous_key", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("picked_by", sa.BigInteger(), nullable=False),
        sa.Column("picked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(response_id, anonymous_key) = 1", name=op.f("ck_quotation_of_one_answer")),
        sa.ForeignKeyConstraint(["anonymous_key"], ["anonymous_response.key"], name=op.f("fk_quotation_anonymous_key")),
        sa.ForeignKeyConstraint(["picked_by"], ["person.id"], name=op.f("fk_quotation_picked_by")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_quotation_programme_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_quotation_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation")),
        sa.UniqueConstraint(
            "response_id",
            "anonymous_key",
            "item",
            name=op.f("uq_quotation_response_id_anonymous_key_item"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_quotation_anonymous_key"), "quotation", ["anonymous_key"], unique=False)
    op.create_index(op.f("ix_quotation_programme_id"), "quotation", ["programme_id"], unique=False)
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_person_erased_says_nothing"), "person", "erased_at IS NULL OR num_nonnulls(email, phone, needs) = 0"
    )
    _lists(*LISTS, "code")
    for kind, columns in POINTING.items():
        for pointing in columns.split():
            table, column = pointing.split(".")
            op.execute(
                f'CREATE TRIGGER refuse_merged_{column} AFTER INSERT OR UPDATE OF {column} ON "{table}" FOR EACH ROW '
                f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION refuse_merged('{kind}', '{column}')"
            )


def _lists(*words: str) -> None:
    op.drop_constraint(op.f("ck_tag_tagkind_known"), "tag", type_="check")
    op.create_check_constraint(op.f("ck_tag_tagkind_known"), "tag", sa.column("kind").in_(words))


def downgrade() -> None:
    op.drop_constraint(op.f("ck_person_erased_says_nothing"), "person", type_="check")
    op.drop_column("person", "erased_at")
    op.drop_index(op.f("ix_quotation_programme_id"), table_name="quotation")
    op.drop_index(op.f("ix_quotation_anonymous_key"), table_name="quotation")
    op.drop_table("quotation")
    op.drop_index("ix_answer_code_tag", table_name="answer_code")
    op.drop_index(op.f("ix_answer_code_anonymous_key"), table_name="answer_code")
    op.drop_table("answer_code")
    op.drop_index("ix_privacy_request_step_request", table_name="privacy_request_step")
    op.drop_table("privacy_request_step")
    op.drop_table("indicator_value")
    op.drop_table("kept_figures")
    op.drop_index("ix_external_identity_person", table_name="external_identity")
    op.drop_table("external_identity")
    op.drop_index("ix_outbox_address", table_name="outbox", postgresql_where=sa.text("address IS NOT NULL"))
    op.drop_index("ix_seat_person", table_name="seat", postgresql_where=sa.text("person_id IS NOT NULL"))
    op.drop_index(op.f("ix_erasure_request_id"), table_name="erasure")
    op.drop_table("erasure")
    op.drop_table("retention_rule")
    op.drop_index("ix_recovery_code_person", table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_index("ix_privacy_request_received", table_name="privacy_request")
    op.drop_index(op.f("ix_privacy_request_person_id"), table_name="privacy_request")
    op.drop_index(
        "ix_privacy_request_open",
        table_name="privacy_request",
        postgresql_where=sa.text("state IN ('open', 'stopped')"),
    )
    op.drop_index(
        "ix_privacy_request_asked_as",
        table_name="privacy_request",
        postgresql_where=sa.text("asked_as IS NOT NULL"),
    )
    op.drop_index(
        "ix_privacy_request_asked_from",
        table_name="privacy_request",
        postgresql_where=sa.text("asked_from IS NOT NULL"),
    )
    op.drop_table("privacy_request")
    op.drop_index("ix_passkey_person", table_name="passkey")
    op.drop_table("passkey")
    op.drop_table("notice")
    op.drop_table("statement_review")
    op.drop_index("ix_known_issue_found", table_name="known_issue")
    op.drop_table("known_issue")
    op.drop_table("indicator")
    op.drop_index(op.f("ix_identity_provider_organisation_id"), table_name="identity_provider")
    op.drop_table("identity_provider")
    op.drop_index("ix_funder_report_programme", table_name="funder_report")
    op.drop_table("funder_report")
    op.drop_index("ix_factor_try_person", table_name="factor_try")
    op.drop_index("ix_factor_try_at", table_name="factor_try")
    op.drop_table("factor_try")
    op.drop_index("ix_device_seen", table_name="device")
    op.drop_index("ix_device_person", table_name="device", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("device")
    op.drop_index("ix_breach_noticed", table_name="breach")
    op.drop_table("breach")
    op.drop_index("ix_authenticator_person", table_name="authenticator")
    op.drop_table("authenticator")
    op.drop_index(op.f("ix_api_token_programme_id"), table_name="api_token")
    op.drop_index("ix_api_token_person", table_name="api_token")
    op.drop_table("api_token")
    op.drop_index("ix_retention_run_at", table_name="retention_run")
    op.drop_table("retention_run")
    op.drop_table("processing")
    op.execute("DELETE FROM tag WHERE kind = 'code'")
    _lists(*LISTS)
