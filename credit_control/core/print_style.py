"""Style sheets of printed pages, cut down to what the pages use.

wkhtmltopdf reads the whole style sheet again for each page, once more for its header and once more for its footer: with
Odoo's 400 kB that is more than half of the time that a batch of letters takes. Rules that can match nothing on any of
the pages are left out; those of which that isn't certain stay.

>>> css = ".page p {margin: 0} .navbar, .modal {color: red} @media print {.page {top: 0} .modal {top: 0}}"
>>> cut(css, ['<div class="page"><p>Dear customer</p></div>'])
'.page p{margin: 0}@media print{.page{top: 0}}'

What is excluded needn't be there; a list in brackets isn't a list of selectors:

>>> cut(".page:not(.wide, .high) {top: 0} .wide {top: 0}", ['<div class="page"/>'])
'.page:not(.wide, .high){top: 0}'
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

# What gives a style sheet its structure; comments, texts and addresses are passed over, whatever stands in them.
MARKS = re.compile(
    r"""/\*.*?\*/ | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | url\((?:\\.|[^"')\\])*\) | [{};]""", re.DOTALL | re.VERBOSE
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Brackets of a selector, one pair within another at most, and texts.
BRACKETS = r"""\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\]|"[^"]*"|'[^']*'"""
SELECTOR = re.compile(rf"(?:{BRACKETS}|[^,(\[\"'])+")
IN_BRACKETS = re.compile(BRACKETS)
CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
CLASSES = re.compile(r"""\bclass\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# Groups of rules under a condition; other at-rules (fonts, pages, key frames) stay as they are.
GROUPS = ("@media", "@supports")


class Selector(NamedTuple):
    """The text of a selector, and the classes without which it matches nothing."""

    text: str
    classes: frozenset[str]


class Rule(NamedTuple):
    """What stands in a style sheet: ``text`` behind the selectors, before the rules of a group, or all there is."""

    text: str
    selectors: tuple[Selector, ...] | None = None
    rules: tuple["Rule", ...] | None = None


def cut(css: str, pages: Iterable[str]) -> str:
    """Return the rules of ``css`` that may match something in ``pages`` (texts of HTML), in their order.

    A style sheet that isn't whole is returned as it is: where its rules end can't be told.

    >>> cut(".modal {top: 0", [])
    '.modal {top: 0'
    """
    try:
        rules = read(css)
    except ValueError:
        return css
    return "".join(_write(rules, _get_classes(pages)))


@lru_cache(maxsize=8)
def read(css: str) -> tuple[Rule, ...]:
    """Return the rules of a style sheet: read once, since each batch asks for the same.

    :raise ValueError: where braces don't match
    """
    return tuple(_read_rule(prelude, content) for prelude, content in _split(css) if prelude != '@charset "utf-8"')


def _split(css) -> Iterator[tuple[str, str | None]]:
    """Yield ``(what stands before the braces, what stands within)``; None for a statement without braces."""
    start = depth = opened = 0
    for mark in MARKS.finditer(css):
        if mark[0] == "{":
            depth += 1
            if depth == 1:
                opened = mark.start()
        elif mark[0] == "}":
            depth -= 1
            if depth == 0:
                yield _clean(css[start:opened]), css[opened + 1 : mark.start()]
                start = mark.end()
        elif mark[0] == ";" and depth == 0:
            yield _clean(css[start : mark.start()]), None
            start = mark.end()
    if depth or _clean(css[start:]):
        raise ValueError(css[start : start + 80])


def _clean(text):
    return COMMENT.sub("", text).strip()


def _read_rule(prelude, content) -> Rule:
    if content is None:
        return Rule(f"{prelude};")
    if prelude.startswith(GROUPS):
        return Rule(prelude, rules=read(content))
    if prelude.startswith("@"):
        return Rule(f"{prelude}{{{content}}}")
    return Rule(f"{{{content}}}", tuple(map(_read_selector, SELECTOR.findall(prelude))))


def _read_selector(text) -> Selector:
    """Read a selector: classes within brackets, as in ``:not(.page)``, needn't be there; escaped ones aren't read."""
    names = CLASS.findall(IN_BRACKETS.sub("", text))
    return Selector(text.strip(), frozenset(name for name in names if "\\" not in name))


def _get_classes(pages) -> set[str]:
    return {name for page in pages for found in CLASSES.findall(page) for name in "".join(found).split()}


def _write(rules, classes) -> Iterator[str]:
    for rule in rules:
        if rule.selectors is not None:
            kept = [selector.text for selector in rule.selectors if selector.classes <= classes]
            if kept:
                yield ",".join(kept) + rule.text
        elif rule.rules is not None:
            inner = "".join(_write(rule.rules, classes))
            if inner:
                yield f"{rule.text}{{{inner}}}"
        else:
            yield rule.text
