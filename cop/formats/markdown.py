"""Markdown as people write it into the forum and staff into letters, to HTML that is safe, and to plain text.

CommonMark without raw HTML and without images. A line end is a line end, since most people have never heard of
Markdown, and an address that stands in the text becomes a link. Headings begin at the third level, because the page
and the post have the first two; a letter says otherwise. Fields such as ``{name}`` are filled in after the Markdown
was read, so that nobody's name makes a link or a heading.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import indent

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from cop.core import fields as safe_fields

LARGEST_HEADING, SMALLEST_HEADING = 3, 6

TAGS = {"p", "br", "hr", "strong", "em", "a", "ul", "ol", "li", "blockquote", "pre", "code"}
TAGS |= {f"h{level}" for level in range(2, SMALLEST_HEADING + 1)}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

ADDRESS = re.compile(r"https?://[^\s<>\"]+")
AFTER_AN_ADDRESS = ".,:;!?'\"’”]*_"
"""What ends a sentence and no address."""


def to_html(text: str, *, fields: Mapping[str, str] | None = None, largest_heading: int = LARGEST_HEADING) -> str:
    """The text as sanitised HTML; empty where nothing of it can be seen."""
    drawn = str(_reader.render(text, {"fields": fields or {}, "largest_heading": largest_heading}))
    return nh3.clean(drawn, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow noopener").strip()


def to_text(text: str, *, fields: Mapping[str, str] | None = None) -> str:
    """The same as plain text: without marks, and with the address of each link behind its words."""
    tree = SyntaxTreeNode(_reader.parse(text, {"fields": fields or {}}))
    return "\n\n".join(_blocks(tree.children))


def quoted(text: str, *, by: str, most: int = 1_000) -> str:
    """What somebody wrote as a quotation to answer, cut at a word beyond ``most`` characters."""
    if len(text) > most:
        text = f"{text[:most].rsplit(None, 1)[0]} …"
    lines = [f"**{by}**", "", *text.splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def _shift_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = int(token.tag[1]) + state.env.get("largest_heading", LARGEST_HEADING) - 1
            token.tag = f"h{min(level, SMALLEST_HEADING)}"


def _link_addresses(state: StateCore) -> None:
    """Make links of addresses that stand in the text, outside links and code."""
    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content or not block.children:
            continue
        depth = 0
        found: list[Token] = []
        for token in block.children:
            depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            found += [token] if depth or token.type != "text" else _split(token, state.md)
        block.children = found


def _split(token: Token, reader: MarkdownIt) -> Iterator[Token]:
    """The text and the addresses in it, in their order."""
    done = 0
    for match in ADDRESS.finditer(token.content):
        address = _without_end_of_sentence(match.group())
        target = reader.normalizeLink(address)
        if not reader.validateLink(target):
            continue
        yield _text(token.content[done : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": target})
        yield _text(address)
        yield Token("link_close", "a", -1)
        done = match.start() + len(address)
    yield _text(token.content[done:])


def _fill_fields(state: StateCore) -> None:
    """Put values in the place of fields, as words and nothing else."""
    values = state.env.get("fields", {})
    for block in state.tokens:
        for token in block.children or ():
            if token.type == "text":
                token.content = safe_fields.filled(token.content, values)


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> Iterator[str]:
    """Each block as plain text, without those in which nothing can be seen."""
    for node in nodes:
        if block := _block(node).rstrip():
            yield block


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph" | "heading":
            return "".join(map(_inline, node.children[0].children))
        case "bullet_list" | "ordered_list":
            first = int(node.attrs.get("start", 1))
            marks = ("-" if node.type == "bullet_list" else f"{first + n}." for n in range(len(node.children)))
            return "\n".join(map(_item, marks, node.children))
        case "blockquote":
            said = "\n\n".join(_blocks(node.children))
            return "\n".join(f"> {line}".rstrip() for line in said.splitlines())
        case "hr":
            return "---"
        case _:
            return node.content


def _item(mark: str, node: SyntaxTreeNode) -> str:
    return f"{mark} " + indent("\n".join(_blocks(node.children)), " " * (len(mark) + 1)).lstrip(" ")


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            words = "".join(map(_inline, node.children))
            address = str(node.attrs["href"]).removeprefix("mailto:")
            return words if words == address else f"{words}: {address}"
        case "strong" | "em":
            return "".join(map(_inline, node.children))
        case _:
            return node.content


def _without_end_of_sentence(address: str) -> str:
    """The address without what follows it; a bracket that it opened itself belongs to it."""
    address = address.rstrip(AFTER_AN_ADDRESS)
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(AFTER_AN_ADDRESS)
    return address


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


_reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
_reader.core.ruler.push("headings", _shift_headings)
_reader.core.ruler.push("addresses", _link_addresses)
_reader.core.ruler.push("fields", _fill_fields)
