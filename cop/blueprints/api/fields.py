"""What an item of a list is made of: each field with its meaning and its JSON Schema, by which it is also written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cop.exporting.columns import YES_NO, Column

Schema = Mapping[str, Any]

STRING: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
YES_OR_NO: Schema = {"type": "boolean"}
SLUG: Schema = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}
ADDRESS: Schema = {"type": "string", "format": "uri"}


@dataclass(frozen=True)
class Field:
    """``may_lack`` tells that there may be nothing to say, which is null."""

    name: str
    meaning: str
    schema: Schema = field(default_factory=lambda: STRING)
    may_lack: bool = False

    def described(self) -> Schema:
        """The JSON Schema of the field, of which null is a value where it may lack."""
        told = {**self.schema, "description": self.meaning}
        if self.may_lack:
            told["type"] = [told["type"], "null"]
            if "enum" in told:
                told["enum"] = [*told["enum"], None]
        return told


def words(values: Iterable[str]) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": [str(value) for value in values]}


def list_of(*fields: Field) -> Schema:
    return {"type": "array", "items": object_of(fields)}


def object_of(fields: Sequence[Field]) -> Schema:
    """An object that has all of these fields and no others."""
    return {
        "type": "object",
        "properties": {each.name: each.described() for each in fields},
        "required": [each.name for each in fields],
        "additionalProperties": False,
    }


def of_columns(columns: Iterable[Column], *, never_lack: Sequence[str] = (), **schemas: Schema) -> tuple[Field, ...]:
    """The columns of an export as fields; ``schemas`` for those that are no plain text."""
    return tuple(
        Field(
            column.name,
            column.meaning.replace("empty", "null"),
            schemas.get(column.name) or (words(column.values) if column.values else STRING),
            may_lack=column.name not in never_lack,
        )
        for column in columns
    )


def item(fields: Sequence[Field], cells: Iterable[Any]) -> dict[str, Any]:
    """The cells of an export, in the order of its columns, as JSON has them."""
    return {each.name: _plain(each, cell) for each, cell in zip(fields, cells, strict=True)}


def _plain(of: Field, cell: Any) -> Any:
    """Instants and days in ISO 8601, yes and no in words as in the exports, and what is empty as null."""
    if isinstance(cell, bool) and of.schema["type"] == "string":
        return YES_NO[not cell]
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return float(cell)
    if cell is None or of.schema["type"] != "string":
        return cell
    return str(cell) if cell != "" or not of.may_lack else None
