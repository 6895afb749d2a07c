"""Invented names and needs; no name is that of a person we know of."""

_FIRST = (
    "Abimbola", "Bethan", "Callum", "Divya", "Eilidh", "Farida", "Gethin", "Hollis", "Imogen", "Jarek",
    "Kezia", "Lowri", "Mehmet", "Niamh", "Olwen", "Priya", "Quentin", "Roisin", "Sunita", "Tomasz",
    "Una", "Vikram", "Wren", "Xanthe", "Yusuf", "Zofia", "Anwen", "Blessing", "Catrin", "Dermot",
)  # fmt: skip
_LAST = ("Ashdown", "Birkett", "Carrow", "Dunmere", "Eastby", "Fenwicke", "Garside", "Hallow", "Inglemoor", "Kestrel")

NAMES = tuple(
    f"{first} {_LAST[(number * 7 + number // 10 + family * 3) % len(_LAST)]}"
    for family in range(4)
    for number, first in enumerate(_FIRST)
)
"""120 of them, all different."""

NEEDS = (
    "Step-free access; I use a wheelchair.",
    "BSL interpreter, please.",
    "Large print for anything handed out.",
    "A quiet space for breaks.",
    "Help with childcare, two children under five.",
)
