"""People organisations programmes events and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


# seats_taken follows the live claims. Without a capacity there is no counter, and so no row that everybody waits for;
# when a limit is set later, the counter starts from the claims that are live then.
COUNT_CLAIMS = """
CREATE FUNCTION add_seats(of_event bigint, of_part bigint, more bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF of_part IS NULL THEN
        UPDATE event SET seats_taken = seats_taken + more WHERE id = of_event AND capacity IS NOT NULL;
    ELSE
        UPDATE day_limit SET seats_taken = seats_taken + more
            WHERE id = (SELECT day_limit_id FROM part WHERE id = of_part);
        UPDATE part SET seats_taken = seats_taken + more WHERE id = of_part AND capacity IS NOT NULL;
    END IF;
END $$;

CREATE FUNCTION count_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.released_at IS NULL THEN
        PERFORM add_seats(OLD.event_id, OLD.part_id, -OLD.seats);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.released_at IS NULL THEN
        PERFORM add_seats(NEW.event_id, NEW.part_id, NEW.seats);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER claim_counts AFTER INSERT OR UPDATE OR DELETE ON claim
    FOR EACH ROW EXECUTE FUNCTION count_claims();

CREATE FUNCTION start_counting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.capacity IS NULL THEN
        NEW.seats_taken := 0;
    ELSIF OLD.capacity IS NULL AND TG_TABLE_NAME = 'event' THEN
        NEW.seats_taken := (SELECT coalesce(sum(seats), 0) FROM claim
            WHERE event_id = NEW.id AND part_id IS NULL AND released_at IS NULL);
    ELSIF OLD.capacity IS NULL THEN
        NEW.seats_taken := (SELECT coalesce(sum(seats), 0) FROM claim
            WHERE part_id = NEW.id AND released_at IS NULL);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER event_counts BEFORE UPDATE OF capacity ON event
    FOR EACH ROW EXECUTE FUNCTION start_counting();
CREATE TRIGGER part_counts BEFORE UPDATE OF capacity ON part
    FOR EACH ROW EXECUTE FUNCTION start_counting();

CREATE FUNCTION recount_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE day_limit SET seats_taken = (
        SELECT coalesce(sum(claim.seats), 0) FROM claim JOIN part ON part.id = claim.part_id
        WHERE part.day_limit_id = day_limit.id AND claim.released_at IS NULL
    ) WHERE id IN (OLD.day_limit_id, NEW.day_limit_id);
    RETURN NULL;
END $$;

CREATE TRIGGER part_day_counts AFTER UPDATE OF day_limit_id ON part
    FOR EACH ROW WHEN (OLD.day_limit_id IS DISTINCT FROM NEW.day_limit_id) EXECUTE FUNCTION recount_days();
"""

FORGET_CLAIMS = """
DROP TRIGGER part_day_counts ON part;
DROP TRIGGER part_counts ON part;
DROP TRIGGER event_counts ON event;
DROP TRIGGER claim_counts ON claim;
DROP FUNCTION recount_days();
DROP FUNCTION start_counting();
DROP FUNCTION count_claims();
DROP FUNCTION add_seats(bigint, bigint, bigint);
"""


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "council",
                "town or parish council",
                "political group",
                "partner organisation",
                "health body",
                "other",
                name="organisationkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
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
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("rural", sa.Boolean(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisation_slug")),
    )
    op.create_index(
        "ix_organisation_words",
        "organisation",
        [sa.literal_column("to_tsvector('simple'::regconfig, name)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column(
            "prefers",
            sa.Enum(
                "email", "phone", "post", name="channel_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("needs", sa.LargeBinary(), nullable=True),
        sa.Column("calendar_generation", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_person_public_id")),
    )
    op.create_index("ix_person_name", "person", ["name", "id"], unique=False)
    op.create_index(
        "ix_person_words",
        "person",
        [sa.literal_column("to_tsvector('simple'::regconfig, (name || ' '::text) || COALESCE(email, ''::text))")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("pseudonym_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("slug", name=op.f("uq_programme_slug")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("asked_from", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_in_public_id")),
    )
    op.create_index("ix_sign_in_asked_at", "sign_in", ["asked_at"], unique=False)
    op.create_index("ix_sign_in_asked_from", "sign_in", ["asked_from", "asked_at"], unique=False)
    op.create_index("ix_sign_in_email", "sign_in", ["email", "asked_at"], unique=False)
    op.create_index("uq_sign_in_live", "sign_in", ["email"], unique=True, postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table(
        "account",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account")),
    )
    op.create_table(
        "affiliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "relation",
            sa.Enum(
                "works for",
                "elected to",
                "supported by",
                name="relation_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
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
        sa.Column("role_title", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_affiliation_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_affiliation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
    )
    op.create_index(op.f("ix_affiliation_organisation_id"), "affiliation", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_affiliation_person_id"), "affiliation", ["person_id"], unique=False)
    op.create_index(
        "uq_affiliation_live_primary",
        "affiliation",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("is_primary AND to_on IS NULL"),
    )
    op.create_table(
        "observation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_observation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    op.create_index("ix_observation_subject", "observation", ["kind", "subject_kind", "subject_id"], unique=False)
    op.create_table(
        "organisation_domain",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_domain_organisation_id")
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_organisation_domain")),
    )
    op.create_index(
        op.f("ix_organisation_domain_organisation_id"), "organisation_domain", ["organisation_id"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum("email", "tell", name="outboxchannel_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "class",
            sa.Enum("now", "timely", name="outboxclass_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("useless_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "leased",
                "sent",
                "dead",
                "dropped",
                name="outboxstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.CheckConstraint("num_nonnulls(person_id, address) = 1", name=op.f("ck_outbox_one_recipient")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outbox_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["class", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('pending', 'leased') AND channel = 'email'"),
    )
    op.create_index("ix_outbox_person", "outbox", ["person_id", "id"], unique=False)
    op.create_index("ix_outbox_state", "outbox", ["state", "id"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_series_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    op.create_index(op.f("ix_series_programme_id"), "series", ["programme_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "visit",
                "webinar",
                "summit",
                "cohort",
                "meet-up",
                name="eventkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("getting_there", sa.Text(), nullable=False),
        sa.Column("step_free", sa.Text(), nullable=False),
        sa.Column("bring", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "cancelled",
                name="eventstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum(
                "public",
                "unlisted",
                "invited",
                name="visibility_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "choice",
            sa.Enum("one", "all", "any", name="choice_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("seats_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("party_max", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_event_slug_is_words")),
        sa.CheckConstraint(
            "0 <= seats_taken AND (capacity IS NULL OR seats_taken <= capacity)", name=op.f("ck_event_seats_fit")
        ),
        sa.CheckConstraint("party_max BETWEEN 1 AND 100", name=op.f("ck_event_party_max_sensible")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_event_programme_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_event_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_event_uid")),
    )
    op.create_index("ix_event_programme_kind", "event", ["programme_id", "kind"], unique=False)
    op.create_index("ix_event_series", "event", ["series_id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("party_size", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "live", "cancelled", name="bookingstate_known", native_enum=False, create_constraint=True, length=40
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
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_generation", sa.BigInteger(), nullable=False),
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
        sa.CheckConstraint("party_size > 0", name=op.f("ck_booking_party_of_somebody")),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_booking_by_person_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_booking_event_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_booking_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("public_id", name=op.f("uq_booking_public_id")),
    )
    op.create_index("ix_booking_event", "booking", ["event_id", "id"], unique=False)
    op.create_index("ix_booking_person", "booking", ["person_id", "id"], unique=False)
    op.create_index(
        "uq_booking_one_live_per_person",
        "booking",
        ["event_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "day_limit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("seats_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("0 <= seats_taken AND seats_taken <= capacity", name=op.f("ck_day_limit_seats_fit")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_day_limit_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_limit")),
        sa.UniqueConstraint("event_id", "on_date", name=op.f("uq_day_limit_event_id_on_date")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "admin",
                "facilitator",
                "reviewer",
                "host",
                "evaluator",
                "lead",
                name="role_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("programme_id", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'lead') = (organisation_id IS NOT NULL)", name=op.f("ck_grant_leads_lead_organisations")
        ),
        sa.CheckConstraint(
            "role = 'admin' OR num_nonnulls(programme_id, event_id, organisation_id) = 1",
            name=op.f("ck_grant_scope_unless_admin"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(programme_id, event_id, organisation_id) <= 1", name=op.f("ck_grant_one_scope")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_grant_event_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_grant_granted_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_grant_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grant_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_grant_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    op.create_index(
        "uq_grant_live",
        "grant",
        ["person_id", "role", "programme_id", "event_id", "organisation_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "part",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("day_limit_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("join_url", sa.LargeBinary(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("seats_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned", "cancelled", name="partstate_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 <= seats_taken AND (capacity IS NULL OR seats_taken <= capacity)", name=op.f("ck_part_seats_fit")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_part_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["day_limit_id"], ["day_limit.id"], name=op.f("fk_part_day_limit_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_part_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
        sa.UniqueConstraint("uid", name=op.f("uq_part_uid")),
    )
    op.create_index("ix_part_changed_at", "part", ["changed_at"], unique=False)
    op.create_index("ix_part_event", "part", ["event_id", "starts_at"], unique=False)
    op.create_index("ix_part_starts_at", "part", ["starts_at"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_seat_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_seat_event_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("booking_id", "position", name=op.f("uq_seat_booking_id_position")),
    )
    op.create_index(
        "uq_seat_one_live_per_person",
        "seat",
        ["event_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("live AND person_id IS NOT NULL"),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=True),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("seats > 0", name=op.f("ck_claim_seats_positive")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_claim_booking_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_claim_event_id")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_claim_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index("ix_claim_booking", "claim", ["booking_id"], unique=False)
    op.create_index(
        "ix_claim_part_live", "claim", ["part_id"], unique=False, postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_index(
        "uq_claim_live",
        "claim",
        ["booking_id", "part_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed", "cancelled", name="entrystatus_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_entry_booking_id")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_entry_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("booking_id", "position", name=op.f("uq_entry_booking_id_position")),
        sa.UniqueConstraint("uid", name=op.f("uq_entry_uid")),
    )
    op.create_index(
        "ix_entry_part", "entry", ["part_id"], unique=False, postgresql_where=sa.text("status = 'confirmed'")
    )
    op.create_table(
        "mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
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
            nullable=False,
        ),
        sa.Column("minutes", sa.BigInteger(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "check-in",
                "self-check-in",
                "roster",
                "import",
                name="marksource_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_mark_part_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_mark_recorded_by")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_mark_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
    )
    op.create_index("ix_mark_seat", "mark", ["seat_id"], unique=False)
    op.create_index(
        "uq_mark_current",
        "mark",
        ["part_id", "seat_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.execute(COUNT_CLAIMS)


def downgrade() -> None:
    op.execute(FORGET_CLAIMS)
    op.drop_index("uq_mark_current", table_name="mark", postgresql_where=sa.text("superseded_at IS NULL"))
    op.drop_index("ix_mark_seat", table_name="mark")
    op.drop_table("mark")
    op.drop_index("ix_entry_part", table_name="entry", postgresql_where=sa.text("status = 'confirmed'"))
    op.drop_table("entry")
    op.drop_index(
        "uq_claim_live",
        table_name="claim",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.drop_index("ix_claim_part_live", table_name="claim", postgresql_where=sa.text("released_at IS NULL"))
    op.drop_index("ix_claim_booking", table_name="claim")
    op.drop_table("claim")
    op.drop_index(
        "uq_seat_one_live_per_person", table_name="seat", postgresql_where=sa.text("live AND person_id IS NOT NULL")
    )
    op.drop_table("seat")
    op.drop_index("ix_part_starts_at", table_name="part")
    op.drop_index("ix_part_event", table_name="part")
    op.drop_index("ix_part_changed_at", table_name="part")
    op.drop_table("part")
    op.drop_index(
        "uq_grant_live",
        table_name="grant",
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_table("grant")
    op.drop_table("day_limit")
    op.drop_index("uq_booking_one_live_per_person", table_name="booking", postgresql_where=sa.text("state = 'live'"))
    op.drop_index("ix_booking_person", table_name="booking")
    op.drop_index("ix_booking_event", table_name="booking")
    op.drop_table("booking")
    op.drop_index("ix_event_series", table_name="event")
    op.drop_index("ix_event_programme_kind", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_series_programme_id"), table_name="series")
    op.drop_table("series")
    op.drop_index("ix_outbox_state", table_name="outbox")
    op.drop_index("ix_outbox_person", table_name="outbox")
    op.drop_index(
        "ix_outbox_due",
        table_name="outbox",
        postgresql_where=sa.text("state IN ('pending', 'leased') AND channel = 'email'"),
    )
    op.drop_table("outbox")
    op.drop_index(op.f("ix_organisation_domain_organisation_id"), table_name="organisation_domain")
    op.drop_table("organisation_domain")
    op.drop_index("ix_observation_subject", table_name="observation")
    op.drop_table("observation")
    op.drop_index(
        "uq_affiliation_live_primary",
        table_name="affiliation",
        postgresql_where=sa.text("is_primary AND to_on IS NULL"),
    )
    op.drop_index(op.f("ix_affiliation_person_id"), table_name="affiliation")
    op.drop_index(op.f("ix_affiliation_organisation_id"), table_name="affiliation")
    op.drop_table("affiliation")
    op.drop_table("account")
    op.drop_index("uq_sign_in_live", table_name="sign_in", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index("ix_sign_in_email", table_name="sign_in")
    op.drop_index("ix_sign_in_asked_from", table_name="sign_in")
    op.drop_index("ix_sign_in_asked_at", table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_table("setting")
    op.drop_table("programme")
    op.drop_index("ix_person_words", table_name="person", postgresql_using="gin")
    op.drop_index("ix_person_name", table_name="person")
    op.drop_table("person")
    op.drop_index("ix_organisation_words", table_name="organisation", postgresql_using="gin")
    op.drop_table("organisation")
