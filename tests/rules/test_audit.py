"""Whatever can change is audited, or it is said why not."""

import ast

from jinja2 import Environment
from sqlalchemy.orm import configure_mappers

from cop import exporting
from cop.blueprints.api.resources import LISTINGS
from cop.forms.audit import KINDS, READS
from cop.models.audited import AUDITED, BY_MODEL, NOT_AUDITED, OWN_KINDS, SILENT
from cop.models.base import Base, Encrypted
from cop.queries import tasks
from cop.queries.audit import Read
from tests.support import source
from tests.support.templates import FOLDER


def words() -> object:
    """What the page calls records, parts of them, and columns."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.install_null_translations()  # type: ignore[attr-defined]  # of the extension
    return environment.from_string((FOLDER / "admin_audit" / "words.html").read_text(encoding="utf-8")).module


def test_every_table_is_audited_or_says_why_not() -> None:
    configure_mappers()
    tables = {mapper.class_.__name__ for mapper in Base.registry.mappers}
    assert sorted(tables) == sorted(table.__name__ for table in (*BY_MODEL, *NOT_AUDITED))
    assert all(NOT_AUDITED.values())


def test_every_name_that_is_left_out_is_a_column() -> None:
    """What was renamed would otherwise be recorded from that day on."""
    known = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
    assert known >= SILENT
    for item in AUDITED:
        there = {*item.everything, *(item.through.brings if item.through else ())}
        assert set(item.everything) >= {*item.silent, *item.unsaid}, item.model.__name__
        assert there >= {*item.names, *([item.about] if item.about else [])}, item.model.__name__


def test_encrypted_columns_are_sealed_whatever_the_list_says() -> None:
    sealed = {
        f"{item.model.__tablename__}.{name}"
        for item in AUDITED
        for name in item.columns
        if isinstance(item.mapper.columns[name].type, Encrypted)
    }
    assert sealed == {f"{item.model.__tablename__}.{name}" for item in AUDITED for name in item.sealed - item.unsaid}
    assert {"person.needs", "part.join_url"} <= sealed


def test_every_kind_has_its_words() -> None:
    module = words()
    assert sorted(module.subjects) == sorted(OWN_KINDS)  # type: ignore[attr-defined]
    assert sorted(module.parts) == sorted(item.kind for item in AUDITED if item.of)  # type: ignore[attr-defined]
    assert sorted(kind for kind, _ in KINDS) == sorted(OWN_KINDS)
    assert sorted(kind for kind, _ in READS) == sorted(Read)
    assert set(module.columns) <= {  # type: ignore[attr-defined]
        name for item in AUDITED for name in (*item.everything, *item.names)
    }


def test_every_sensitive_read_is_in_the_list_of_them() -> None:
    """Views and long work note what is sensitive in words that end alike, and the page lists these words."""
    noted = {f"{kind} exported" for kind in exporting.KINDS} | {tasks.DOWNLOADED}
    noted |= {one.noted for one in LISTINGS if one.noted is not None}
    for _path, module in source.modules("cop/blueprints", "scheduled"):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "observe":
                kind = node.args[0]
                if isinstance(kind, ast.Constant) and str(kind.value).endswith((" read", " exported")):
                    noted.add(str(kind.value))
    assert noted == set(Read)
