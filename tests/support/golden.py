"""Files that hold what an output has to be, letter for letter."""

from pathlib import Path


class Golden:
    """Compare with a file; ``pytest --update-golden`` writes it instead, for a person to read in the diff."""

    def __init__(self, *, update: bool) -> None:
        self._update = update

    def __call__(self, path: Path, text: str) -> None:
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        assert path.exists(), f"{path} is missing: run pytest --update-golden and read what it wrote"
        with path.open(encoding="utf-8", newline="") as file:
            kept = file.read()
        assert text == kept, f"{path} tells something else: if that is meant, run pytest --update-golden"
