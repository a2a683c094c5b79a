from datetime import date

from work import Work, at_most


class ExpectedDates(Work):
    """The expected day of payment of every open item, as a report asks for it.

    Ours: the open items read and decided at once, profiles worked out before. A unit is an open item.
    """

    name = "expected_dates"
    unit = "item"
    measures_growth = True

    def prepare_ours(self, env):
        env["credit.payment.profile"]._refresh_company(env.company, date.today())

    def ours(self, env):
        forecasts = env["credit.forecast"]
        cases = forecasts._read_cases(env.company, date.today())
        self.found = forecasts._expect(env.company, cases, date.today())

    def count_ours(self, env):
        return sum(1 for expectation in self.found.values() if expectation.date)

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 5), at_most("queries", ours.queries, 30)]


WORK = ExpectedDates()
