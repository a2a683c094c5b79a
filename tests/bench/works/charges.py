from datetime import date, timedelta

from work import Work, at_most

# What the target is stated for.
ITEMS = 15_000


class Charges(Work):
    """Interest and fixed sums of every late item: open ones, and those paid late in the last year.

    Ours: gathered, chosen the law of each, reckoned by half-years and payments. The day is in a half-year whose
    rates are shipped. A unit is a late item; the target is stated for 15 000 of them.
    """

    name = "charges"
    unit = "item"
    changes = False
    measures_growth = True

    def prepare_ours(self, env):
        self.day = min(date.today(), date(date.today().year, 6, 30)) - timedelta(days=1)

    def ours(self, env):
        self.found = env["credit.charge.engine"]._get_outcomes(self.day, company_ids=env.company.ids)

    def count_ours(self, env):
        return len(self.found)

    def notes(self, env):
        return {
            "bear": sum(1 for outcome in self.found.values() if outcome.interest or outcome.fixed_sum),
            "interest": round(sum(outcome.interest for outcome in self.found.values()), 2),
        }

    def targets(self, ours, peer, smaller):
        seconds = ours.seconds * ITEMS / max(ours.units, ITEMS)
        return [at_most("seconds for 15 000", seconds, 10), at_most("queries", ours.queries, 30)]


WORK = Charges()
