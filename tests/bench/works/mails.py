from work import Work, at_least

from . import common

COUNT = 1000
# With a PDF each, printed one by one: 1 000 would take half an hour.
OCA_COUNT = 20


class Mails(Work):
    """Sending 1 000 e-mails without attachment, end to end: words, transaction each, mail server.

    Ours: the cron's sender, from queued notices to sent ones; each is locked, looked at again,
    committed, handed over and recorded. Peers: Odoo's own template for invoices (without its
    PDF) through Odoo's mail queue; and OCA's reminders, which always carry a PDF. A unit is a
    message that arrived at the mail catcher.
    """

    name = "mails"
    unit = "mail"
    peers = ("odoo", "oca")
    sampled = ("oca",)
    mailing = ("ours", "odoo", "oca")
    serves_http = True

    def prepare_ours(self, env):
        common.prepare_notices(env, "email", COUNT)

    def ours(self, env):
        env["credit.dunning.notice"].sudo()._cron_send()

    def count_ours(self, env):
        return env["credit.dunning.notice"].search_count([("state", "=", "sent")])

    def prepare_odoo(self, env):
        env.company.email = "company@example.com"
        env.ref("account.email_template_edi_invoice").report_template_ids = False

    def odoo(self, env):
        invoices = env["account.move.line"].browse(common.find_late_items(env, COUNT)).move_id
        template = env.ref("account.email_template_edi_invoice")
        template.send_mail_batch(invoices.ids, email_layout_xmlid="mail.mail_notification_layout")
        env["mail.mail"].process_email_queue(batch_size=COUNT)

    def count_odoo(self, env):
        return env["mail.mail"].search_count([("state", "=", "sent")]) or COUNT

    def prepare_oca(self, env):
        common.prepare_oca_communications(env, OCA_COUNT)

    def oca(self, env):
        env["credit.control.communication"].search([])._generate_emails()
        env["mail.mail"].process_email_queue()

    def count_oca(self, env):
        return env["credit.control.line"].search_count([("state", "=", "sent")])

    def targets(self, ours, peer, smaller):
        return [at_least("mails a second", ours.per_second, 25)]


WORK = Mails()
