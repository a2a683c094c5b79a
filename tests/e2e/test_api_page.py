"""The calls on the page for other systems do what the page says, against a running Odoo."""

import doctest
import os
import re
from pathlib import Path

from company import odoo

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEY = """
from datetime import timedelta
from odoo.fields import Datetime
user = env["res.users"].search([("login", "=", "colleague")])
until = Datetime.now() + timedelta(hours=1)
print("KEY", env["res.users.apikeys"].with_user(user)._generate("rpc", "calls", until))
env.cr.commit()
"""


def test_calls_of_the_page(clone, serve, monkeypatch):
    database = clone("lived")
    said = odoo("shell", "-d", database, "--no-http", script=KEY)
    server = serve(database, "--max-cron-threads=0")
    monkeypatch.setitem(os.environ, "ODOO_URL", server.url)
    monkeypatch.setitem(os.environ, "ODOO_KEY", re.search(r"^KEY (\w+)$", said, re.MULTILINE)[1])
    text = "\n".join(BLOCK.findall(PAGE.read_text()))
    page = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    outcome = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST).run(page)
    assert outcome.attempted > 30
    assert not outcome.failed, server.log.read_text()[-4000:]
