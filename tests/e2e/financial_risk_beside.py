# Runs inside Odoo, with OCA's account_financial_risk beside our addons: what one of them does the other doesn't undo.
# ruff: noqa: F821
from odoo.fields import Command, Date

company = env["res.company"].search([("chart_template", "!=", False)], order="id desc", limit=1)
env = env(context={**env.context, "allowed_company_ids": company.ids})
env.user.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
env.user.group_ids += env.ref("account_financial_risk.group_account_financial_risk_manager")
env.user.group_ids += env.ref("credit_control.group_manager")
product = env["product.product"].create(
    {"name": "Flour", "type": "service", "invoice_policy": "order", "taxes_id": [Command.clear()]}
)
partner = env["res.partner"].create({"name": "Client Exemple", "is_company": True})
partner.write({"credit_limit": 100.0, "risk_invoice_open_include": True, "risk_invoice_unpaid_include": True})
print("LIMIT", env["credit.limit"].search([("partner_id", "=", partner.id)]).mapped("amount"), partner.credit_limit)


def order_of(amount):
    line = {"product_id": product.id, "price_unit": amount, "tax_ids": [Command.clear()]}
    return env["sale.order"].create({"partner_id": partner.id, "order_line": [Command.create(line)]})


def invoice_of(amount):
    line = {"name": "Flour", "price_unit": amount, "tax_ids": [Command.clear()]}
    return env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": Date.today(),
            "invoice_line_ids": [Command.create(line)],
        }
    )


# Theirs asks before an invoice passes the limit, and goes on when a person says so.
invoice = invoice_of(150.0)
asked = invoice.action_post()
print("THEIRS", asked["res_model"], invoice.state)
env[asked["res_model"]].browse(asked["res_id"]).button_continue()
env.invalidate_all()
print("CONTINUED", invoice.state, partner.risk_total, partner.credit_exposure)
# Ours holds the order, and lets it pass once it is released.
order = order_of(60.0)
order.action_confirm()
hold = env["credit.hold"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
print("OURS", order.state, hold.state, hold.amount_over)
hold.action_release_document()
order.action_confirm()
env.invalidate_all()
print("RELEASED", order.state, partner.credit_exposure)
# The forms that both of them extend can be read.
for model in ("res.partner", "account.move", "res.config.settings"):
    env[model].get_view(view_type="form")
print("FORMS", "read")
