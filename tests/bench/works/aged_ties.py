import sys
from datetime import timedelta

from work import Work, at_most

from odoo.fields import Date
from odoo.tools import SQL

MONTHS = 24
EDGES = ((30, 60, 90), (7, 8, 365))
# How many differences are printed.
SHOWN = 10


class AgedTies(Work):
    """The aged balance against the ledger, by customer, today and on each end of a month of two years.

    Ours: the aged balance, once for each kind of buckets. Beside it stands one plain statement that adds up what was
    booked on the receivable accounts until each day and knows nothing of reconciliations or due dates. What differs
    is printed, and misses the target: nothing may. A unit is a day.
    """

    name = "aged_ties"
    unit = "day"
    changes = False

    def prepare_ours(self, env):
        [(today,)] = env.execute_query(SQL("SELECT CURRENT_DATE"))
        days = [today]
        while len(days) <= MONTHS:
            days.append(days[-1].replace(day=1) - timedelta(days=1))
        self.days = days
        self.booked = self._read_booked(env)

    def _read_booked(self, env):
        """Return ``{day: {customer: balance of the receivable accounts}}``, in one statement."""
        columns = SQL(", ").join(SQL("SUM(line.balance) FILTER (WHERE line.date <= %s)", day) for day in self.days)
        rows = env.execute_query(
            SQL(
                """
                SELECT partner.commercial_partner_id, %s
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                 GROUP BY 1
                """,
                columns,
            )
        )
        return {
            day: {partner_id: float(amounts[place] or 0) for partner_id, *amounts in rows}
            for place, day in enumerate(self.days)
        }

    def ours(self, env):
        self.wrong = [wrong for day in self.days for edges in EDGES for wrong in self._compare(env, day, edges)]
        for wrong in self.wrong[:SHOWN]:
            print("    {} {}: {} is {}, booked are {}".format(*wrong), file=sys.stderr)

    def _compare(self, env, day, edges):
        """Yield (day, edges, what, what it amounts to, what was booked) of what differs."""
        balance = env["credit.aged.balance"]
        report = balance._get_report(
            balance._read_options({"as_of": Date.to_string(day), "edges": "/".join(map(str, edges))})
        )
        booked = self.booked[day]
        aged = {line.key: line.figures.total for line in report.lines}
        figures = report.figures
        pairs = [(f"customer {key}", aged.get(key, 0.0), booked.get(key, 0.0)) for key in {**aged, **booked}]
        pairs.append(("the total", figures.total, sum(booked.values())))
        pairs.append(("the sum of the buckets", sum(figures.buckets), figures.total))
        for what, found, expected in pairs:
            if abs(found - expected) > 0.005:
                yield day, edges, what, round(found, 2), round(expected, 2)

    def count_ours(self, env):
        return len(self.days)

    def notes(self, env):
        totals = [round(sum(amounts.values()), 2) for amounts in self.booked.values()]
        return {"differences": len(self.wrong), "least": min(totals), "most": max(totals)}

    def targets(self, ours, peer, smaller):
        return [at_most("differences", ours.notes["differences"], 0), at_most("peak MB", ours.peak_mb, 300)]


WORK = AgedTies()
