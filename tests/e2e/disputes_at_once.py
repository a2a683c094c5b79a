# Runs inside Odoo: two people at the same moment, each in a transaction that began before the other's ended.
# ruff: noqa: F821
from datetime import timedelta

import psycopg2

from odoo.api import Environment
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Date

company = env.company
if not env["account.journal"].search_count([("type", "=", "sale"), ("company_id", "=", company.id)]):
    env["account.chart.template"].try_loading("fr", company=company)
partner = env["res.partner"].create({"name": "Client Exemple", "is_company": True})
invoice = env["account.move"].create(
    {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": Date.today() - timedelta(days=40),
        "invoice_date_due": Date.today() - timedelta(days=10),
        "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 1000, "tax_ids": []})],
    }
)
invoice.action_post()
item_id = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable").id
env["credit.debtor"]._ensure(company, partner.ids)
env.cr.commit()


def attempt(act, begun=None):
    """Return what ``act(env)`` comes to in a transaction of its own: its answer, or the kind of its error."""
    with env.registry.cursor() as cr:
        own = Environment(cr, env.uid, {})
        own.cr.execute("SELECT 1")  # the snapshot is taken
        if begun:
            begun()
        try:
            answer = act(own)
            own.cr.commit()
            return answer
        except psycopg2.errors.SerializationFailure:
            cr.rollback()
            return "replay"
        except (UserError, ValidationError) as error:
            cr.rollback()
            return type(error).__name__


def open_600(own):
    items = own["account.move.line"].browse(item_id)
    return own["credit.dispute"]._open({items: 600.0}, "price").id


def close(own):
    return own["credit.dispute"].browse(dispute_id)._close("unjustified", "Delivered")


def refuse(own):
    return own["account.move"].browse(invoice.id)._credit_set_einvoice_status("refused", reference="CDV-1").id


first = []
print("OPEN", attempt(open_600, begun=lambda: first.append(attempt(open_600))), attempt(open_600))
dispute_id = first[0]
print("CLOSE", attempt(close, begun=lambda: attempt(close)), attempt(close))
told = []
print("NEWS", attempt(refuse, begun=lambda: told.append(attempt(refuse))), attempt(refuse) == told[0])
