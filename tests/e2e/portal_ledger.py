# Runs inside Odoo: one customer with two overdue invoices; prints the path of the link that its messages carry.
# ruff: noqa: F821
from datetime import timedelta

from odoo.fields import Command, Date

company = env.company
if not env["account.journal"].search_count([("type", "=", "sale"), ("company_id", "=", company.id)]):
    env["account.chart.template"].try_loading("fr", company=company)
env["ir.cron"].search([]).active = False
partner = env["res.partner"].create({"name": "Boulangerie Exemple", "email": "b@example.com", "is_company": True})
due = Date.today() - timedelta(days=15)
moves = env["account.move"].create(
    [
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": due,
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 1000, "tax_ids": []})],
        }
        for _number in range(2)
    ]
)
moves.action_post()
url = env["credit.debtor"]._ensure(company, partner.ids)._get_portal_url(partner)
env.cr.commit()
print("LINK /my/credit" + url.partition("/my/credit")[2])
