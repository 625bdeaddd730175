"""Cells of a CSV that people open in a spreadsheet: none of them is taken for a formula."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With which a spreadsheet may begin a formula, or skip to one."""


def safe_cell(value: str) -> str:
    """The text, with an apostrophe before what a spreadsheet could run; NUL is left out."""
    text = value.replace("\x00", "")
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
