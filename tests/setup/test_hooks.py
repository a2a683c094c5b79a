"""The repository's own lint hooks."""

import core_is_pure
import no_machine_traces
import pytest
import readme
from docutils.core import publish_doctree
from docutils.utils import Reporter


@pytest.mark.parametrize(
    "source",
    [
        "from dataclasses import dataclass",
        "from .ageing import AgeingScale",
        "from odoo.addons.credit_control.core.ageing import AgeingScale",
        "import datetime\nlater = datetime.timedelta(days=1)",
    ],
)
def test_pure_core_passes(source):
    assert not list(core_is_pure.findings(source, "credit_control"))


def test_core_may_use_the_core_that_all_build_on_but_no_other():
    source = "from odoo.addons.{}.core.money import round_to"
    assert not list(core_is_pure.findings(source.format("credit_control"), "credit_control_reporting"))
    assert list(core_is_pure.findings(source.format("credit_control_reporting"), "credit_control"))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("from odoo import models", "odoo"),
        ("from odoo.tools import float_round", "odoo.tools"),
        ("from ..models import credit_debtor", "..models"),
        ("import requests", "requests"),
        ("from datetime import date\ntoday = date.today()", "date.today"),
        ("import datetime\nnow = datetime.datetime.now()", "datetime.now"),
        ("def late():\n    import odoo", "odoo"),
    ],
)
def test_core_that_is_not_pure_is_found(source, what):
    ((_line, message),) = core_is_pure.findings(source, "credit_control")
    assert what in message


# In parts: the hook reads this file too.
@pytest.mark.parametrize(
    "text",
    ["see https://pypi" + ".org/project/x", "deb http://deb" + ".debian.org/debian sid main", "cp /" + "home/me/x ."],
)
def test_traces_of_a_machine_are_found(text):
    assert [number for number, _what in no_machine_traces.traces("fine\n" + text)] == [2]


@pytest.mark.parametrize(
    "text", ["$HOME/work/x", "https://example.com/work/x", "./root/usr", "CC_HOME/root/usr", "/root"]
)
def test_what_only_looks_like_a_trace_passes(text):
    assert not list(no_machine_traces.traces(text))


MARKDOWN = """\
Reminds **late** payers of what they *owe*; see `credit.debtor` and [the guide](https://example.com/guide).

![A debtor](../static/description/debtor.png)

## Steps

1. Choose a policy:
   - business
   - consumers
2. Plan.

> Nothing leaves before it is approved.

```python
run.action_plan()
```

| Field | Meaning |
| ----- | ------- |
| `bucket` | Age, e.g. 31_60 |
| total | Sum of **all** |

A star * and an under_score and trailing_ stay.
"""


def test_readme_is_sound_restructuredtext():
    text = readme.to_rst(MARKDOWN)
    settings = {"report_level": Reporter.WARNING_LEVEL, "halt_level": Reporter.WARNING_LEVEL, "warning_stream": False}
    # The sections above a fragment exist in the file it is put into.
    tree = publish_doctree(f"Title\n=====\n\nText\n\n{text}", settings_overrides=settings)
    kinds = {type(node).__name__ for node in tree.findall()}
    assert {"enumerated_list", "bullet_list", "table", "literal_block", "strong", "reference", "image"} <= kinds
    assert "static/description/debtor.png" in text
    assert "under_score and trailing_ stay" in tree.astext()


@pytest.fixture
def addon(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "addon"
    (folder / "readme").mkdir(parents=True)
    (folder / "__manifest__.py").write_text("{'name': 'An <Addon>', 'summary': 'Short', 'license': 'AGPL-3'}")
    return folder


def test_both_files_are_written_once(addon):
    (addon / "readme" / "USAGE.md").write_text("Open the menu.\n")
    assert readme.main() == 1
    assert "Usage\n=====\n\nOpen the menu." in (addon / "README.rst").read_text()
    assert "<h1>An &lt;Addon&gt;</h1>" in (addon / "static/description/index.html").read_text()
    assert readme.main() == 0


def test_summary_stands_in_for_a_missing_description(addon):
    readme.main()
    assert "\nShort\n" in (addon / "README.rst").read_text()
