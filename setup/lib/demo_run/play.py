"""Runs inside ``odoo shell``: the ledger, today's run, and what came of it as JSON.

``CREDIT_CONTROL_PLAY`` holds the task as JSON: ``task`` (``ledger``: post it; ``run``: plan, send, tell), ``out`` (the
file to write the answer to) and what the task needs. A refusal by Odoo is an answer too: ``{"error": text}``.
"""

import base64
import json
import os
from datetime import date
from pathlib import Path

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import SQL

# Who works in the demonstration: login (and password), name, groups. The collector comes first: work falls to them.
PEOPLE = (
    ("collector", {"en_US": "Collector", "fr_FR": "Chargé de recouvrement"}, ("credit_control.group_collector",)),
    ("manager", {"en_US": "Credit manager", "fr_FR": "Responsable crédit"}, ("credit_control.group_manager",)),
    (
        "salesperson",
        {"en_US": "Salesperson", "fr_FR": "Commercial"},
        ("credit_control.group_salesperson", "sales_team.group_sale_salesman"),
    ),
    ("reader", {"en_US": "Reader", "fr_FR": "Lecteur"}, ("credit_control.group_reader",)),
)
LOGINS = [login for login, _names, _groups in PEOPLE]


def post_ledger(env, task):
    """Post the demonstration, or the file; the company gets its policies and the web client its users."""
    from odoo.addons.credit_control.demo.ledger import build

    _create_people(env, task)
    if not task["file"]:
        build(env, date.fromisoformat(task["today"]))
        _add_sms(env)
        _work_out(env)
        return {}
    company = env.company
    company.write({"name": task["title"], "country_id": env.ref("base.fr").id})
    env["account.chart.template"].try_loading("fr", company, install_demo=False)
    company._credit_load_policies()
    content = base64.b64encode(Path(task["file"]).read_bytes())
    values = {key: task[key] for key in ("date_order", "decimal") if task[key]}
    wizard = env["credit.ledger.import"].create({"file": content, "company_id": company.id, **values})
    wizard.action_import()
    _work_out(env)
    return {"invoices": len(wizard.move_ids), "payments": wizard.payment_count, "disputes": wizard.dispute_count}


def _add_sms(env):
    """Let the demonstration be dunned by SMS too, where that addon is there."""
    if "credit.sms.gateway" in env:
        from odoo.addons.credit_control_sms.demo import phones

        phones.add_sms(env)


def _work_out(env):
    """Do what is done at night: how customers pay, when what is open will be paid, whom to trust."""
    env["credit.payment.profile"]._cron_compute()
    env["credit.score"]._cron_compute()


def _create_people(env, task):
    """Let every role be looked at by somebody who has no other."""
    # They are told in their inbox: what the catcher shows is what customers get.
    env.ref("base.user_admin").notification_type = "inbox"
    for login, names, groups in PEOPLE:
        found = [env.ref(group, raise_if_not_found=False) or env["res.groups"] for group in groups]
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": names[task["lang"]],
                "login": login,
                "password": login,
                "email": f"{login}@fournil-demonstration.example",
                "lang": task["lang"],
                "notification_type": "inbox",
                "group_ids": [fields.Command.set(env["res.groups"].union(env.ref("base.group_user"), *found).ids)],
            }
        )


def tell_run(env, task):
    """Plan (and send, unless it is a preview), and return the figures of the run."""
    as_of = task["as_of"] and date.fromisoformat(task["as_of"])
    use_catcher(env, task)
    speak(env, task)
    run = preview(env, as_of) if as_of else send_today(env, task)
    # The command speaks English.
    run = run.with_context(lang="en_US")
    return summary(run.env, run)


def speak(env, task):
    """Let the web client speak the language of this call, also where the database was made in another."""
    users = env.ref("base.user_admin") | env["res.users"].search([("login", "in", LOGINS)])
    users.lang = task["lang"]


def preview(env, day):
    """Look at a day: nothing of it can leave."""
    Run = env["credit.dunning.run"]
    run = Run.search([("company_id", "=", env.company.id), ("date", "=", day), ("is_preview", "=", True)], limit=1)
    run = run or Run.create({"date": day, "is_preview": True})
    run.action_plan()
    return run


def send_today(env, task):
    """Plan, approve and send today's run; the second time it is just looked at again."""
    today = date.fromisoformat(task["today"])
    Run = env["credit.dunning.run"]
    domain = [("company_id", "=", env.company.id), ("date", "=", today), ("is_preview", "=", False)]
    run = Run.search([*domain, ("state", "in", ("approved", "done")), ("notice_ids", "!=", False)], limit=1)
    if not run:
        remind_before(env, task, today)
        run = Run.search([*domain, ("state", "in", ("draft", "planned"))], limit=1) or Run.create({"date": today})
        propose_entries(env)
        run.action_plan()
        run.action_approve()
        # Calls and decisions that were planned stand on the list of who carries them out.
        run.notice_ids.filtered(lambda notice: notice.channel_id.is_manual and notice.state == "draft").action_approve()
        env.cr.commit()
        run.action_send()
        receive_answers(env, task)
    order_the_day(env)
    return run


def receive_answers(env, task):
    """In the demonstration some answer at once."""
    if not task["file"] and "credit.sms.gateway" in env:
        from odoo.addons.credit_control_sms.demo import phones

        phones.answer(env)
        env.cr.commit()


def order_the_day(env):
    """What the crons do at night: what may be matched, early warnings, and the order of the agenda."""
    env["credit.match"]._propose(env.company)
    env["credit.signal"]._detect(env.company)
    env["credit.agenda.engine"]._rank(env.company)


def remind_before(env, task, today):
    """In the demonstration something left some days ago already."""
    if not task["file"] and not env["credit.dunning.notice"].search_count([], limit=1):
        from odoo.addons.credit_control.demo import history

        history.remind(env, today)
        history.send_agreements(env)
        history.make_files(env)
        sell_on_credit(env, today)


def sell_on_credit(env, today):
    """Limits, orders and deliveries: some pass, some are held, some were decided."""
    from odoo.addons.credit_control.demo import risk

    risk.grant(env, today)
    if "sale.order" in env:
        from odoo.addons.credit_control_sale.demo import orders

        orders.take(env, today)
    if "stock.picking" in env:
        from odoo.addons.credit_control_stock.demo import deliveries

        deliveries.send(env)
    env.cr.commit()


def propose_entries(env):
    """At first use, let old items enter at the step of their age."""
    if "credit.dunning.entry.proposal" in env and not env["credit.dunning.entry"].search_count([], limit=1):
        env["credit.dunning.entry.proposal"].create({}).action_confirm()


def use_catcher(env, task):
    """Let all mail and SMS go to their catchers, and PDFs find their style sheets at our own server."""
    Server = env["ir.mail_server"].with_context(active_test=False)
    values = {
        "name": "Mail catcher of setup/run",
        "smtp_host": "127.0.0.1",
        "smtp_port": task["smtp_port"],
        "smtp_encryption": "none",
        "active": True,
        "sequence": 0,
    }
    known = Server.search([("name", "=", values["name"])], limit=1)
    if known:
        known.write(values)
    else:
        Server.create(values)
    parameters = env["ir.config_parameter"].sudo()
    for key in ("report.url", "web.base.url"):
        parameters.set_param(key, task["url"])
    if "credit.sms.gateway" in env:
        from odoo.addons.credit_control_sms.demo import phones

        phones.use_gateway(env, task["sms_url"])
    env.cr.commit()


def summary(env, run):
    """Return the run as plain values for the table."""
    found = run._get_summary()
    partners = env["res.partner"].browse(row["partner_id"] for row in found if row["partner_id"])
    names = {partner.id: partner.name for partner in partners}
    Notice, Decision = env["credit.dunning.notice"], env["credit.dunning.decision"]
    states = dict(Notice._fields["state"]._description_selection(env))
    labels = dict(Notice._fields["reason"]._description_selection(env))
    labels |= dict(Decision._fields["reason"]._description_selection(env))
    rows = [
        {
            "name": names.get(row["partner_id"]) or "(no customer)",
            **{key: row[key] for key in ("overdue", "claimed", "not_due", "credits")},
            "held": dict(row["held"]),
            "notices": [tell_notice(notice, states, labels) for notice in Notice.browse(row["notice_ids"])],
        }
        for row in found
    ]
    return {
        "title": f"{run.company_id.name}: {run.display_name}",
        "currency": run.currency_id.name,
        "ledger_overdue": ledger_overdue(env, run.company_id, run.date),
        "rows": rows,
        "labels": labels,
        "states": {states[key]: len(found) for key, found in run.notice_ids.grouped("state").items()},
    }


def tell_notice(notice, states, labels):
    state = states[notice.state]
    if notice.state == "queued" and notice.channel_id.is_manual:
        state = "on the call list" if notice.step_id.kind == "message" else "to decide"
    if notice.state == "draft" and notice.mode == "manual":
        state = "waits for a person"
    reason = notice.state in ("cancelled", "failed") and labels.get(notice.reason)
    return {
        "step": notice.step_id.name or "",
        "channel": notice.channel_id.name,
        "state": f"{state} ({reason})" if reason else state,
        "instead": tell_instead(notice),
    }


def tell_instead(notice):
    """Return for which channel another stands in, and why."""
    wanted = notice.fallback_for_id
    why = "fallback_reason" in notice._fields and notice.fallback_reason
    return f"not by {wanted.name}: {why}" if wanted and why else ""


def ledger_overdue(env, company, day):
    """Return what the general ledger says is overdue: its own lines and matchings, none of our models."""
    env.flush_all()
    query = SQL(
        """
        WITH item AS (
            SELECT line.balance
                   - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                WHERE debit_move_id = line.id AND max_date <= %(day)s), 0)
                   + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                WHERE credit_move_id = line.id AND max_date <= %(day)s), 0) AS residual
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.date <= %(day)s
               AND COALESCE(line.date_maturity, line.date) < %(day)s
        )
        SELECT COALESCE(SUM(residual), 0)::float8 FROM item WHERE residual > 0
        """,
        company=company.id,
        day=day,
    )
    return env.execute_query(query)[0][0]


def main(env):
    """Do the task of the environment, and write its answer."""
    task = json.loads(os.environ["CREDIT_CONTROL_PLAY"])
    # What is noted while it plays is read in the web client.
    context = {"lang": task["lang"], "allowed_company_ids": env.company.ids, "tz": "Europe/Paris"}
    env = env(context={**env.context, **context})
    try:
        answer = {"ledger": post_ledger, "run": tell_run}[task["task"]](env, task)
        env.cr.commit()
    except UserError as error:
        env.cr.rollback()
        answer = {"error": str(error)}
    Path(task["out"]).write_text(json.dumps(answer))
