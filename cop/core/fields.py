"""Fields such as ``{name}`` in what staff write: only those that we know stand for something."""

import re
from collections.abc import Collection, Mapping

FIELD = re.compile(r"\{(\w+)\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with values in the place of their fields; whatever else stands in braces stays as it is."""
    return FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def unknown(text: str, known: Collection[str]) -> list[str]:
    """The fields in a text that stand for nothing, in their order, each once."""
    return list(dict.fromkeys(name for name in FIELD.findall(text) if name not in known))
