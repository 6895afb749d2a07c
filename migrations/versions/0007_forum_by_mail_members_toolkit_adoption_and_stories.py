"""The practice forum by e-mail, in order and with members; the toolkit and its use; adoption and stories."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


SEARCHED = """
CREATE FUNCTION search_words(of_topic bigint, body text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('english', body) || array_to_tsvector(ARRAY['space=' || space_id]) FROM topic WHERE id = of_topic
$$;
CREATE FUNCTION note_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.words := search_words(NEW.topic_id, NEW.body);
    RETURN NEW;
END $$;
CREATE TRIGGER post_words BEFORE INSERT OR UPDATE OF topic_id, body ON post
    FOR EACH ROW EXECUTE FUNCTION note_words();

CREATE FUNCTION move_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE post SET words = search_words(NEW.id, body) WHERE topic_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER topic_words AFTER UPDATE OF space_id ON topic
    FOR EACH ROW WHEN (OLD.space_id <> NEW.space_id) EXECUTE FUNCTION move_words();
"""

NOT_SEARCHED = """
DROP TRIGGER topic_words ON topic;
DROP TRIGGER post_words ON post;
DROP FUNCTION move_words();
DROP FUNCTION note_words();
DROP FUNCTION search_words(bigint, text);
"""

STORY_WORDS = (
    "to_tsvector('english'::regconfig, (((((((((title || ' '::text) || activity) || ' '::text) || insight) || ' '::text)"
    " || application) || ' '::text) || result) || ' '::text) || change)"
)

POINTING = {
    "person": """
    forum_act.by_id forum_answer.person_id forum_mail.person_id mention.person_id profile.person_id profile_tag.person_id
    proposal.decided_by reaction.person_id relay.from_person_id relay.handled_by relay.to_person_id resource.owner_id
    resource_taken.person_id resource_use.person_id resource_version.published_by self_rating.by_person_id
    space_seen.person_id story.hidden_by story.person_id usefulness.person_id
    """,
    "organisation": """
    observation.organisation_id resource.organisation_id resource_use.organisation_id self_rating.organisation_id
    story.organisation_id
    """,
}
"""Columns that may not begin to point to a record which was merged with another."""

FOLLOWERS_CHOSE = """
INSERT INTO forum_mail (person_id, pace, chosen_at, told_until, generation)
SELECT follow.person_id, 'daily', max(follow.since), (SELECT max(made_at) FROM post), 0
FROM follow
WHERE follow.level = 'follow' AND (
    follow.space_id IS NOT NULL
    OR NOT EXISTS (SELECT FROM post WHERE post.topic_id = follow.topic_id AND post.author_id = follow.person_id)
)
GROUP BY follow.person_id
"""
"""Whoever pressed a button to be mailed chose it, once a day as it was; whoever only wrote is asked. What stands there
by now was in letters of the time before."""

KEPT_IN_ORDER = """
INSERT INTO forum_act (space_id, topic_id, post_id, what, why, by_id, at)
SELECT topic.space_id, topic.id, post.id, 'post hidden', post.hidden_why, post.hidden_by, post.hidden_at
FROM post JOIN topic ON topic.id = post.topic_id WHERE post.hidden_at IS NOT NULL
UNION ALL
SELECT space_id, id, NULL, 'topic hidden', hidden_why, hidden_by, hidden_at FROM topic WHERE hidden_at IS NOT NULL
UNION ALL
SELECT space_id, id, NULL, 'topic locked', '', NULL, locked_at FROM topic WHERE locked_at IS NOT NULL
"""
"""What stood in the log goes on to stand there."""

STOPPED_NEW_TOPICS = "DELETE FROM follow WHERE space_id IS NOT NULL AND level = 'mute'"
"""It meant new topics alone, and means all of a space from now on."""

DEFAULTS = (
    ("post", "source"),
    ("post", "helped"),
    ("post", "me_too"),
    ("space", "audience"),
    ("topic", "kind"),
    ("topic", "starter"),
)

SECTORS = "'resident', 'council officer', 'councillor', 'VCSE', 'health', 'other public service', 'business'"
CHECKS = (
    ("observation", "sector_known", f"sector IN ({SECTORS})"),
    ("resource_use", "sector_known", f"sector IN ({SECTORS})"),
    ("post", "postsource_known", "source IN ('web', 'e-mail')"),
    ("post", "reactions_counted", "helped >= 0 AND me_too >= 0"),
    ("space", "audience_known", "audience IN ('alumni', 'members', 'facilitators')"),
    ("space", "course_has_alumni", "cohort_id IS NULL OR audience = 'alumni'"),
    ("topic", "answered_by_a_post", "answer_number >= 1"),
    ("topic", "merged_into_another", "merged_into <> id"),
    ("topic", "topickind_known", "kind IN ('talk', 'question', 'proposal', 'offer', 'ask')"),
)


def upgrade() -> None:
    op.create_table(
        "recent_look",
        sa.Column("visitor", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("visitor", "kind", "subject_id", name=op.f("pk_recent_look")),
    )
    op.create_index("ix_recent_look_at", "recent_look", ["at"], unique=False)
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "principle",
                "theme",
                "method",
                "level",
                "skill",
                name="tagkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_tag_slug_is_words")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_tag_kind_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_tag_slug")),
    )
    op.create_index("ix_tag_kind", "tag", ["kind", "position", "id"], unique=False)
    op.create_table(
        "collection",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_collection_slug_is_words")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_collection_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("slug", name=op.f("uq_collection_slug")),
    )
    op.create_index(op.f("ix_collection_programme_id"), "collection", ["programme_id"], unique=False)
    op.create_table(
        "forum_mail",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "pace",
            sa.Enum(
                "each",
                "daily",
                "weekly",
                "never",
                name="pace_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_forum_mail_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_forum_mail")),
    )
    op.create_index("ix_forum_mail_pace", "forum_mail", ["pace", "person_id"], unique=False)
    op.create_table(
        "forum_month",
        sa.Column("programme_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_forum_month_programme_id")),
        sa.PrimaryKeyConstraint("programme_id", "month", name=op.f("pk_forum_month")),
    )
    op.create_table(
        "profile",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("shows_organisation", sa.Boolean(), nullable=False),
        sa.Column("shows_role", sa.Boolean(), nullable=False),
        sa.Column("takes_letters", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_profile_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "profile_tag",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "leaning",
            sa.Enum("offers", "seeks", name="leaning_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_profile_tag_person_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_profile_tag_tag_id")),
        sa.PrimaryKeyConstraint("person_id", "tag_id", "leaning", name=op.f("pk_profile_tag")),
    )
    op.create_index(op.f("ix_profile_tag_tag_id"), "profile_tag", ["tag_id"], unique=False)
    op.create_table(
        "relay",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("from_person_id", sa.BigInteger(), nullable=False),
        sa.Column("to_person_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("answers", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_why", sa.LargeBinary(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(reported_at IS NULL) = (reported_why IS NULL)", name=op.f("ck_relay_reported_for_a_reason")
        ),
        sa.CheckConstraint(
            "handled_at IS NULL OR reported_at IS NOT NULL", name=op.f("ck_relay_handled_when_reported")
        ),
        sa.ForeignKeyConstraint(["handled_by"], ["person.id"], name=op.f("fk_relay_handled_by")),
        sa.ForeignKeyConstraint(["answers"], ["relay.id"], name=op.f("fk_relay_answers"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_relay_from_person_id")),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_relay_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
        sa.UniqueConstraint("public_id", name=op.f("uq_relay_public_id")),
    )
    op.create_index(op.f("ix_relay_answers"), "relay", ["answers"], unique=False)
    op.create_index("ix_relay_from", "relay", ["from_person_id", "sent_at"], unique=False)
    op.create_index("ix_relay_to", "relay", ["to_person_id", "id"], unique=False)
    op.create_index("ix_relay_sent", "relay", ["sent_at"], unique=False)
    op.create_index(
        "ix_relay_reported",
        "relay",
        ["id"],
        unique=False,
        postgresql_where=sa.text("reported_at IS NOT NULL AND handled_at IS NULL"),
    )
    op.create_table(
        "self_rating",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "wave",
            sa.Enum(
                "baseline", "follow-up", name="ratingwave_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["person.id"], name=op.f("fk_self_rating_by_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_self_rating_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_self_rating_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_rating")),
        sa.UniqueConstraint(
            "organisation_id", "programme_id", "wave", name=op.f("uq_self_rating_organisation_id_programme_id_wave")
        ),
    )
    op.create_index(op.f("ix_self_rating_programme_id"), "self_rating", ["programme_id"], unique=False)
    op.create_table(
        "story",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("insight", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column(
            "consent",
            sa.Enum(
                "private",
                "network",
                "public",
                name="storyconsent_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.BigInteger(), nullable=True),
        sa.Column("hidden_why", sa.Text(), nullable=False),
        sa.CheckConstraint("told_at IS NOT NULL OR consent = 'private'", name=op.f("ck_story_told_before_shown")),
        sa.ForeignKeyConstraint(["hidden_by"], ["person.id"], name=op.f("fk_story_hidden_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_story_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_story_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_story_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
        sa.UniqueConstraint("public_id", name=op.f("uq_story_public_id")),
    )
    op.create_index(op.f("ix_story_organisation_id"), "story", ["organisation_id"], unique=False)
    op.create_index("ix_story_person", "story", ["person_id", "id"], unique=False)
    op.create_index("ix_story_words", "story", [sa.literal_column(STORY_WORDS)], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_story_told",
        "story",
        ["programme_id", "told_at", "id"],
        unique=False,
        postgresql_where=sa.text("told_at IS NOT NULL"),
    )
    op.create_table(
        "resource",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "guide",
                "tool",
                "template",
                "recording",
                "case study",
                "report",
                name="itemkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "public",
                "members",
                "cohort",
                name="resourceaudience_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cohort_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="resourcestate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(audience = 'cohort') = (cohort_id IS NOT NULL)", name=op.f("ck_resource_course_of_its_audience")
        ),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_resource_slug_is_words")),
        sa.CheckConstraint("state = 'draft' OR version >= 1", name=op.f("ck_resource_published_in_a_version")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.event_id"], name=op.f("fk_resource_cohort_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_resource_event_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_resource_organisation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_resource_owner_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_resource_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("slug", name=op.f("uq_resource_slug")),
    )
    op.create_index(op.f("ix_resource_cohort_id"), "resource", ["cohort_id"], unique=False)
    op.create_index(op.f("ix_resource_event_id"), "resource", ["event_id"], unique=False)
    op.create_index(op.f("ix_resource_organisation_id"), "resource", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_resource_owner_id"), "resource", ["owner_id"], unique=False)
    op.create_index("ix_resource_programme", "resource", ["programme_id", "state", "title"], unique=False)
    op.create_index(
        "ix_resource_published",
        "resource",
        ["published_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index(
        "ix_resource_words",
        "resource",
        [
            sa.literal_column(
                "to_tsvector('english'::regconfig, (((((title || ' '::text) || summary) || ' '::text) || place) "
                "|| ' '::text) || result)"
            )
        ],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "collection_resource",
        sa.Column("collection_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("fk_collection_resource_collection_id")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_collection_resource_resource_id")),
        sa.PrimaryKeyConstraint("collection_id", "resource_id", name=op.f("pk_collection_resource")),
    )
    op.create_index(op.f("ix_collection_resource_resource_id"), "collection_resource", ["resource_id"], unique=False)
    op.create_table(
        "resource_tag",
        sa.Column("resource_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_tag_resource_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_resource_tag_tag_id")),
        sa.PrimaryKeyConstraint("resource_id", "tag_id", name=op.f("pk_resource_tag")),
    )
    op.create_index(op.f("ix_resource_tag_tag_id"), "resource_tag", ["tag_id"], unique=False)
    op.create_table(
        "resource_taken",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wants_news", sa.Boolean(), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_taken_person_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_taken_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_taken")),
        sa.UniqueConstraint("person_id", "resource_id", name=op.f("uq_resource_taken_person_id_resource_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_resource_taken_public_id")),
    )
    op.create_index(
        "ix_resource_taken_ask",
        "resource_taken",
        ["ask_at"],
        unique=False,
        postgresql_where=sa.text("ask_at IS NOT NULL AND asked_at IS NULL"),
    )
    op.create_index("ix_resource_taken_resource", "resource_taken", ["resource_id", "id"], unique=False)
    op.create_table(
        "resource_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("sector", sa.String(length=40), nullable=True),
        sa.Column(
            "step",
            sa.Enum(
                "used", "adapted", "result", name="step_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_resource_use_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_resource_use_person_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_use_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_use")),
        sa.UniqueConstraint(
            "person_id", "resource_id", "step", name=op.f("uq_resource_use_person_id_resource_id_step")
        ),
    )
    op.create_index(op.f("ix_resource_use_organisation_id"), "resource_use", ["organisation_id"], unique=False)
    op.create_index("ix_resource_use_resource", "resource_use", ["resource_id", "id"], unique=False)
    op.create_table(
        "resource_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_resource_version_published_by")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_version_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_version")),
        sa.UniqueConstraint("resource_id", "number", name=op.f("uq_resource_version_resource_id_number")),
    )
    op.create_index(
        "uq_resource_version_draft",
        "resource_version",
        ["resource_id"],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "space_seen",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("space_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_space_seen_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_space_seen_space_id")),
        sa.PrimaryKeyConstraint("person_id", "space_id", name=op.f("pk_space_seen")),
    )
    op.create_table(
        "usefulness",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_usefulness_person_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_usefulness_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usefulness")),
        sa.UniqueConstraint("person_id", "resource_id", name=op.f("uq_usefulness_person_id_resource_id")),
    )
    op.create_index("ix_usefulness_resource", "usefulness", ["resource_id", "id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("topic_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "of",
            sa.Enum("webinar", "visit", name="proposalof_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("planned", sa.Boolean(), nullable=True),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "planned IS NOT NULL OR (event_id IS NULL AND decided_at IS NULL)",
            name=op.f("ck_proposal_planned_by_a_decision"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_proposal_decided_by")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_proposal_event_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_proposal_topic_id")),
        sa.PrimaryKeyConstraint("topic_id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_event_id"), "proposal", ["event_id"], unique=False)
    op.create_table(
        "resource_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "guide",
                "tool",
                "template",
                "recording",
                "case study",
                "report",
                name="itemkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "accessible",
            sa.Enum(
                "yes",
                "partly",
                "no",
                "not checked",
                name="accessible_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("accessible_note", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sha256 IS NOT NULL OR url IS NOT NULL OR body <> ''", name=op.f("ck_resource_item_of_something")
        ),
        sa.CheckConstraint("num_nonnulls(sha256, url) <= 1", name=op.f("ck_resource_item_file_or_address")),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_resource_item_sha256")),
        sa.ForeignKeyConstraint(["version_id"], ["resource_version.id"], name=op.f("fk_resource_item_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_item")),
        sa.UniqueConstraint("public_id", name=op.f("uq_resource_item_public_id")),
    )
    op.create_index(op.f("ix_resource_item_sha256"), "resource_item", ["sha256"], unique=False)
    op.create_index(
        "ix_resource_item_url",
        "resource_item",
        ["checked_at", "id"],
        unique=False,
        postgresql_where=sa.text("url IS NOT NULL"),
    )
    op.create_index("ix_resource_item_version", "resource_item", ["version_id", "position"], unique=False)
    op.create_index(
        "ix_resource_item_words",
        "resource_item",
        [sa.literal_column("to_tsvector('english'::regconfig, (title || ' '::text) || body)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "story_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("resource_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("commitment_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(event_id, resource_id, topic_id, commitment_id) = 1", name=op.f("ck_story_link_of_one_thing")
        ),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_story_link_commitment_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_story_link_event_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_story_link_resource_id")),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_story_link_story_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_story_link_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_link")),
        sa.UniqueConstraint(
            "story_id",
            "event_id",
            "resource_id",
            "topic_id",
            "commitment_id",
            name=op.f("uq_story_link_story_id_event_id_resource_id_topic_id_commitment_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_story_link_commitment_id"), "story_link", ["commitment_id"], unique=False)
    op.create_index(op.f("ix_story_link_event_id"), "story_link", ["event_id"], unique=False)
    op.create_index(op.f("ix_story_link_resource_id"), "story_link", ["resource_id"], unique=False)
    op.create_index(op.f("ix_story_link_topic_id"), "story_link", ["topic_id"], unique=False)
    op.create_table(
        "topic_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("resource_id", sa.BigInteger(), nullable=True),
        sa.Column("commitment_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(event_id, resource_id, commitment_id) = 1", name=op.f("ck_topic_link_of_one_thing")
        ),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_topic_link_commitment_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_topic_link_event_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_topic_link_resource_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_topic_link_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_link")),
        sa.UniqueConstraint(
            "topic_id",
            "event_id",
            "resource_id",
            "commitment_id",
            name=op.f("uq_topic_link_topic_id_event_id_resource_id_commitment_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_topic_link_commitment_id"), "topic_link", ["commitment_id"], unique=False)
    op.create_index(op.f("ix_topic_link_event_id"), "topic_link", ["event_id"], unique=False)
    op.create_index(op.f("ix_topic_link_resource_id"), "topic_link", ["resource_id"], unique=False)
    op.create_table(
        "topic_tag",
        sa.Column("topic_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_topic_tag_tag_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_topic_tag_topic_id")),
        sa.PrimaryKeyConstraint("topic_id", "tag_id", name=op.f("pk_topic_tag")),
    )
    op.create_index(op.f("ix_topic_tag_tag_id"), "topic_tag", ["tag_id"], unique=False)
    op.create_table(
        "forum_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "posted",
                "refused",
                "left",
                name="mailoutcome_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_forum_answer_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_forum_answer_post_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_forum_answer_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_answer")),
        sa.UniqueConstraint("message_id", name=op.f("uq_forum_answer_message_id")),
    )
    op.create_index("ix_forum_answer_person", "forum_answer", ["person_id", "id"], unique=False)
    op.create_index(op.f("ix_forum_answer_post_id"), "forum_answer", ["post_id"], unique=False)
    op.create_index(op.f("ix_forum_answer_topic_id"), "forum_answer", ["topic_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mention_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_mention_post_id")),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_person_id"), "mention", ["person_id"], unique=False)
    op.create_table(
        "post_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_file_post_id")),
        sa.ForeignKeyConstraint(["sha256"], ["file.sha256"], name=op.f("fk_post_file_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_post_file_public_id")),
    )
    op.create_index("ix_post_file_post", "post_file", ["post_id", "position"], unique=False)
    op.create_index(op.f("ix_post_file_sha256"), "post_file", ["sha256"], unique=False)
    op.create_table(
        "reaction",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "helped me", "me too", name="reactionkind_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reaction_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_reaction_post_id")),
        sa.PrimaryKeyConstraint("post_id", "person_id", "kind", name=op.f("pk_reaction")),
    )
    op.create_index(op.f("ix_reaction_person_id"), "reaction", ["person_id"], unique=False)
    op.add_column("observation", sa.Column("organisation_id", sa.BigInteger(), nullable=True))
    op.add_column("observation", sa.Column("sector", sa.String(length=40), nullable=True))
    op.create_index(
        "ix_observation_organisation",
        "observation",
        ["organisation_id"],
        unique=False,
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_observation_organisation_id"), "observation", "organisation", ["organisation_id"], ["id"]
    )
    op.add_column("post", sa.Column("source", sa.String(length=40), nullable=False, server_default="web"))
    op.add_column("post", sa.Column("helped", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("post", sa.Column("me_too", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("space", sa.Column("audience", sa.String(length=40), nullable=False, server_default="alumni"))
    op.add_column("space", sa.Column("ready_made", sa.Text(), nullable=True))
    op.add_column("space", sa.Column("tag_id", sa.BigInteger(), nullable=True))
    op.add_column("space", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_space_tag_id"), "space", ["tag_id"], unique=False)
    op.create_unique_constraint(op.f("uq_space_programme_id_ready_made"), "space", ["programme_id", "ready_made"])
    op.create_foreign_key(op.f("fk_space_tag_id"), "space", "tag", ["tag_id"], ["id"])
    op.add_column("topic", sa.Column("kind", sa.String(length=40), nullable=False, server_default="talk"))
    op.add_column("topic", sa.Column("starter", sa.Text(), nullable=False, server_default=""))
    op.add_column("topic", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topic", sa.Column("answer_number", sa.BigInteger(), nullable=True))
    op.add_column("topic", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topic", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topic", sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topic", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("topic", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_topic_merged_into"), "topic", ["merged_into"], unique=False)
    op.create_index(
        "ix_topic_pinned",
        "topic",
        ["space_id", "pinned_at"],
        unique=False,
        postgresql_where=sa.text("pinned_at IS NOT NULL"),
    )
    op.create_index(
        "ix_topic_unanswered",
        "topic",
        ["space_id", "made_at", "id"],
        unique=False,
        postgresql_where=sa.text(
            "kind = 'question' AND answer_number IS NULL AND hidden_at IS NULL AND merged_into IS NULL"
        ),
    )
    op.create_index(
        "ix_topic_waiting",
        "topic",
        ["kind", "made_at", "id"],
        unique=False,
        postgresql_where=sa.text("kind IN ('proposal', 'offer', 'ask') AND settled_at IS NULL"),
    )
    op.create_foreign_key(op.f("fk_topic_merged_into"), "topic", "topic", ["merged_into"], ["id"])
    op.create_table(
        "forum_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "what",
            sa.Enum(
                "post hidden",
                "post shown",
                "topic hidden",
                "topic shown",
                "topic locked",
                "topic unlocked",
                "topic pinned",
                "topic unpinned",
                "topic moved",
                "topic moved back",
                "topics merged",
                "topics parted",
                "space closed",
                "space reopened",
                name="act_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("other_space_id", sa.BigInteger(), nullable=True),
        sa.Column("other_topic_id", sa.BigInteger(), nullable=True),
        sa.Column("posts", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_forum_act_by_id")),
        sa.ForeignKeyConstraint(["other_space_id"], ["space.id"], name=op.f("fk_forum_act_other_space_id")),
        sa.ForeignKeyConstraint(["other_topic_id"], ["topic.id"], name=op.f("fk_forum_act_other_topic_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_forum_act_post_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_forum_act_space_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_forum_act_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_act")),
    )
    op.create_index("ix_forum_act_at", "forum_act", ["at", "id"], unique=False)
    op.create_index("ix_forum_act_topic", "forum_act", ["topic_id", "id"], unique=False)
    op.create_index(
        "ix_forum_act_post",
        "forum_act",
        ["post_id"],
        unique=False,
        postgresql_where=sa.text("post_id IS NOT NULL"),
    )
    op.execute(KEPT_IN_ORDER)
    op.drop_index("ix_post_words", table_name="post", postgresql_using="gin")
    op.add_column("post", sa.Column("words", postgresql.TSVECTOR(), nullable=False, server_default=sa.text("''")))
    op.execute(FOLLOWERS_CHOSE)
    op.execute(STOPPED_NEW_TOPICS)
    op.execute(SEARCHED)
    op.execute("UPDATE post SET words = search_words(topic_id, body)")
    op.create_index(
        "ix_post_words",
        "post",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_index("ix_topic_words", table_name="topic", postgresql_using="gin")
    op.add_column(
        "topic",
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('english'::regconfig, title)", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_topic_words", "topic", ["words"], unique=False, postgresql_using="gin")
    op.create_index("ix_topic_hidden", "topic", ["id"], unique=False, postgresql_where=sa.text("hidden_at IS NOT NULL"))
    for table, column in DEFAULTS:
        op.alter_column(table, column, server_default=None)
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    for kind, columns in POINTING.items():
        for pointing in columns.split():
            table, column = pointing.split(".")
            op.execute(
                f'CREATE TRIGGER refuse_merged_{column} AFTER INSERT OR UPDATE OF {column} ON "{table}" FOR EACH ROW '
                f"WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION refuse_merged('{kind}', '{column}')"
            )


def downgrade() -> None:
    op.execute("DROP TRIGGER refuse_merged_organisation_id ON observation")
    op.execute(NOT_SEARCHED)
    op.drop_index("ix_topic_hidden", table_name="topic", postgresql_where=sa.text("hidden_at IS NOT NULL"))
    op.drop_index("ix_topic_words", table_name="topic", postgresql_using="gin")
    op.drop_column("topic", "words")
    op.create_index(
        "ix_topic_words",
        "topic",
        [sa.literal_column("to_tsvector('english'::regconfig, title)")],
        unique=False,
        postgresql_using="gin",
    )
    op.drop_index("ix_post_words", table_name="post", postgresql_using="gin")
    op.drop_column("post", "words")
    op.create_index(
        "ix_post_words",
        "post",
        [sa.literal_column("to_tsvector('english'::regconfig, body)")],
        unique=False,
        postgresql_using="gin",
    )
    for table, name, _condition in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.drop_index("ix_forum_act_post", table_name="forum_act", postgresql_where=sa.text("post_id IS NOT NULL"))
    op.drop_index("ix_forum_act_topic", table_name="forum_act")
    op.drop_index("ix_forum_act_at", table_name="forum_act")
    op.drop_table("forum_act")
    op.drop_constraint(op.f("fk_topic_merged_into"), "topic", type_="foreignkey")
    op.drop_index(
        "ix_topic_waiting",
        table_name="topic",
        postgresql_where=sa.text("kind IN ('proposal', 'offer', 'ask') AND settled_at IS NULL"),
    )
    op.drop_index(
        "ix_topic_unanswered",
        table_name="topic",
        postgresql_where=sa.text(
            "kind = 'question' AND answer_number IS NULL AND hidden_at IS NULL AND merged_into IS NULL"
        ),
    )
    op.drop_index("ix_topic_pinned", table_name="topic", postgresql_where=sa.text("pinned_at IS NOT NULL"))
    op.drop_index(op.f("ix_topic_merged_into"), table_name="topic")
    op.drop_column("topic", "merged_into")
    op.drop_column("topic", "asked_at")
    op.drop_column("topic", "nudged_at")
    op.drop_column("topic", "settled_at")
    op.drop_column("topic", "answered_at")
    op.drop_column("topic", "answer_number")
    op.drop_column("topic", "pinned_at")
    op.drop_column("topic", "starter")
    op.drop_column("topic", "kind")
    op.drop_constraint(op.f("fk_space_tag_id"), "space", type_="foreignkey")
    op.drop_constraint(op.f("uq_space_programme_id_ready_made"), "space", type_="unique")
    op.drop_index(op.f("ix_space_tag_id"), table_name="space")
    op.drop_column("space", "closed_at")
    op.drop_column("space", "tag_id")
    op.drop_column("space", "ready_made")
    op.drop_column("space", "audience")
    op.drop_column("post", "me_too")
    op.drop_column("post", "helped")
    op.drop_column("post", "source")
    op.drop_constraint(op.f("fk_observation_organisation_id"), "observation", type_="foreignkey")
    op.drop_index(
        "ix_observation_organisation", table_name="observation", postgresql_where=sa.text("organisation_id IS NOT NULL")
    )
    op.drop_column("observation", "sector")
    op.drop_column("observation", "organisation_id")
    op.drop_index(op.f("ix_reaction_person_id"), table_name="reaction")
    op.drop_table("reaction")
    op.drop_index(op.f("ix_post_file_sha256"), table_name="post_file")
    op.drop_index("ix_post_file_post", table_name="post_file")
    op.drop_table("post_file")
    op.drop_index(op.f("ix_mention_person_id"), table_name="mention")
    op.drop_table("mention")
    op.drop_index(op.f("ix_forum_answer_topic_id"), table_name="forum_answer")
    op.drop_index(op.f("ix_forum_answer_post_id"), table_name="forum_answer")
    op.drop_index("ix_forum_answer_person", table_name="forum_answer")
    op.drop_table("forum_answer")
    op.drop_index(op.f("ix_topic_tag_tag_id"), table_name="topic_tag")
    op.drop_table("topic_tag")
    op.drop_index(op.f("ix_topic_link_resource_id"), table_name="topic_link")
    op.drop_index(op.f("ix_topic_link_event_id"), table_name="topic_link")
    op.drop_index(op.f("ix_topic_link_commitment_id"), table_name="topic_link")
    op.drop_table("topic_link")
    op.drop_index(op.f("ix_story_link_topic_id"), table_name="story_link")
    op.drop_index(op.f("ix_story_link_resource_id"), table_name="story_link")
    op.drop_index(op.f("ix_story_link_event_id"), table_name="story_link")
    op.drop_index(op.f("ix_story_link_commitment_id"), table_name="story_link")
    op.drop_table("story_link")
    op.drop_index("ix_resource_item_words", table_name="resource_item", postgresql_using="gin")
    op.drop_index("ix_resource_item_version", table_name="resource_item")
    op.drop_index("ix_resource_item_url", table_name="resource_item", postgresql_where=sa.text("url IS NOT NULL"))
    op.drop_index(op.f("ix_resource_item_sha256"), table_name="resource_item")
    op.drop_table("resource_item")
    op.drop_index(op.f("ix_proposal_event_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("ix_usefulness_resource", table_name="usefulness")
    op.drop_table("usefulness")
    op.drop_table("space_seen")
    op.drop_index(
        "uq_resource_version_draft", table_name="resource_version", postgresql_where=sa.text("published_at IS NULL")
    )
    op.drop_table("resource_version")
    op.drop_index("ix_resource_use_resource", table_name="resource_use")
    op.drop_index(op.f("ix_resource_use_organisation_id"), table_name="resource_use")
    op.drop_table("resource_use")
    op.drop_index("ix_resource_taken_resource", table_name="resource_taken")
    op.drop_index(
        "ix_resource_taken_ask",
        table_name="resource_taken",
        postgresql_where=sa.text("ask_at IS NOT NULL AND asked_at IS NULL"),
    )
    op.drop_table("resource_taken")
    op.drop_index(op.f("ix_resource_tag_tag_id"), table_name="resource_tag")
    op.drop_table("resource_tag")
    op.drop_index(op.f("ix_collection_resource_resource_id"), table_name="collection_resource")
    op.drop_table("collection_resource")
    op.drop_index("ix_resource_words", table_name="resource", postgresql_using="gin")
    op.drop_index("ix_resource_published", table_name="resource", postgresql_where=sa.text("state = 'published'"))
    op.drop_index("ix_resource_programme", table_name="resource")
    op.drop_index(op.f("ix_resource_owner_id"), table_name="resource")
    op.drop_index(op.f("ix_resource_organisation_id"), table_name="resource")
    op.drop_index(op.f("ix_resource_event_id"), table_name="resource")
    op.drop_index(op.f("ix_resource_cohort_id"), table_name="resource")
    op.drop_table("resource")
    op.drop_index("ix_story_told", table_name="story", postgresql_where=sa.text("told_at IS NOT NULL"))
    op.drop_index("ix_story_words", table_name="story", postgresql_using="gin")
    op.drop_index("ix_story_person", table_name="story")
    op.drop_index(op.f("ix_story_organisation_id"), table_name="story")
    op.drop_table("story")
    op.drop_index(op.f("ix_self_rating_programme_id"), table_name="self_rating")
    op.drop_table("self_rating")
    op.drop_index("ix_relay_to", table_name="relay")
    op.drop_index("ix_relay_from", table_name="relay")
    op.drop_index(op.f("ix_relay_answers"), table_name="relay")
    op.drop_table("relay")
    op.drop_index(op.f("ix_profile_tag_tag_id"), table_name="profile_tag")
    op.drop_table("profile_tag")
    op.drop_table("profile")
    op.drop_table("forum_month")
    op.drop_index("ix_forum_mail_pace", table_name="forum_mail")
    op.drop_table("forum_mail")
    op.drop_index(op.f("ix_collection_programme_id"), table_name="collection")
    op.drop_table("collection")
    op.drop_index("ix_tag_kind", table_name="tag")
    op.drop_table("tag")
    op.drop_table("search_word")
    op.drop_index("ix_recent_look_at", table_name="recent_look")
    op.drop_table("recent_look")
