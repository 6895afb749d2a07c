"""Indicators and what they are made of, saved at once."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.evidence import Indicator, IndicatorValue, Unit
from cop.services import indicators
from cop.services.indicators import Noted, Terms
from tests.support.make import Make, reading, working

SLUG = "health-inequalities"

TERMS: dict[str, Any] = {
    "name": "Residents who shaped a plan",
    "definition": "Residents named by a council as having shaped a plan.",
    "unit": Unit.COUNT,
    "source": "Monthly calls with councils",
    "question": 7,
}


class Indicators:
    """All is done by one admin of the programme."""

    def __init__(self, app: Flask, make: Make, admin: Person | None = None) -> None:
        self._app = app
        self.programme = make.programme()
        self.admin = admin or make.admin()
        self.actor = make.actor(self.admin)

    def add(self, measure: str | None = None, **terms: Any) -> Indicator:
        with working(self._app, self.actor) as work:
            numbers: dict[str, Any] = {name: Decimal(terms[name]) for name in ("baseline", "target") if name in terms}
            given: dict[str, Any] = {**TERMS, **terms, **numbers}
            return indicators.add(work, slug=SLUG, terms=Terms(**given), measure=measure)

    def note(self, code: str, value: float, *, on: date, n: int | None = None, note: str = "") -> IndicatorValue:
        with working(self._app, self.actor) as work:
            noted = Noted(on, Decimal(str(value)), n, note)
            return indicators.note(work, slug=SLUG, code=code, noted=noted)

    def counted(self, code: str, value: float, n: int | None = None, *, on: date | None = None) -> None:
        """As if the service had counted it on that day, today where none is given."""
        with working(self._app) as work:
            found = work.session.scalars(select(Indicator).where(Indicator.code == code)).one()
            day = on or work.now.date()
            same = select(IndicatorValue).where(IndicatorValue.indicator_id == found.id, IndicatorValue.on_date == day)
            row = work.session.scalars(same).one_or_none()
            if row is None:
                row = IndicatorValue(indicator_id=found.id, on_date=day, recorded_at=work.now)
                work.session.add(row)
            row.value, row.n = Decimal(str(value)), n

    def codes(self) -> Sequence[str]:
        """Those that stand, in their order."""
        found = select(Indicator.code).where(Indicator.retired_at.is_(None)).order_by(Indicator.position)
        with reading(self._app) as read:
            return read.session.scalars(found).all()

    def values(self, code: str) -> Sequence[IndicatorValue]:
        found = select(IndicatorValue).join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        with reading(self._app) as read:
            wanted = found.where(Indicator.code == code).order_by(IndicatorValue.on_date)
            return read.session.scalars(wanted).all()
