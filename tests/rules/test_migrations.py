"""Models and migrations tell the same story."""

from dataclasses import replace
from secrets import token_hex

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import Column, Engine, Integer, MetaData, Table, inspect

from cop import create_app
from cop.core.settings import Settings
from cop.models.base import Base
from cop.web import db, migration_of_code
from tests.support.postgres import copy_of, with_database


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
