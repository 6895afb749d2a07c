"""The house's rules about templates, read from their source without rendering them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

from tests.support.source import ROOT

FOLDER = ROOT / "cop" / "templates"

SAID_TO_PEOPLE = frozenset({"alt", "title", "aria-label", "aria-description", "aria-roledescription", "placeholder"})
NOT_PROSE = frozenset({"script", "style", "code"})
TRANSLATES = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
LETTER = re.compile(r"[^\W\d_]")
SENTENCE = re.compile(r"^[A-Z][a-z’]+\b(?!-)")
FILLED_IN = "\ufffc"
"""Stands for what an expression fills in: no letter, and not nothing."""


def names(*suffixes: str) -> list[str]:
    return sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in suffixes)


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def without_jinja(environment: Environment, source: str) -> str:
    """What a template says of itself: expressions become one sign, and translated blocks, tags and comments nothing.

    Lines stay where they are.
    """
    said: list[str] = []
    inside, translated, words = "", False, 0
    for _line, kind, value in environment.lex(source):
        if kind in {"variable_begin", "block_begin", "comment_begin"}:
            inside, words = kind, 0
            said.append(FILLED_IN if kind == "variable_begin" and not translated else "")
        elif inside == "block_begin" and kind == "name":
            translated = {"trans": True, "endtrans": False}.get(value, translated) if words == 0 else translated
            words += 1
        if kind == "data" and not inside and not translated:
            said.append(value)
        else:
            said.append("\n" * value.count("\n"))
        if kind in {"variable_end", "block_end", "comment_end"}:
            inside = ""
    return "".join(said)


class Untranslated(HTMLParser):
    """Collects what a reader would see that no translator ever saw."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in NOT_PROSE
        self.found += [
            f"line {self.getpos()[0]}: {name}={value!r}"
            for name, value in attrs
            if name in SAID_TO_PEOPLE and LETTER.search(value or "")
        ]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden and LETTER.search(data):
            self.found.append(f"line {self.getpos()[0]}: {' '.join(data.split())!r}")


def untranslated(environment: Environment, source: str, *, is_html: bool = True) -> list[str]:
    """Words for people that stand outside ``{% trans %}`` and ``_()``."""
    said = without_jinja(environment, source)
    found: list[str] = []
    if is_html:
        parser = Untranslated()
        parser.feed(said)
        parser.close()
        found += parser.found
    else:
        found += [
            f"line {number}: {line.strip()!r}"
            for number, line in enumerate(said.splitlines(), start=1)
            if LETTER.search(line)
        ]
    return found + [f"line {node.lineno}: {node.value!r}" for node in _sentences(environment.parse(source))]


def _sentences(node: nodes.Node) -> Iterator[nodes.Const]:
    """Constants within expressions that read as words for people and are not handed to a translator."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name) and child.node.name in TRANSLATES:
            continue
        if isinstance(child, (nodes.Compare, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Include)):
            continue
        if isinstance(node, nodes.Getitem) and child is node.arg:
            continue
        if isinstance(child, nodes.Const) and isinstance(child.value, str) and SENTENCE.match(child.value):
            yield child
        yield from _sentences(child)


class Inline(HTMLParser):
    """Collects what our Content-Security-Policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        here = f"line {self.getpos()[0]}: "
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.found.append(f"{here}<{tag}>")
        self.found += [f"{here}{name}=" for name in given if name == "style" or name.startswith("on")]
        if (given.get("href") or "").startswith("javascript:"):
            self.found.append(f"{here}javascript:")


def inline(environment: Environment, source: str) -> list[str]:
    """Scripts and styles that stand in the page itself."""
    parser = Inline()
    parser.feed(without_jinja(environment, source))
    parser.close()
    return parser.found


def referred_to(environment: Environment, source: str) -> Iterator[re.Pattern[str]]:
    """Templates that this one extends, includes or imports; where the name is put together, a pattern."""
    for node in environment.parse(source).find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        name = node.template  # type: ignore[attr-defined]
        for part in name.items if isinstance(name, nodes.List) else [name]:
            if isinstance(part, nodes.Const):
                yield re.compile(re.escape(str(part.value)))
            else:
                pieces = [
                    re.escape(str(piece.value)) if isinstance(piece, nodes.Const) else ".+"
                    for piece in _concatenated(part)
                ]
                yield re.compile("".join(pieces))


def _concatenated(node: nodes.Node) -> list[nodes.Node]:
    if isinstance(node, nodes.Concat):
        return list(node.nodes)
    if isinstance(node, nodes.Add):
        return [*_concatenated(node.left), *_concatenated(node.right)]
    return [node]


def addresses(environment: Environment, source: str) -> Iterator[tuple[int, str]]:
    """Line and endpoint of every ``url_for("…")``."""
    for call in environment.parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "url_for" and isinstance(call.args[0], nodes.Const):
            yield call.lineno, str(call.args[0].value)


def static_files(environment: Environment, source: str) -> Iterator[str]:
    """Names of our static files that a template asks for."""
    for call in environment.parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "static_address":
            yield from (str(argument.value) for argument in call.args if isinstance(argument, nodes.Const))


def mail_folders() -> list[Path]:
    return sorted(path for path in (FOLDER / "mail").iterdir() if path.is_dir())
