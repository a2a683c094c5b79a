"""A French credit manager goes through every menu, list, card, form and page: every word is French, nothing breaks."""

import json
import re
import shutil
import time
from pathlib import Path

import addons
import polib
import pytest
from company import LIFE, live, odoo
from database_state import rows
from screenshots.browser import NAMES, Browser
from screenshots.pages import CELL, DESK
from screenshots.runner import log_in

REPO = Path(__file__).resolve().parents[2]
ADDONS = addons.find(REPO)
PATIENCE, STILL = 30.0, 0.5

# Inside of Odoo: whoever works from now on speaks French.
SPEAK = """
env["res.users"].with_context(active_test=False).search([]).write({"lang": "fr_FR"})
env["res.partner"].with_context(active_test=False).search([]).write({"lang": "fr_FR"})
env["ir.default"].set("res.partner", "lang", "fr_FR")
env.ref("base.user_admin").name = "Responsable du crédit"
env.cr.commit()
"""
PREPARE = """
import json
from odoo.fields import Command
company = env["credit.debtor"].search([], limit=1).company_id
user = env.ref("base.user_admin")
groups = env.ref("credit_control.group_manager") + env.ref("account.group_account_manager")
user.write({
    "login": "admin", "password": "admin",
    "company_ids": [Command.set(company.ids)], "company_id": company.id,
    "group_ids": [Command.link(group.id) for group in groups],
})
env["credit.agenda.engine"]._rank(company)
env.cr.commit()
menus = env["ir.ui.menu"].with_user(user).with_context(lang="fr_FR")
below = menus.search([("id", "child_of", env.ref("credit_control.menu_credit_root").id), ("action", "!=", False)])
walk = []
for menu in below:
    action = menu.action
    modes = action.view_mode.split(",") if action._name == "ir.actions.act_window" else [""]
    walk.append((menu.complete_name, action.id, [mode for mode in modes if mode != "form" or modes == ["form"]]))
print("WALK", json.dumps(walk))
"""

# All words on the page: of texts, and of what is shown beside the pointer or in an empty field.
READ = """
(() => {
    const words = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (parent && !parent.closest("script, style, .o_we_command, [contenteditable]")) {
            words.add(walker.currentNode.data);
        }
    }
    for (const name of ["placeholder", "title", "aria-label", "alt"]) {
        document.querySelectorAll(`[${name}]`).forEach((element) => words.add(element.getAttribute(name)));
    }
    return [...words].map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
})()
"""
# What tells that something broke.
BROKEN = "document.querySelector('.o_error_dialog, .o_notification_bar.bg-danger')?.innerText || ''"
DRAWN = ".o_action_manager > .o_action, .modal .o_form_view"
# Words that no French sentence has.
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|was|were|has|have|been|by|with|from|this|that|their|your|not|when|which|until|customers?|"
    r"amounts?|reminders?|overdue|invoices|days|settings|search|every|nothing)\b",
    re.IGNORECASE,
)
# What the tests' own company, charts of accounts and Odoo (the title over a column of activities) say in English.
OWN = re.compile(r"company_|Customer Invoices|Vendor Bills|@|https?:|SMS Gateway|Powered by|\+ Overdue \+ Today")
# Odoo's French in the view of activities; ours of the same word is another.
ODOO_FRENCH = {"Document"}


def untranslated() -> dict[str, str]:
    """``{English: French}`` of the terms that differ."""
    entries = [entry for addon in ADDONS for entry in polib.pofile(str(addon / "i18n" / "fr.po"))]
    pairs = ((re.sub(r"\s+", " ", entry.msgid).strip(), entry.msgstr) for entry in entries)
    found = {english: french for english, french in pairs if french and english != french and len(english) > 2}
    # A word that is also the French of another, or the same in French in one place, is nobody's fault.
    also_french = {*found.values(), *(entry.msgid for entry in entries if entry.msgstr in ("", entry.msgid))}
    return {english: french for english, french in found.items() if english not in also_french | ODOO_FRENCH}


def given(database: str) -> set[str]:
    """What people or interfaces call their things: it isn't translated."""
    codes = rows(database, "SELECT code FROM credit_delay_cause")
    return {*re.findall(r'"([^"]+)"', LIFE), *(code for (code,) in codes)}


class Walk:
    """Goes through the web client and keeps what it reads."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.read: dict[str, str] = {}
        self.broken: dict[str, str] = {}

    def visit(self, name: str, path: str) -> None:
        self.page.call("Page.navigate", url="about:blank")
        self.page.call("Page.navigate", url=f"{self.url}/odoo/{path}")
        if self._settle(name):
            self._note(name)

    def _settle(self, name: str) -> bool:
        """Wait until something is drawn and keeps still."""
        end, before, since = time.monotonic() + PATIENCE, None, time.monotonic()
        while time.monotonic() < end:
            length = self.page.evaluate(f"document.querySelector({DRAWN!r}) && document.body.innerHTML.length")
            if length != before:
                before, since = length, time.monotonic()
            if length and time.monotonic() - since > STILL:
                return True
            time.sleep(0.1)
        self.broken[name] = f"nothing is drawn: {self.page.evaluate('document.body.innerText')!r}"[:400]
        return False

    def _note(self, name: str) -> None:
        for text in self.page.evaluate(READ) or []:
            self.read.setdefault(text, name)
        if said := self.page.evaluate(BROKEN):
            self.broken[name] = said

    def open_first(self, name: str) -> None:
        """Open the first record of a list or of cards, and each page of its form."""
        if not self.page.evaluate(f"!!document.querySelector({CELL!r})"):
            return
        self.page.evaluate(f"document.querySelector({CELL!r}).click()")
        if not self._settle(name):
            return
        self._note(name)
        count = self.page.evaluate("document.querySelectorAll('.o_form_view .o_notebook .nav-link').length") or 0
        for place in range(count):
            self.page.evaluate(f"document.querySelectorAll('.o_form_view .o_notebook .nav-link')[{place}]?.click()")
            self._settle(name)
            self._note(f"{name}, page {place + 1}")


@pytest.mark.packaging
@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no Chromium on this machine")
def test_every_word_is_french(clone, serve):
    database = clone()
    odoo("i18n", "loadlang", "-d", database, "-l", "fr_FR")
    odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=SPEAK)
    live(database)
    said = odoo("shell", "-d", database, "--no-http", "--log-level=warn", script=PREPARE)
    menus = json.loads(next(line for line in said.splitlines() if line.startswith("WALK")).removeprefix("WALK "))
    server = serve(database, "--max-cron-threads=0")
    with Browser() as page:
        page.set_size(*DESK, is_phone=False)
        page.set_session(server.url, log_in(server, "admin"))
        walk = Walk(page, server.url)
        for name, action, modes in menus:
            for mode in modes:
                walk.visit(f"{name} ({mode})", f"action-{action}" + (f"?view_type={mode}" if mode else ""))
                if mode in ("list", "kanban"):
                    walk.open_first(f"{name} (form)")
    assert len(walk.read) > 1500
    assert not walk.broken
    log = server.log.read_text()
    assert not re.findall(r"^.* (?:ERROR|CRITICAL) .*$|^Traceback.*$", log, re.MULTILINE)
    english, own = untranslated(), given(database)
    read = {text: where for text, where in walk.read.items() if text not in own}
    wrong = {text: where for text, where in read.items() if text in english or is_english(text)}
    assert not wrong, "\n".join(f"{where}: {text}" for text, where in wrong.items())


def is_english(text: str) -> bool:
    return bool(ENGLISH.search(text)) and not OWN.search(text)
