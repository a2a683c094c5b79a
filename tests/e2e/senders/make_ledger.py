# Runs inside Odoo: COUNT customers with an overdue invoice each, a policy, and a mail server at HOST, PORT.
# ruff: noqa: F821
from datetime import timedelta

from odoo.fields import Command, Date

company = env.company
company.email = "accounts@company.example.com"
if not env["account.journal"].search_count([("type", "=", "sale"), ("company_id", "=", company.id)]):
    env["account.chart.template"].try_loading("fr", company=company)
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({"name": "Catcher", "smtp_host": HOST, "smtp_port": PORT, "smtp_encryption": "none"})
env["credit.segment"].search([]).active = False
env["ir.cron"].search([]).active = False

due = Date.today() - timedelta(days=15)
policy = env["credit.dunning.policy"].create(
    {
        "name": "Any hour",
        "hour_from": 0,
        "hour_to": 24,
        "send_on_weekend": True,
        "send_on_holiday": True,
        "step_ids": [
            Command.create(
                {
                    "name": "First",
                    "delay_days": 10,
                    "mode": "auto",
                    "channel_ids": env.ref("credit_control.channel_email").ids,
                }
            )
        ],
    }
)
company.credit_dunning_policy_id = policy
env["account.move"].search([("move_type", "=", "out_invoice"), ("state", "=", "posted")]).line_ids.no_followup = True
partners = env["res.partner"].create(
    [
        {"name": f"Client Exemple {number}", "email": f"client{number}@example.com", "is_company": True}
        for number in range(COUNT)
    ]
)
moves = env["account.move"].create(
    [
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": due,
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create({"name": "Flour", "price_unit": 100, "tax_ids": []})],
        }
        for partner in partners
    ]
)
moves.action_post()
