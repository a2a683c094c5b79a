"""French is complete: each term of each addon is translated, and no translation breaks what Odoo puts into it.

What reads the same in French (``Date``) has no translation of its own; ``same_in_french.txt`` lists these terms, so
that any other one without was forgotten.
"""

import re
from collections import Counter
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parents[2]
SAME = frozenset(Path(__file__).with_name("same_in_french.txt").read_text().splitlines())
ADDONS = sorted(path.parent.name for path in ROOT.glob("credit_control*/__manifest__.py"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%")
# Tags, and what a template computes: both must survive.
MARKUP = re.compile(r"</?[a-z][\w-]*|\bt-[a-z-]+=(?:\"[^\"]*\"|'[^']*')")
# Tags and expressions aren't read, but for these attributes.
UNREAD = re.compile(r"<[^>]*>|\{\{.*?\}\}", re.DOTALL)
READ = re.compile(r'\b(?:title|placeholder|alt|aria-label|string|confirm)="([^"]*)"')
# A line may break at a plain space: no sign may begin the next one, nor a quotation mark end this one.
BREAKABLE = re.compile(r" [:;?!»](?!\w)|« |\w (?:%%|€)")


def _entries(addon):
    return list(polib.pofile(str(ROOT / addon / "i18n" / "fr.po")))


def _keys(path):
    return {entry.msgid for entry in polib.pofile(str(path))}


@pytest.mark.parametrize("addon", ADDONS)
def test_every_term_is_in_french(addon):
    entries = _entries(addon)
    assert not [entry.msgid for entry in entries if not entry.msgstr and entry.msgid not in SAME]
    assert not [entry.msgid for entry in entries if entry.fuzzy]


def test_list_of_the_same_names_nothing_else():
    untranslated = {entry.msgid for addon in ADDONS for entry in _entries(addon) if not entry.msgstr}
    assert untranslated == SAME


@pytest.mark.parametrize("addon", ADDONS)
def test_french_has_the_terms_of_the_template(addon):
    folder = ROOT / addon / "i18n"
    assert _keys(folder / "fr.po") == _keys(folder / f"{addon}.pot")


@pytest.mark.parametrize("addon", ADDONS)
@pytest.mark.parametrize("pattern", [PLACEHOLDER, MARKUP], ids=["placeholders", "markup"])
def test_french_keeps_what_is_filled_in(addon, pattern):
    broken = [
        (entry.msgid, entry.msgstr)
        for entry in _entries(addon)
        if entry.msgstr and Counter(pattern.findall(entry.msgid)) != Counter(pattern.findall(entry.msgstr))
    ]
    assert not broken


@pytest.mark.parametrize("addon", ADDONS)
def test_french_signs_stay_beside_their_word(addon):
    read = [[UNREAD.sub("", entry.msgstr), *READ.findall(entry.msgstr)] for entry in _entries(addon)]
    assert not [text for texts in read for text in texts if BREAKABLE.search(text)]
