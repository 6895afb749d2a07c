"""A backup holds all that there is, and a restore brings all of it back or leaves everything as it was."""

import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import alembic.command
import pytest
from flask import Flask, current_app
from sqlalchemy import delete, select, text, update

from cop import create_app
from cop.commands.backups import restoring
from cop.commands.backups.backing_up import back_up
from cop.commands.backups.restoring import restore
from cop.core import secrecy
from cop.core.errors import Refusal
from cop.core.settings import Settings, SettingsError
from cop.demo.programme import load
from cop.demo.running import MIGRATIONS
from cop.formats.archives import ArchiveError
from cop.models.base import Base
from cop.models.events import Event
from cop.models.files import File
from cop.models.service import Observation
from cop.services import files
from cop.services.files import stores
from cop.web import db, observe
from tests.rules.test_migrations import differences
from tests.support.buckets import store_of_buckets
from tests.support.clock import FixedClock
from tests.support.files import PDF
from tests.support.make import Make, Working, reading
from tests.support.postgres import ENCRYPTION_KEY, SECRET_KEY, copy_of, with_database

SHAPE = """
    SELECT 'table', relname::text, '' FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) || convalidated::text
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) || tgenabled::text
        FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'counter', sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public'
"""


def silent(_step: str) -> None:
    """Say nothing."""


@pytest.fixture
def databases(database_url: str, settings: Settings, worker_clock: FixedClock) -> Iterator[Callable[[], Flask]]:
    """``databases()`` is the application on a new database without a single table."""
    made: list[tuple[Any, Flask]] = []

    def new() -> Flask:
        copy = copy_of(with_database(database_url, "template1"), f"cop_backup_{token_hex(4)}")
        url = copy.__enter__().replace("postgresql://", "postgresql+psycopg://", 1)
        app = create_app(replace(settings, database_url=url), clock=worker_clock)
        made.append((copy, app))
        return app

    yield new
    for copy, app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        copy.__exit__(None, None, None)


@pytest.fixture
def target(databases: Callable[[], Flask]) -> Flask:
    return databases()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "cop.backup"


def backed_up(app: Flask, path: Path, *, force: bool = False) -> Path:
    with app.app_context():
        back_up(path, force=force, say=silent)
    return path


def restored(app: Flask, path: Path, *, replace: bool = False, without_keys: bool = False) -> list[str]:
    """Restore; what was said of it."""
    said: list[str] = []
    with app.app_context():
        restore(path, replace=replace, without_keys=without_keys, say=said.append)
    return said


def shape_of(app: Flask) -> list[tuple[str, ...]]:
    """Everything about the tables but their rows."""
    with app.app_context(), db.engine.connect() as connection:
        return sorted(tuple(map(str, row)) for row in connection.execute(text(SHAPE)))


def rows_of(app: Flask) -> dict[str, list[str]]:
    """Every row of every table, as PostgreSQL writes it."""
    with app.app_context(), db.engine.connect() as connection:
        names = [name for kind, name, _ in connection.execute(text(SHAPE)) if kind == "table"]
        return {
            name: list(connection.scalars(text(f'SELECT each::text FROM "{name}" each ORDER BY 1')))  # noqa: S608  our own names
            for name in names
        }


def is_empty(app: Flask) -> bool:
    return shape_of(app) == []


def tampered(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The backup with another manifest."""
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(data)
                change(manifest)
                data = json.dumps(manifest).encode()
            new.writestr(name, data)
    path.write_bytes(packed.getvalue())
    return path


def test_the_demo_comes_back_row_by_row(databases: Callable[[], Flask], target: Flask, backup: Path) -> None:
    source = databases()
    with source.app_context():
        alembic.command.upgrade(config(), "head")
        load(silent)
    before = rows_of(source)
    assert sum(map(len, before.values())) > 2_000
    restored(target, backed_up(source, backup))
    assert rows_of(target) == before
    assert shape_of(target) == shape_of(source)
    with target.app_context():
        assert differences(db.engine, Base.metadata) == []
    with source.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM claim"))
    restored(source, backup, replace=True)
    assert rows_of(source) == before


def config() -> Any:
    return current_app.extensions["migrate"].migrate.get_config(str(MIGRATIONS))


def test_pages_are_quick_at_once(app: Flask, make: Make, target: Flask, backup: Path) -> None:
    make.booking(make.account(), make.visit(slots=2))
    restored(target, backed_up(app, backup))
    with target.app_context(), db.engine.connect() as connection:
        known = connection.scalars(text("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")).all()
    assert {"booking", "part", "person", "seat"} <= set(known)


def test_life_goes_on_after_a_restore(app: Flask, make: Make, target: Flask, backup: Path) -> None:
    booking = make.booking(make.account(), make.visit(capacity=3))
    restored(target, backed_up(app, backup))
    there = Make(target)
    visit = there.event(booking.event_id)
    again = there.booking(there.account("Ben", "ben@council.example"), visit, party_size=2)
    assert again.id > booking.id
    assert there.event(visit.id).parts[0].seats_taken == 3


def test_a_number_that_was_given_is_never_given_again(app: Flask, work: Working, target: Flask, backup: Path) -> None:
    with app.test_request_context():
        for subject in range(2):
            observe("viewed", "event", subject)
    with work() as unit:
        unit.session.execute(delete(Observation).where(Observation.id == 2))
    restored(target, backed_up(app, backup))
    with target.test_request_context():
        observe("viewed", "event", 3)
    with reading(target) as read:
        assert read.session.scalars(select(Observation.id).order_by(Observation.id)).all() == [1, 3]


def test_rows_may_point_to_one_another_in_any_order(
    app: Flask, make: Make, work: Working, target: Flask, backup: Path
) -> None:
    early, late = make.visit("Early"), make.visit("Late")
    with work() as unit:
        for event, other in ((early, late), (late, early)):
            unit.session.execute(update(Event).where(Event.id == event.id).values(online_event_id=other.id))
    restored(target, backed_up(app, backup))
    assert rows_of(target)["event"] == rows_of(app)["event"]


def test_text_of_every_sort_survives(app: Flask, make: Make, target: Flask, backup: Path) -> None:
    make.person("Tab\there\\n “quotes”\r\nÉ 🙂 \\N \\. ؈", needs="A lift; no steps")
    make.person("", None)
    restored(target, backed_up(app, backup))
    assert rows_of(target)["person"] == rows_of(app)["person"]


def test_a_backup_of_an_older_version_is_brought_up_to_this_one(
    databases: Callable[[], Flask], target: Flask, backup: Path
) -> None:
    source = databases()
    with source.app_context():
        alembic.command.upgrade(config(), "0002")
        with db.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO organisation (name, slug, kind, source) VALUES ('Leeds', 'leeds', 'council', '')"
                    " RETURNING id"
                )
            )
    restored(target, backed_up(source, backup))
    with target.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM organisation")) == "Leeds"
        assert differences(db.engine, Base.metadata) == []
    with source.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0002"


def test_a_backup_shows_one_instant(app: Flask, make: Make, target: Flask, backup: Path) -> None:
    """Somebody writes while the tables are copied one after the other."""
    make.booking(make.account(), make.visit())
    before = rows_of(app)

    def interfere(step: str) -> None:
        if step.startswith("account:"):
            make.booking(make.account("Late", "late@council.example"), make.visit("Late"))

    with app.app_context():
        back_up(backup, force=False, say=interfere)
    assert rows_of(app) != before
    restored(target, backup)
    assert rows_of(target) == before


def test_no_key_is_in_it(app: Flask, make: Make, backup: Path) -> None:
    make.person(needs="A lift")
    backed_up(app, backup)
    with zipfile.ZipFile(backup) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (SECRET_KEY, ENCRYPTION_KEY, "A lift"):
        assert secret.encode() not in everything
    assert secrecy.fingerprint(ENCRYPTION_KEY).encode() in everything


class TestTheFile:
    def test_is_for_its_owner_only(self, app: Flask, backup: Path) -> None:
        backed_up(app, backup)
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    def test_is_not_written_over_unless_asked(self, app: Flask, backup: Path) -> None:
        backup.write_text("precious")
        with pytest.raises(Refusal, match="--force"):
            backed_up(app, backup)
        assert backup.read_text() == "precious"
        backed_up(app, backup, force=True)
        assert zipfile.is_zipfile(backup)

    def test_is_whole_or_not_there(self, app: Flask, backup: Path) -> None:
        def break_off(step: str) -> None:
            raise KeyboardInterrupt

        with app.app_context(), pytest.raises(KeyboardInterrupt):
            back_up(backup, force=False, say=break_off)
        assert list(backup.parent.iterdir()) == []

    def test_a_backup_that_was_killed_does_not_hinder_the_next(self, app: Flask, backup: Path) -> None:
        backup.with_name("cop.backup.part").write_text("half of one")
        backed_up(app, backup)
        assert [path.name for path in backup.parent.iterdir()] == ["cop.backup"]

    def test_of_an_empty_database_is_refused(self, target: Flask, backup: Path) -> None:
        with pytest.raises(Refusal, match="nothing to back up"):
            backed_up(target, backup)
        assert not backup.exists()


class TestWhatIsDamaged:
    @pytest.fixture
    def whole(self, app: Flask, make: Make, backup: Path) -> Path:
        make.booking(make.account(), make.visit())
        return backed_up(app, backup)

    def test_one_wrong_bit_is_noticed(self, whole: Path, target: Flask) -> None:
        data = bytearray(whole.read_bytes())
        data[len(data) // 2] ^= 1
        whole.write_bytes(data)
        with pytest.raises(ArchiveError, match="damaged"):
            restored(target, whole)
        assert is_empty(target)

    @pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
    def test_half_a_file_is_refused(self, share: float, whole: Path, target: Flask) -> None:
        data = whole.read_bytes()
        whole.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(ArchiveError):
            restored(target, whole)
        assert is_empty(target)

    @pytest.mark.parametrize(
        "change",
        [
            lambda manifest: manifest["tables"][0].update(sha256="0" * 64),
            lambda manifest: manifest["tables"][0].update(size=1),
            lambda manifest: manifest["tables"].append({**manifest["tables"][0], "name": "../../person"}),
            lambda manifest: manifest.pop("tables"),
            lambda manifest: manifest.update(tables=None),
            lambda manifest: manifest["tables"][0].pop("rows"),
        ],
    )
    def test_a_manifest_that_does_not_fit_is_refused(
        self, change: Callable[[dict[str, Any]], None], whole: Path, target: Flask
    ) -> None:
        with pytest.raises(ArchiveError):
            restored(target, tampered(whole, change))
        assert is_empty(target)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda manifest: manifest["tables"][0].update(rows=7), "7 rows, and 1 came in"),
            (lambda manifest: manifest["tables"].pop(), "does not hold the tables of version"),
            (lambda manifest: manifest["tables"][0]["columns"].reverse(), "cannot be loaded"),
            (lambda manifest: manifest.update(revision="9999"), "newer version .* 9999"),
            (lambda manifest: manifest.update(format=2), "newer version"),
        ],
    )
    def test_what_comes_out_wrong_leaves_everything_as_it_was(
        self, change: Callable[[dict[str, Any]], None], reason: str, app: Flask, whole: Path, target: Flask
    ) -> None:
        before = rows_of(app)
        tampered(whole, change)
        for refuses in (target, app):
            with pytest.raises(Refusal, match=reason) as refused:
                restored(refuses, whole, replace=True)
            assert "\n" not in str(refused.value)
        assert is_empty(target)
        assert rows_of(app) == before

    def test_another_archive_is_none(self, target: Flask, backup: Path) -> None:
        with zipfile.ZipFile(backup, "w") as archive:
            archive.writestr("manifest.json", "[]")
        with pytest.raises(ArchiveError):
            restored(target, backup)


class TestWhereto:
    @pytest.fixture
    def source(self, app: Flask, make: Make, backup: Path) -> Path:
        make.person("Before")
        return backed_up(app, backup)

    def test_tables_without_rows_are_as_good_as_none(self, source: Path, app: Flask, target: Flask) -> None:
        with target.app_context():
            alembic.command.upgrade(config(), "0001")
        restored(target, source)
        assert rows_of(target) == rows_of(app)

    def test_a_database_with_rows_is_replaced_only_when_asked(self, source: Path, app: Flask, make: Make) -> None:
        before = rows_of(app)
        make.person("After", "after@council.example")
        now = rows_of(app)
        with pytest.raises(Refusal, match="--replace"):
            restored(app, source)
        assert rows_of(app) == now
        restored(app, source, replace=True)
        assert rows_of(app) == before

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            ("CREATE TABLE other (id int)", "not of this service"),
            ("CREATE TABLE alembic_version (version_num text)", "not of this service"),
            (
                "CREATE TABLE alembic_version AS SELECT '9999' AS version_num",
                "newer version",
            ),
        ],
    )
    def test_tables_of_others_are_not_touched(self, statement: str, reason: str, source: Path, target: Flask) -> None:
        with target.app_context(), db.engine.begin() as connection:
            connection.execute(text(f"{statement}; CREATE TABLE another (id int)"))
        with pytest.raises(Refusal, match=reason):
            restored(target, source, replace=True)
        assert ("table", "another", "") in shape_of(target)

    def test_a_stranger_beside_our_tables_stops_it(self, source: Path, target: Flask) -> None:
        with target.app_context():
            alembic.command.upgrade(config(), "head")
            with db.engine.begin() as connection:
                connection.execute(text("CREATE TABLE other AS SELECT 1 AS one"))
        with pytest.raises(Refusal, match="other"):
            restored(target, source, replace=True)
        assert rows_of(target)["other"] == ["(1)"]

    def test_a_database_in_use_is_left_alone(self, source: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(restoring, "PATIENCE", "100ms")
        with app.app_context(), db.engine.connect() as somebody, somebody.begin():
            somebody.execute(text("SELECT 1 FROM person FOR UPDATE"))
            with pytest.raises(Refusal, match="stop the web server"):
                restored(app, source, replace=True)


class TestKeys:
    OTHER = secrecy.new_encryption_key()

    @pytest.fixture
    def elsewhere(self, target: Flask, settings: Settings) -> Iterator[Flask]:
        """The application with another key."""
        ports = target.extensions["cop"]
        ports.settings = replace(ports.settings, encryption_keys=(self.OTHER,))
        yield target
        secrecy.use(settings.secret_key, settings.encryption_keys)

    def test_those_that_are_needed_are_named(self, app: Flask, elsewhere: Flask, backup: Path) -> None:
        with pytest.raises(Refusal, match=f"you need the keys of {secrecy.fingerprint(ENCRYPTION_KEY)}"):
            restored(elsewhere, backed_up(app, backup))
        assert is_empty(elsewhere)

    def test_without_them_the_rest_can_be_had(self, app: Flask, make: Make, elsewhere: Flask, backup: Path) -> None:
        make.person()
        restored(elsewhere, backed_up(app, backup), without_keys=True)
        assert rows_of(elsewhere) == rows_of(app)

    def test_more_keys_than_needed_are_fine(self, app: Flask, elsewhere: Flask, backup: Path) -> None:
        ports = elsewhere.extensions["cop"]
        ports.settings = replace(ports.settings, encryption_keys=(self.OTHER, ENCRYPTION_KEY))
        restored(elsewhere, backed_up(app, backup))
        assert not is_empty(elsewhere)


class TestFilesOfAFolder:
    @pytest.fixture
    def kept(self, work: Working, target: Flask, tmp_path: Path) -> Iterator[File]:
        """A file that lies in a folder; afterwards the process has none."""
        assert target  # whose making told the process that there is no folder
        stores.use(tmp_path / "source")
        with work() as unit:
            file = files.keep(unit, io.BytesIO(PDF), name="map.pdf")
        yield file
        stores.use(None)

    @pytest.fixture
    def content(self, target: Flask) -> Callable[[], tuple[str, bytes]]:
        """Where the one file is kept after the restore, and its bytes."""

        def read_it() -> tuple[str, bytes]:
            with reading(target) as read:
                file = read.session.scalars(select(File)).one()
                return file.place, b"".join(files.pieces(read, file))

        return read_it

    @pytest.mark.parametrize("place", ["folder", "database"])
    def test_come_back_to_a_folder_or_into_the_database(
        self,
        place: str,
        app: Flask,
        kept: File,
        target: Flask,
        backup: Path,
        tmp_path: Path,
        content: Callable[[], tuple[str, bytes]],
    ) -> None:
        backed_up(app, backup)
        stores.use(tmp_path / "elsewhere" if place == "folder" else None)
        restored(target, backup)
        assert content() == (place, PDF)

    def test_of_a_bucket_come_back_too(
        self, app: Flask, work: Working, target: Flask, backup: Path, content: Callable[[], tuple[str, bytes]]
    ) -> None:
        with store_of_buckets() as buckets:
            stores.use(buckets.bucket())
            with work() as unit:
                files.keep(unit, io.BytesIO(PDF), name="map.pdf")
            backed_up(app, backup)
            stores.use(buckets.bucket())
            restored(target, backup)
            assert content() == ("s3", PDF)
        stores.use(None)

    def test_of_the_database_stay_there(
        self, app: Flask, work: Working, target: Flask, backup: Path, content: Callable[[], tuple[str, bytes]]
    ) -> None:
        with work() as unit:
            files.keep(unit, io.BytesIO(PDF), name="map.pdf")
        restored(target, backed_up(app, backup))
        assert content() == ("database", PDF)

    def test_must_be_there_and_whole(self, app: Flask, kept: File, backup: Path, tmp_path: Path) -> None:
        path = stores.FolderStore(tmp_path / "source").path(kept.sha256)
        path.write_bytes(b"%PDF-changed")
        with pytest.raises(Refusal, match="damaged in its folder"):
            backed_up(app, backup)
        path.unlink()
        with pytest.raises(Refusal, match="is missing"):
            backed_up(app, backup)
        stores.use(None)
        with pytest.raises(SettingsError, match="COP_FILES_URL"):
            backed_up(app, backup)
        assert not backup.exists()


def test_an_operator_is_told_what_to_look_at(
    app: Flask, make: Make, work: Working, target: Flask, backup: Path
) -> None:
    visit = make.visit(event_capacity=9)
    make.booking(make.account(), visit)
    with work() as unit:
        unit.session.execute(update(Event).where(Event.id == visit.id).values(seats_taken=5))
    said = restored(target, backed_up(app, backup))
    assert said[-2:] == [
        f"event {visit.slug} counts 5 seats, and 1 are claimed",
        "1 messages wait to be sent: see the messages page before you start the jobs",
    ]
