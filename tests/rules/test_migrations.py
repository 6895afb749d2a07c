"""Models and migrations tell the same story."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any
from uuid import UUID

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, insert, inspect, text

from cop import create_app
from cop.core.settings import Settings
from cop.models.base import Base
from cop.web import db, migration_of_code
from tests.support.postgres import copy_of, with_database

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def differences(engine: Engine, metadata: MetaData) -> list[tuple[str, object]]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_the_migrated_database_is_what_the_models_say(app: Flask) -> None:
    with app.app_context():
        assert differences(db.engine, Base.metadata) == []


def test_a_model_without_its_migration_is_noticed(app: Flask) -> None:
    more = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(more)
    Table("forgotten", more, Column("id", Integer, primary_key=True))
    with app.app_context():
        assert [difference[0] for difference in differences(db.engine, more)] == ["add_table"]


def test_the_newest_migration_is_known_by_its_number(app: Flask) -> None:
    with app.app_context():
        config = current_app.extensions["migrate"].migrate.get_config()
        assert migration_of_code() == ScriptDirectory.from_config(config).get_current_head()


def test_migrations_go_down_and_up_again(database_url: str, settings: Settings) -> None:
    with copy_of(with_database(database_url, "template1"), f"migrations_{token_hex(4)}") as url:
        app = create_app(replace(settings, database_url=url.replace("postgresql://", "postgresql+psycopg://", 1)))
        with app.app_context():
            upgrade()
            downgrade(revision="base")
            assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
            upgrade()
            assert differences(db.engine, Base.metadata) == []
            db.engine.dispose()


def put(connection: Connection, table: str, **values: Any) -> int:
    """A row, with something harmless where a column has to have a value; its id."""
    known = Table(table, MetaData(), autoload_with=connection)
    harmless: dict[type, object] = {str: "x", int: 1, Decimal: 1, bool: False, bytes: b"x", object: {}, list: []}
    harmless |= {datetime: NOW, date: NOW.date(), UUID: UUID(int=1)}
    needed = {
        column.name: harmless[column.type.python_type]
        for column in known.columns
        if not column.nullable and column.identity is None and column.server_default is None
    }
    key = next(iter(known.primary_key.columns))
    return int(connection.execute(insert(known).values({**needed, **values}).returning(key)).scalar_one())


def test_supporters_of_the_version_before_stay(database_url: str, settings: Settings) -> None:
    """Of two who were asked, the one who came in another's place gets a link that nobody else has."""
    with copy_of(with_database(database_url, "template1"), f"supporters_{token_hex(4)}") as url:
        app = create_app(replace(settings, database_url=url.replace("postgresql://", "postgresql+psycopg://", 1)))
        with app.app_context():
            upgrade(revision="0005")
            with db.engine.begin() as connection:
                person = put(connection, "person", prefers="email")
                region = {"region": "London", "kind": "council"}
                organisation = put(connection, "organisation", **region)
                programme = put(connection, "programme", slug="one", ends_on=NOW.date(), starts_on=NOW.date())
                words = {"kind": "cohort", "state": "published", "visibility": "public", "choice": "all"}
                event = put(connection, "event", programme_id=programme, slug="one", queue="none", **words)
                cohort = put(connection, "cohort", event_id=event, policy="lottery", endorsing="optional")
                who: dict[str, Any] = {"person_id": person, "by_person_id": person, "organisation_id": organisation}
                questionnaire = put(connection, "questionnaire", mode="named")
                response = put(connection, "response", questionnaire_id=questionnaire, state="draft")
                who |= {"source": "self", "response_id": response}
                application = put(connection, "application", cohort_id=cohort, state="draft", **who)
                asked = {"application_id": application, "state": "asked"}
                put(connection, "endorsement", kind="nominator", public_id="first", generation=0, **asked)
                put(connection, "endorsement", kind="manager", public_id="second", generation=1, **asked)
            upgrade()
            with db.engine.begin() as connection:
                ids = connection.execute(text("SELECT public_id FROM endorsement ORDER BY id")).scalars().all()
                assert ids[0] == "first"
                assert ids[1] != "second"
                assert connection.execute(text("SELECT region FROM application")).scalar_one() == "London"
                connection.execute(text("UPDATE endorsement SET replaced_at = asked_at WHERE public_id = 'first'"))
            downgrade(revision="0005")
            with db.engine.begin() as connection:
                left = connection.execute(text("SELECT kind, generation FROM endorsement")).all()
                assert [tuple(row) for row in left] == [("manager", 0)]
            db.engine.dispose()


def test_whoever_chose_mail_of_the_forum_keeps_it(database_url: str, settings: Settings) -> None:
    """Who pressed a button hears once a day as before, who only wrote is asked, and a space that was stopped is not
    muted.
    """
    with copy_of(with_database(database_url, "template1"), f"followers_{token_hex(4)}") as url:
        app = create_app(replace(settings, database_url=url.replace("postgresql://", "postgresql+psycopg://", 1)))
        with app.app_context():
            upgrade(revision="0006")
            with db.engine.begin() as connection:
                wrote, reads, stopped, muted = (
                    put(connection, "person", prefers="email", public_id=name) for name in "abcd"
                )
                programme = put(connection, "programme", slug="one", ends_on=NOW.date(), starts_on=NOW.date())
                space = put(connection, "space", programme_id=programme, slug="tea")
                topic = put(connection, "topic", space_id=space, author_id=wrote, posts=1)
                put(connection, "post", topic_id=topic, author_id=wrote, number=1)
                for person, level, of in (
                    (wrote, "follow", {"topic_id": topic}),
                    (reads, "follow", {"topic_id": topic}),
                    (reads, "follow", {"space_id": space}),
                    (stopped, "mute", {"space_id": space}),
                    (muted, "mute", {"topic_id": topic}),
                ):
                    put(connection, "follow", person_id=person, level=level, public_id=token_hex(6), **of)
            upgrade()
            with db.engine.connect() as connection:
                chose = connection.execute(text("SELECT person_id, pace FROM forum_mail")).all()
                kept = connection.execute(text("SELECT person_id, level FROM follow ORDER BY id")).all()
            assert [tuple(row) for row in chose] == [(reads, "daily")]
            assert [tuple(row) for row in kept] == [
                (wrote, "follow"),
                (reads, "follow"),
                (reads, "follow"),
                (muted, "mute"),
            ]
            db.engine.dispose()
