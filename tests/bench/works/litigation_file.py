from zipfile import ZipFile

from work import Work, at_least, at_most

from odoo.fields import Command

from . import common

INVOICES = 300


class LitigationFile(Work):
    """The file of a litigation of 300 invoices as one ZIP: invoices printed, claims in a workbook, statement.

    Ours: the job that a person asks for on the litigation, as the cron runs it. A unit is an invoice in the ZIP.
    """

    name = "litigation_file"
    unit = "invoice"
    serves_http = True
    rounds = 1

    def prepare_ours(self, env):
        customer = common.gather_invoices(env, INVOICES)
        env["credit.debtor"]._ensure(env.company, customer.ids)
        items = env["credit.open.item"].search([("partner_id", "=", customer.id), ("amount_residual", ">", 0)])
        litigation = env["credit.litigation"].create(
            {
                "partner_id": customer.id,
                "handler_id": env["res.partner"].create({"name": "Recouvrement Exemple", "is_company": True}).id,
                "line_ids": [Command.create({"move_line_id": item.id}) for item in items.move_line_id],
            }
        )
        litigation.action_make_file()

    def ours(self, env):
        env["credit.litigation.file"].sudo()._cron_make()

    def count_ours(self, env):
        [job] = env["credit.litigation.file"].sudo().search([])
        attachment = job.attachment_id
        if not attachment:
            return 0
        with ZipFile(attachment._full_path(attachment.store_fname)) as archive:
            return sum(name.startswith("invoices/") for name in archive.namelist())

    def notes(self, env):
        [job] = env["credit.litigation.file"].sudo().search([])
        return {"state": job.state, "megabytes": round(job.attachment_id.file_size / 2**20, 1)}

    def targets(self, ours, peer, smaller):
        return [at_least("invoices in it", ours.units, INVOICES), at_most("peak MB", ours.peak_mb, 300)]


WORK = LitigationFile()
