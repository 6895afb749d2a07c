"""Somebody who has no pointer: Tab and Shift+Tab, Enter, Space, the arrows, and what they type."""

from typing import Literal

from playwright.sync_api import Locator, Page

from tests.support.pages import arriving

Way = Literal["Tab", "Shift+Tab"]
Arrow = Literal["ArrowDown", "ArrowUp"]

ONWARD = {"Tab": "FOLLOWING", "Shift+Tab": "PRECEDING"}

LOOK = """
const ring = style => {
  if (style.opacity === "0") return [];
  const line = style.outlineStyle !== "none" && !style.outlineColor.endsWith(", 0)");
  return [line && style.outlineWidth, style.boxShadow];
};
const look = element => {
  const labels = [...element.labels ?? []].map(label => getComputedStyle(label, "::before"));
  const {width, height} = element.getBoundingClientRect();
  return JSON.stringify([width, height, ...[getComputedStyle(element), ...labels].map(ring)]);
};
"""
"""What can show the focus: outline and shadow, those that a label draws for its radio, and the size of what appears."""

BEFORE = (
    "() => {"
    + LOOK
    + """
  const all = [...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]")];
  return {left: document.activeElement, looks: new Map(all.map(element => [element, look(element)]))};
}"""
)

FAULT = (
    "([{left, looks}, onward]) => {"
    + LOOK
    + """
  const now = document.activeElement;
  const where = now.outerHTML.slice(0, 200);
  const lies = left.compareDocumentPosition(now);
  if (now === document.body) return "the page is at its end";
  if (onward && left !== document.body && !(lies & Node["DOCUMENT_POSITION_" + onward])) return `back at ${where}`;
  if (!now.matches(":focus-visible") || look(now) === looks.get(now)) return `the focus does not show on ${where}`;
  return null;
}"""
)


class Keyboard:
    """Wherever the focus is, the page has to show it; and it goes through the page in one direction, to the end."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._focus = page.locator(":focus")

    def go_to(self, wanted: Locator, by: Way = "Tab") -> None:
        """Press the key until one of those has the focus."""
        while not self.is_at(wanted):
            self._press(by, wanted, ONWARD[by])

    def is_at(self, wanted: Locator) -> bool:
        return wanted.and_(self._focus).count() > 0

    def follow(self, name: str, by: Way = "Tab") -> None:
        """Go to a link or a button, press Enter, and arrive on the next page."""
        self.go_to(self._page.get_by_role("link", name=name, exact=True).or_(self._button(name)), by)
        self.enter()

    def press(self, name: str) -> None:
        """Go to a button, press Space, and arrive on the next page."""
        self.go_to(self._button(name))
        with arriving(self._page):
            self._page.keyboard.press("Space")

    def enter(self) -> None:
        """Press Enter where the focus is, and arrive on the next page."""
        with arriving(self._page):
            self._page.keyboard.press("Enter")

    def write(self, field: str, text: str) -> None:
        """Go to a field and write this in place of what is there."""
        self.go_to(self._page.get_by_label(field))
        self._page.keyboard.press("Control+a")
        self._page.keyboard.type(text)

    def tick(self, name: str, by: Way = "Tab") -> None:
        box = self._page.get_by_role("checkbox", name=name)
        self.go_to(box, by)
        self._page.keyboard.press("Space")
        assert box.is_checked()

    def choose(self, question: str, answer: str, arrow: Arrow = "ArrowDown") -> None:
        """Go to a group of radios, and from where one enters it to the answer."""
        group = self._page.get_by_role("group", name=question)
        radios, wanted = group.get_by_role("radio"), group.get_by_role("radio", name=answer, exact=True)
        self.go_to(radios)
        self._page.keyboard.press("Space")
        for _ in radios.all():
            if self.is_at(wanted):
                break
            self._press(arrow, wanted)
        assert wanted.is_checked()

    def _button(self, name: str) -> Locator:
        return self._page.get_by_role("button", name=name, exact=True)

    def _press(self, key: str, wanted: Locator, onward: str | None = None) -> None:
        before = self._page.evaluate_handle(BEFORE)
        self._page.keyboard.press(key)
        fault = self._page.evaluate(FAULT, [before, onward])
        assert not fault, f"{self._page.url}: on the way to {wanted}: {fault}"
