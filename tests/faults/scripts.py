"""What runs inside Odoo, as text: each begins with ``env`` and ends with its own commit."""

from processes import LEDGER

PLAN = """
from odoo.fields import Date
runs = env["credit.dunning.run"]
domain = [("state", "in", ("draft", "planned")), ("date", "=", Date.today())]
run = runs.search(domain, limit=1) or runs.create({"date": Date.today(), "company_id": env.company.id})
run.action_plan()
env.cr.commit()
"""

# Their text is theirs, so that it needs no template.
APPROVE = """
run = env["credit.dunning.run"].search([("state", "=", "planned")], limit=1)
planned = run.notice_ids.filtered(lambda notice: notice.state == "draft")
planned.write({"subject": "Reminder", "body": "<p>Please pay 100.00</p>"})
run.action_approve()
env.cr.commit()
"""

# One notice in ``every`` goes by SMS, in its place among the mails.
BY_SMS = """
france = env.ref("base.fr")
gateway = {{"name": "Fake", "company_id": env.company.id, "url": "{url}", "sender_name": "Exemple"}}
env["credit.sms.gateway"].create({{**gateway, "connections": {connections}}})
run = env["credit.dunning.run"].search([("state", "=", "planned")], limit=1)
channel = env.ref("credit_control_sms.channel_sms")
planned = run.notice_ids.filtered(lambda notice: notice.state == "draft").sorted("id")
for number, notice in enumerate(planned):
    if number % {every} == 0:
        phone = f"+3361234{{number:04d}}"
        notice.partner_id.write({{"phone": phone, "country_id": france.id}})
        notice._apply({{"channel_id": channel.id, "address": phone}})
env.cr.commit()
"""

SEND_BY_CRON = """
env["credit.dunning.notice"]._cron_send()
env.cr.commit()
"""

SEND_BY_HAND = """
notices = env["credit.dunning.notice"]
notices._sweep()
notices.search([("state", "=", "queued")])._send_now()
env.cr.commit()
"""

# Who waits no longer than this for a mail server.
IMPATIENT = """
from odoo.addons.base.models import ir_mail_server
ir_mail_server.SMTP_TIMEOUT = 2
"""

SNAPSHOT = """
snapshots = env["credit.kpi.snapshot"].with_context(cron_id=1)
snapshots._cron_take()
env.cr.commit()
snapshots._cron_check()
env.cr.commit()
"""

LITIGATION = """
from odoo.fields import Command, Date
agency, customer = env["res.partner"].create(
    [{"name": name, "is_company": True} for name in ("Recouvrement Exemple", "Client en litige")]
)
moves = env["account.move"].create(
    [
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": "2024-01-15",
            "invoice_date_due": "2024-02-15",
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 100 + number, "tax_ids": []})],
        }
        for number in range(12)
    ]
)
moves.action_post()
items = moves.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
env["credit.litigation"].create(
    {
        "partner_id": customer.id,
        "handler_id": agency.id,
        "line_ids": [Command.create({"move_line_id": item.id}) for item in items],
    }
)
env.cr.commit()
"""

ZIP = """
litigation = env["credit.litigation"].search([], limit=1)
if not litigation.file_ids.filtered(lambda job: job.state in ("queued", "running")):
    litigation.action_make_file()
    env.cr.commit()
env["credit.litigation.file"]._cron_make()
env.cr.commit()
"""

# A person looks where each uncertain message arrived, and says so.
SETTLE = """
from odoo.tests import new_test_user
uninvited = {{"no_reset_password": True}}
collector = new_test_user(env, "collector_of_faults", "credit_control.group_collector", uninvited)
notices = env["credit.dunning.notice"].with_user(collector)
for notice in notices.search([("state", "=", "uncertain")]):
    notice.action_mark_sent() if notice.address in {arrived} else notice.action_retry()
env.cr.commit()
while queued := notices.search([("state", "=", "queued")]):
    queued._send_now()
env.cr.commit()
"""

# What the journal says of the items of the notices after a fresh plan, by the state of the notice.
JOURNAL = """
from odoo.fields import Date
runs = env["credit.dunning.run"]
run = runs.create({"date": Date.today(), "company_id": env.company.id})
run.action_plan()
answers = {decision.move_line_id: decision.reason for decision in run.decision_ids}
found = {}
for notice in env["credit.dunning.notice"].search([("reason", "!=", "superseded"), ("run_id", "!=", run.id)]):
    for line in notice.line_ids.filtered("step_id"):
        found.setdefault(notice.state, set()).add(answers.get(line.move_line_id))
print("JOURNAL", (found, len(run.notice_ids)))
"""


def make_ledger(count: int, catcher) -> str:
    """Return what makes ``count`` customers with an overdue invoice each, and a mail server at ``catcher``.

    The company is in France from the beginning: a day of plans and figures is the same until the end.
    """
    names = f"COUNT, HOST, PORT = {count}, {catcher.hostname!r}, {catcher.port}"
    return f'{names}\n{LEDGER}\nenv.company.country_id = env.ref("base.fr")\nenv.cr.commit()\n'


def read_journal(output: str) -> tuple[dict[str, set], int]:
    """Return what :data:`JOURNAL` printed: ``{state: reasons}``, and how many notices the fresh plan wrote."""
    [line] = [line for line in output.splitlines() if line.startswith("JOURNAL ")]
    return eval(line.removeprefix("JOURNAL "), {"__builtins__": {}})


def by_sms(gateway, every: int = 1, connections: int = 1) -> str:
    """Return what lets one notice in ``every`` of the plan go by SMS through ``gateway``."""
    return BY_SMS.format(url=gateway.url, every=every, connections=connections)
