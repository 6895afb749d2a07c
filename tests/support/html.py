"""What every page of the service has to be, whatever it shows."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bs4 import BeautifulSoup, Tag

NOT_TYPED_INTO = frozenset({"hidden", "submit", "button", "reset", "image"})
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def faults(soup: BeautifulSoup) -> list[str]:
    """What is wrong with a page, one sentence each; nothing for a sound page."""
    tags = soup.find_all(True)
    ids = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    return [
        *_of_the_document(soup),
        *(f"id {name!r} is used {count} times" for name, count in ids.items() if count > 1),
        *_of_labels(tags),
        *_of_names(tags),
        *_of_scripts_and_styles(tags),
        *_of_references(tags, frozenset(ids)),
    ]


def _of_the_document(soup: BeautifulSoup) -> Iterator[str]:
    root = soup.html
    if root is None or not root.get("lang"):
        yield "<html> has no lang"
    title = soup.title.get_text(strip=True) if soup.title else ""
    if not title or title.startswith("–"):
        yield f"the title {title!r} does not name the page"
    headings = soup.find_all("h1")
    if len(headings) != 1 or not headings[0].get_text(strip=True):
        yield f"{len(headings)} h1 elements with text, not one"


def _of_labels(tags: Sequence[Tag]) -> Iterator[str]:
    labelled = {str(tag["for"]) for tag in tags if tag.name == "label" and tag.get("for") and tag.get_text(strip=True)}
    for tag in tags:
        kind = str(tag.get("type", "text"))
        if tag.name not in {"input", "select", "textarea"} or (tag.name == "input" and kind in NOT_TYPED_INTO):
            continue
        if not (tag.get("id") in labelled or tag.find_parent("label") or _aria_label(tag)):
            yield f"{_short(tag)} has no label"
        if kind == "radio":
            group = tag.find_parent("fieldset")
            if group is None or not (group.legend and group.legend.get_text(strip=True)):
                yield f"{_short(tag)} stands in no fieldset with a legend"


def _of_names(tags: Sequence[Tag]) -> Iterator[str]:
    for tag in tags:
        if tag.name == "img" and not tag.has_attr("alt"):
            yield f"{_short(tag)} has no alt"
        if tag.name == "button" or (tag.name == "a" and tag.has_attr("href")):
            pictures = (picture for picture in tag.find_all("img") if picture.get("alt"))
            if not (tag.get_text(strip=True) or _aria_label(tag) or any(pictures)):
                yield f"{_short(tag)} has no text"


def _of_scripts_and_styles(tags: Sequence[Tag]) -> Iterator[str]:
    for tag in tags:
        if tag.name == "style":
            yield "an inline stylesheet"
        if tag.name == "script" and (not tag.get("src") or tag.get_text(strip=True)):
            yield "an inline script"
        for name in tag.attrs:
            if name == "style" or name.startswith("on"):
                yield f"{_short(tag)} has the attribute {name}"


def _of_references(tags: Sequence[Tag], ids: frozenset[str]) -> Iterator[str]:
    for tag in tags:
        link = str(tag.get("href", "")) if tag.name == "a" else ""
        if link.startswith("#") and link != "#" and link[1:] not in ids:
            yield f"{_short(tag)} leads to nothing on this page"
        if "govuk-error-summary__list" in tag.get_attribute_list("class"):
            for item in tag.find_all("a"):
                if not str(item.get("href", "")).removeprefix("#") or not str(item["href"]).startswith("#"):
                    yield f"{_short(item)} in the error summary leads to no field"
        for attribute in REFERENCES:
            for value in tag.get_attribute_list(attribute) if tag.has_attr(attribute) else ():
                for name in str(value).split():
                    if name not in ids:
                        yield f"{_short(tag)}: {attribute} names {name!r}, which is not on this page"


def _aria_label(tag: Tag) -> bool:
    return bool(tag.get("aria-label") or tag.get("aria-labelledby"))


def _short(tag: Tag) -> str:
    attributes = "".join(f' {name}="{tag[name]}"' for name in ("type", "name", "id", "href") if tag.get(name))
    return f"<{tag.name}{attributes}>"
