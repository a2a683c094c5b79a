# Runs inside Odoo: a company at work with all of our addons, so that whatever they can leave behind is there.
# ruff: noqa: F821
from datetime import timedelta

from odoo.fields import Command, Date

company = env["res.company"].search([("chart_template", "!=", False)], order="id desc", limit=1)
env.user.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
env = env(context={**env.context, "allowed_company_ids": company.ids, "tracking_disable": False})
company.credit_sms_country_ids = env.ref("base.fr")
# One day for Odoo's clock and the company's, at whatever hour this runs.
company.partner_id.tz = "UTC"
today = Date.today()
env["account.move"].search([("move_type", "=", "out_invoice"), ("state", "=", "posted")]).line_ids.no_followup = True

# -- master data and what people set up ------------------------------------------------------
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({"name": "Mail", "smtp_host": "invalid", "smtp_port": 25, "smtp_encryption": "none"})
channels = env.ref("credit_control.channel_email") + env.ref("credit_control_sms.channel_sms")
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
                    "channel_ids": [Command.set(channels.ids)],
                }
            )
        ],
    }
)
env["credit.segment"].search([]).active = False
company.credit_dunning_policy_id = policy
gateway = env["credit.sms.gateway"].create(
    {"name": "Gateway", "company_id": company.id, "url": "https://sms.example.com", "token": "secret of the gateway"}
)
provider = env["credit.rating.provider"].create(
    {
        "name": "Ratings",
        "company_id": company.id,
        "agency_id": env["credit.rating.agency"].create({"name": "Agency"}).id,
        "url": "https://ratings.example.com/{ref}",
        "key": "Bearer secret of the provider",
    }
)
colleague = (
    env["res.users"]
    .with_context(no_reset_password=True)
    .create(
        {
            "name": "Colleague",
            "login": "colleague",
            "email": "colleague@example.com",
            "company_ids": [Command.set(company.ids)],
            "company_id": company.id,
            "group_ids": [Command.set(env.ref("credit_control.group_collector").ids)],
        }
    )
)
env["ir.default"].set("credit.dunning.policy", "contact_interval_days", 9)
env["ir.filters"].create({"name": "Mine", "model_id": "credit.open.item", "user_ids": env.user.ids})
env["ir.exports"].create(
    {"name": "Items", "resource": "credit.open.item", "export_fields": [Command.create({"name": "date"})]}
)
model = env["ir.model"]._get("credit.debtor")
env["mail.template"].create({"name": "Own words", "model_id": env["ir.model"]._get("credit.dunning.notice").id})
env["ir.actions.server"].create({"name": "Own action", "model_id": model.id, "state": "code", "code": "pass"})
env["ir.cron"].create({"name": "Own cron", "model_id": model.id, "state": "code", "code": "pass", "active": False})
env["mail.activity.type"].create({"name": "Visit", "res_model": "credit.debtor"})
env["credit.report.schedule"].create(
    {
        "name": "Weekly",
        "report": env["credit.report.schedule"]._select_report()[0][0],
        "company_id": company.id,
        "company_ids": [Command.set(company.ids)],
        "user_id": colleague.id,
        "recipient_ids": [Command.set(colleague.ids)],
    }
)

# -- a customer who pays late ----------------------------------------------------------------
partner = env["res.partner"].create(
    {
        "name": "Boulangerie Exemple",
        "ref": "B1",
        "email": "bakery@example.com",
        "phone": "+33 6 12 34 56 78",
        "country_id": env.ref("base.fr").id,
        "is_company": True,
        "credit_limit": 100.0,
    }
)
due = today - timedelta(days=15)
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
        for _number in range(4)
    ]
)
moves.action_post()
items = moves.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
run = env["credit.dunning.run"].create({"date": today, "company_id": company.id})
run.action_plan()
run.action_approve()
debtor = partner.with_company(company).credit_debtor_id
debtor.message_post(body="A note")
debtor.message_subscribe(colleague.partner_id.ids)
debtor.activity_schedule("mail.mail_activity_data_todo", summary="Look", user_id=colleague.id)
env["ir.attachment"].create(
    {"name": "proof.txt", "raw": b"proof of life", "res_model": debtor._name, "res_id": debtor.id}
)
env["credit.promise"]._declare(partner, items[0], 50.0, today + timedelta(days=3))
env["credit.dispute"]._open({items[1]: 40.0}, "price", note="Too dear")
env["credit.dunning.pause"].create({"move_id": moves[2].id, "company_id": company.id, "reason": "Asked for"})
env["credit.signal"]._raise(
    partner, company, env["credit.signal.rule"].search([("handler", "=", False)], limit=1), "Seen"
)
env["credit.score"]._cron_compute()
env["credit.payment.profile"]._cron_compute()
env["credit.kpi.snapshot"]._take(company, today - timedelta(days=1))
product = env["product.product"].create({"name": "Flour", "type": "consu", "invoice_policy": "order"})
order = env["sale.order"].create(
    {"partner_id": partner.id, "order_line": [Command.create({"product_id": product.id, "price_unit": 900.0})]}
)
order.action_confirm()
env.cr.commit()
print("NOTICES", ",".join(sorted(f"{notice.channel_id.handler}:{notice.state}" for notice in run.notice_ids)))
print("ORDER", order.state, env["credit.hold"].search_count([("res_model", "=", "sale.order")]))
print("SNAPSHOTS", env["credit.kpi.snapshot"].search_count([]) > 0)
