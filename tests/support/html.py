"""What every page of the service has to be, whatever it shows."""

from collections import Counter
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

NOT_TYPED_INTO = frozenset({"hidden", "submit", "button", "reset", "image"})


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def faults(soup: BeautifulSoup) -> list[str]:
    """What is wrong with a page, one sentence each; nothing for a sound page."""
    ids = Counter(str(tag["id"]) for tag in soup.select("[id]"))
    return [
        *_of_the_document(soup),
        *(f"id {name!r} is used {count} times" for name, count in ids.items() if count > 1),
        *_of_labels(soup),
        *(f"{_short(image)} has no alt" for image in soup.select("img:not([alt])")),
        *(f"{_short(button)} has no text" for button in soup.select("button, a[href]") if not _named(button)),
        *_of_scripts_and_styles(soup),
        *_of_references(soup, frozenset(ids)),
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


def _of_labels(soup: BeautifulSoup) -> Iterator[str]:
    labelled = {str(label["for"]) for label in soup.select("label[for]") if label.get_text(strip=True)}
    for control in soup.select("input, select, textarea"):
        kind = str(control.get("type", "text"))
        if kind in NOT_TYPED_INTO:
            continue
        if not (control.get("id") in labelled or control.find_parent("label") or _aria_label(control)):
            yield f"{_short(control)} has no label"
        if kind == "radio":
            group = control.find_parent("fieldset")
            if group is None or not (group.legend and group.legend.get_text(strip=True)):
                yield f"{_short(control)} stands in no fieldset with a legend"


def _of_scripts_and_styles(soup: BeautifulSoup) -> Iterator[str]:
    for script in soup.select("script"):
        if not script.get("src") or script.get_text(strip=True):
            yield "an inline script"
    for _ in soup.select("style"):
        yield "an inline stylesheet"
    for tag in soup.find_all(True):
        for name in tag.attrs:
            if name == "style" or name.startswith("on"):
                yield f"{_short(tag)} has the attribute {name}"


def _of_references(soup: BeautifulSoup, ids: frozenset[str]) -> Iterator[str]:
    for link in soup.select('a[href^="#"]'):
        if (target := str(link["href"])[1:]) and target not in ids:
            yield f"{_short(link)} leads to nothing on this page"
    for link in soup.select(".govuk-error-summary__list a"):
        if not str(link.get("href", "")).startswith("#") or link.get("href") == "#":
            yield f"{_short(link)} in the error summary leads to no field"
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for tag in soup.select(f"[{attribute}]"):
            value = tag[attribute]
            for name in value if isinstance(value, list) else str(value).split():
                if name not in ids:
                    yield f"{_short(tag)}: {attribute} names {name!r}, which is not on this page"


def _aria_label(tag: Tag) -> bool:
    return bool(tag.get("aria-label") or tag.get("aria-labelledby"))


def _named(tag: Tag) -> bool:
    return bool(tag.get_text(strip=True) or _aria_label(tag) or tag.select_one("img[alt]:not([alt=''])"))


def _short(tag: Tag) -> str:
    attributes = "".join(f' {name}="{tag[name]}"' for name in ("type", "name", "id", "href") if tag.get(name))
    return f"<{tag.name}{attributes}>"
