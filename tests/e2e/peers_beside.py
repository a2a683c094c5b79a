# Runs inside Odoo, with OCA's addons beside ours: each reads the same ledger, and neither minds the other.
# ruff: noqa: F821
from datetime import timedelta

from odoo.fields import Command, Date

company = env["res.company"].search([("chart_template", "!=", False)], order="id desc", limit=1)
env = env(context={**env.context, "allowed_company_ids": company.ids})
env.user.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
env.user.group_ids += env.ref("account_credit_control.group_account_credit_control_manager")
today = Date.today()
due = today - timedelta(days=40)
partner = env["res.partner"].create({"name": "Client Exemple", "is_company": True, "email": "client@example.com"})
line = {"name": "Flour", "price_unit": 700.0, "tax_ids": [Command.clear()]}
invoice = env["account.move"].create(
    {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": due,
        "invoice_date_due": due,
        "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create(line)],
    }
)
invoice.action_post()
item = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

# Ours and OCA's dunning of one invoice.
run = env["credit.dunning.run"].create({"date": today, "company_id": company.id})
run.action_plan()
print("OURS", run.decision_ids.filtered(lambda decision: decision.move_line_id == item).mapped("move_line_id") == item)
policies = env["credit.control.policy"].search([("do_nothing", "=", False)])
policies.write({"account_ids": [Command.link(item.account_id.id)]})
company.credit_policy_id = policies[0]
theirs = env["credit.control.run"].create({"date": today, "policy_ids": [Command.set(policies.ids)]})
theirs.with_context(lang=None).generate_credit_lines()
print("THEIRS", theirs.line_ids.filtered(lambda line: line.invoice_id == invoice).mapped("balance_due"))

# One ledger, two aged balances.
wizard = env["aged.partner.balance.report.wizard"].create(
    {"date_at": today, "company_id": company.id, "receivable_accounts_only": True, "target_move": "posted"}
)
wizard.onchange_type_accounts_only()
data = wizard._prepare_report_data() | {"date_at": str(today)}
values = env["report.account_financial_report.aged_partner_balance"]._get_report_values(wizard.ids, data)
items = env["credit.open.item"].search([("company_id", "=", company.id)])
aged = sum(account["residual"] for account in values["aged_partner_balance"])
print("AGED", round(aged, 2) == round(sum(items.mapped("amount_residual")), 2) > 0)

# OCA's statement of the customer.
wizard = env["outstanding.statement.wizard"].with_context(active_ids=partner.ids).create({"company_id": company.id})
values = env["report.partner_statement.outstanding_statement"]._get_report_values(
    partner.ids, wizard._prepare_statement()
)
(currency,) = values["data"][partner.id]["currencies"].values()
print("STATEMENT", currency["amount_due"])

# The forms that several of them extend can be read.
for model in ("res.partner", "account.move", "res.company", "res.config.settings", "sale.order"):
    env[model].get_view(view_type="form")
print("FORMS", "read")
env.cr.commit()
