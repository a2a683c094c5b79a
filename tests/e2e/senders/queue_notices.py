# Runs inside Odoo, after make_ledger: the notices planned, approved, with their text written.
# ruff: noqa: F821
from odoo.fields import Date

run = env["credit.dunning.run"].create({"date": Date.today(), "company_id": company.id})
run.action_plan()
run.notice_ids.write({"subject": "Reminder", "body": "<p>Please pay 100.00</p>"})
run.action_approve()
assert run.notice_ids.mapped("state") == ["queued"] * COUNT, run.notice_ids.mapped("state")
