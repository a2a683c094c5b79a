"""Texts with names in double braces, and nothing else: no expression is evaluated."""

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
