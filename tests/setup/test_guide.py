"""The guide is whole: the same pages in both languages, all named by the index, and no link that leads nowhere."""

import re
from pathlib import Path
from xml.etree import ElementTree

import addons
import polib
import pytest

REPO = Path(__file__).resolve().parents[2]
GUIDE = REPO / "docs" / "guide"
IMAGES = REPO / "docs" / "images"
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
LANGUAGES = ("en", "fr")
PAGES = sorted([*REPO.glob("*.md"), *REPO.glob("docs/**/*.md")])
UNITS = {
    "en": {"minutes": "minutes", "hours": "hour", "days": "day", "weeks": "week"},
    "fr": {"minutes": "minutes", "hours": "heure", "days": "jour", "weeks": "semaine"},
}
# The way to a screen: _Dunning ▸ Runs_.
WAY = re.compile(r"(?<![\w_])_([^_\n]+(?:\n[^_\n]+)?)_(?!\w)|\*\*([^*\n]+(?:\n[^*\n]+)?)\*\*")
# Odoo's own words on these ways.
OF_ODOO = {
    "en": "Actions|Contacts|Grant portal access|Invoicing|Merge|New|Other info|Partner Reports|Preferences|Quotations"
    "|Reporting|the contact|⚙",
    "fr": "Actions|Analyse|Autres informations|Accorder l'accès au portail|Contacts|Devis|Facturation|Fusionner|Nouveau"
    "|Préférences|Rapports partenaires|le contact|⚙",
}
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)]+)\)")


def names(language: str) -> set[str]:
    return {path.name for path in (GUIDE / language).glob("*.md")}


def scheduled_actions():
    """Yield (addon, name, number, unit) of each scheduled action of the addons."""
    for addon in addons.find(REPO):
        for path in addon.glob("data/*.xml"):
            for record in ElementTree.parse(path).iter("record"):
                if record.get("model") == "ir.cron":
                    values = {field.get("name"): field.text or field.get("eval") for field in record}
                    yield addon, values["name"], values["interval_number"], values["interval_type"]


def rows(language: str) -> dict[str, list[str]]:
    """``{first cell: the others}`` of the tables on the administrators' page."""
    lines = (GUIDE / language / "administration.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {first: others for first, *others in cells}


def test_pages_are_the_same_in_both_languages():
    assert names("en") == names("fr")


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" .…")


def labels(language: str) -> set[str]:
    """What the screens of the addons say in this language."""
    found = set()
    for path in REPO.glob("credit_control*/i18n/fr.po"):
        for entry in polib.pofile(str(path)):
            found.add(plain(entry.msgstr or entry.msgid if language == "fr" else entry.msgid))
    return found | set(OF_ODOO[language].split("|"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_ways_to_screens_are_as_the_screens_say(language):
    known, wrong = labels(language), []
    for path in sorted((GUIDE / language).glob("*.md")):
        ways = (first or second for first, second in WAY.findall(path.read_text()))
        words = {plain(word) for way in ways if "▸" in way for word in way.split("▸")}
        wrong += [(path.name, word) for word in sorted(words - known - {""})]
    assert not wrong


def test_pictures_are_seen():
    """Each picture is on some page, and French pages show French screens."""
    shown = {(page.parent / target).resolve() for page in PAGES for target in PICTURE.findall(page.read_text())}
    assert {path for path in IMAGES.rglob("*.png") if path.resolve() not in shown} == set()
    french = {path.name for path in (IMAGES / "fr").glob("*.png")}
    pages = sorted((GUIDE / "fr").glob("*.md"))
    targets = [(page.name, Path(target)) for page in pages for target in PICTURE.findall(page.read_text())]
    assert not [where for where, target in targets if target.name in french and target.parent.name != "fr"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_index_names_every_page(language):
    index = (GUIDE / language / "README.md").read_text()
    assert {name for name in names(language) if f"]({name})" not in index} == {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_links_lead_somewhere(page):
    targets = [first or second for first, second in LINK.findall(page.read_text())]
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert not [target for target in local if not (page.parent / target).exists()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_administrators_are_told_of_every_scheduled_action(language):
    told = rows(language)
    for addon, name, number, unit in scheduled_actions():
        if language == "fr":
            terms = {entry.msgid: entry.msgstr for entry in polib.pofile(str(addon / "i18n" / "fr.po"))}
            name = terms[name]
        every = told[name.replace("\u00a0", " ")][0]
        assert every == f"{number} {UNITS[language][unit]}", name
