"""Texts with names in double braces, and nothing else: no expression is evaluated. And texts of others."""

import re
from collections.abc import Mapping

NAME = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def names(text: str) -> set[str]:
    """Return the names that ``text`` asks for.

    >>> sorted(names("{{ total }} by {{deadline}}, {{ total }}"))
    ['deadline', 'total']
    """
    return set(NAME.findall(text))


def fill(text: str, values: Mapping[str, object]) -> str:
    """Return ``text`` with each name replaced; what a value says isn't looked at again.

    :raise KeyError: for a name without a value

    >>> fill("Pay {{ total }}", {"total": "1 200,00 € {{ x }}"})
    'Pay 1 200,00 € {{ x }}'
    """
    return NAME.sub(lambda found: str(values[found[1]]), text)


def printable(text: object, size: int) -> str:
    """Return what somebody else wrote as a database takes it: no NUL, no half of a character, ``size`` at most.

    >>> printable("a\\0b\\ud800c", 10), printable(None, 10), printable("Payé hier", 4)
    ('ab?c', '', 'Payé')
    """
    known = "" if text is None else str(text)[: size * 2]
    return known.replace("\0", "").encode("utf-8", "replace").decode()[:size]
