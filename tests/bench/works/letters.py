from work import Work, at_least

from . import common

COUNT = 100
OCA_COUNT = 20


class Letters(Work):
    """Printing a batch of letters as one PDF.

    Ours: 100 letters, each on pages of its own. Peers: OCA's printing of its communications as
    one PDF (``oca_print``), and its e-mails, each with a PDF of its own (``oca``). A unit is a
    customer's letter.
    """

    name = "letters"
    unit = "letter"
    peers = ("oca", "oca_print")
    sampled = ("oca", "oca_print")
    mailing = ("oca",)
    serves_http = True

    def prepare_ours(self, env):
        common.prepare_notices(env, "letter", COUNT)

    def ours(self, env):
        self.letters = env["credit.dunning.notice"].search([("state", "=", "queued")])
        self.letters._print_letters()

    def count_ours(self, env):
        return len(self.letters)

    def prepare_oca(self, env):
        common.prepare_oca_communications(env, OCA_COUNT)

    def oca(self, env):
        env["credit.control.communication"].search([])._generate_emails()
        env["mail.mail"].process_email_queue()

    def count_oca(self, env):
        return env["credit.control.line"].search_count([("state", "=", "sent")])

    def prepare_oca_print(self, env):
        common.prepare_oca_communications(env, OCA_COUNT)

    def oca_print(self, env):
        communications = env["credit.control.communication"].search([])
        report = "account_credit_control.report_credit_control_summary"
        env["ir.actions.report"]._render_qweb_pdf(report, communications.ids)

    def count_oca_print(self, env):
        return env["credit.control.communication"].search_count([])

    def targets(self, ours, peer, smaller):
        return [at_least("letters a second", ours.per_second, 5)]


WORK = Letters()
