from datetime import date

from work import Work, at_most


class ExpectedDates(Work):
    """The expected day of payment of every open item, as a list or a report of them asks for it.

    Ours: ``date_expected`` of all open items, read through Odoo, profiles worked out before. A unit is an
    open item.
    """

    name = "expected_dates"
    unit = "item"

    def prepare_ours(self, env):
        env["credit.payment.profile"]._refresh_company(env.company, date.today())

    def ours(self, env):
        items = env["credit.open.item"].search([("company_id", "=", env.company.id)])
        self.count = len([day for day in items.mapped("date_expected") if day])

    def count_ours(self, env):
        return self.count

    def targets(self, ours, peer, smaller):
        return [at_most("queries", ours.queries, 30), at_most("peak MB", ours.peak_mb, 512)]


WORK = ExpectedDates()
