from work import Work, at_most

from . import common

ITEMS = 2000


class DebtorPage(Work):
    """Opening the page of a customer with 2 000 open items, and its timeline.

    Ours: what the screen asks of the server: ``web_read`` of the card with all that its form shows (lists of 40 lines,
    as the client asks for them), and the first page of the timeline. The ledger's open invoices are given to one
    customer for it; a plan and the order of the agenda were made before, and the page of another customer was open
    in this server: rights and views are known. A unit is an item.
    """

    name = "debtor_page"
    unit = "open item"

    def prepare_ours(self, env):
        common.prepare_policy(env)
        partner = common.gather_invoices(env, ITEMS)
        common.prepare_run(env)
        common.planned_run(env).action_plan()
        env["credit.agenda.engine"]._rank(env.company)
        card = env["credit.debtor"]._ensure(env.company, partner.ids)
        self.card_id = card.id
        other = card.search([("id", "!=", card.id), ("amount_overdue", ">", 0)], limit=1)
        self.open_page(other.with_user(env.ref("base.user_admin")))

    def ours(self, env):
        self.open_page(env["credit.debtor"].browse(self.card_id))

    def open_page(self, card):
        card.web_read(common.form_specification(card, "credit_control.credit_debtor_view_form"))
        card.action_read_timeline()

    def count_ours(self, env):
        return env["credit.debtor"].browse(self.card_id).open_item_count

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 1), at_most("queries", ours.queries, 250)]


WORK = DebtorPage()
