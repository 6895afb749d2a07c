"""Doubles of people and organisations, and the whole database as it is told to somebody who compares."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from cop.core.access import SYSTEM
from cop.models.accounts import Person
from cop.models.base import Base
from cop.models.merging import Merge
from cop.models.organisations import Organisation
from cop.queries.merging import previews
from cop.services import merging
from tests.support.make import reading, working

UNTOUCHED = ("person", "organisation", "merge", "audit", "person_key", "setting", "sign_in")
"""Tables of which tests speak by themselves."""


class Merging:
    """An admin who merges and takes apart."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def preview(self, kept: Person, gone: Person) -> previews.Preview[previews.PersonSide]:
        with reading(self._app) as read:
            return previews.people(read, kept=kept.public_id, gone=gone.public_id)

    def people(self, kept: Person, gone: Person, *, take: Collection[str] = ()) -> Merge:
        seen = self.preview(kept, gone).seen
        with working(self._app, SYSTEM) as work:
            return merging.people.merge(work, kept=kept.public_id, gone=gone.public_id, take=take, seen=seen)

    def organisations(self, kept: Organisation, gone: Organisation, *, take: Collection[str] = ()) -> Merge:
        with reading(self._app) as read:
            seen = previews.organisations(read, kept=kept.slug, gone=gone.slug).seen
        with working(self._app, SYSTEM) as work:
            return merging.organisations.merge(work, kept=kept.slug, gone=gone.slug, take=take, seen=seen)

    def undo(self, merge: Merge) -> Merge:
        with working(self._app, SYSTEM) as work:
            return merging.undo(work, merge_id=merge.id)

    def rows(self, *but: str) -> Mapping[str, list[Any]]:
        """Every row of every table but some, in an order of its own."""
        with reading(self._app) as read:
            return {
                table.name: sorted(
                    read.session.scalars(select(func.to_jsonb(table.table_valued()))).all(),
                    key=lambda row: [str(row[column.name]) for column in table.primary_key],
                )
                for table in Base.metadata.sorted_tables
                if table.name not in (*UNTOUCHED, *but)
            }
