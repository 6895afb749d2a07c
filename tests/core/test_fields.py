from cop.core import fields


def test_known_fields_are_filled_and_other_braces_stay() -> None:
    assert fields.filled("{name}, {when} {2} {a b} {{name}}", {"name": "{when}"}) == "{when}, {when} {2} {a b} {{when}}"


def test_what_stands_for_nothing_is_named_once() -> None:
    assert fields.unknown("{name} {nme} {when} {nme} { x }", {"name", "when"}) == ["nme"]
