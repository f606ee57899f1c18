"""A page that has a table which a program writes, between two marks."""

from pathlib import Path

MARK_END = "<!-- end -->"


def parts(page: Path, mark: str) -> tuple[str, str]:
    """What stands before the table and what stands after it."""
    text = page.read_text()
    assert text.count(mark) == 1, f"{page} needs the mark {mark} once"
    head, rest = text.split(mark)
    assert MARK_END in rest, f"{page} needs the mark {MARK_END} after {mark}"
    return head, rest.split(MARK_END, 1)[1]


def write_between(page: Path, mark: str, text: str) -> None:
    """Puts a text between a mark and the next end mark."""
    head, tail = parts(page, mark)
    page.write_text(head + mark + "\n" + text + MARK_END + tail)
