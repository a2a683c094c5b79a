from datetime import date

from work import Work, at_most

from odoo.tools import SQL


class Profiles(Work):
    """How each customer pays, and when each open item will be paid: what the nightly cron works out.

    Ours: the payment profiles of all customers, of segments and company, and a kept forecast of each
    open item. A unit is a customer.
    """

    name = "profiles"
    unit = "customer"
    measures_growth = True

    def prepare_ours(self, env):
        """Nothing to prepare."""

    def ours(self, env):
        profiles = env["credit.payment.profile"].sudo()
        profiles._refresh_company(env.company, date.today())

    def count_ours(self, env):
        return env["credit.payment.profile"].search_count([("scope", "=", "customer")])

    def notes(self, env):
        records = env["credit.forecast.record"]._read_group([], ["rule"], ["__count"])
        [(recent,)] = env.execute_query(
            SQL("SELECT SUM(item_count) FROM credit_payment_profile WHERE scope='customer'")
        )
        return {"forecasts": dict(records), "settled_items": recent}

    def floor_sql(self):
        """Each receivable item with its payments, read once."""
        return """
            SELECT line.id, line.partner_id, line.balance, line.date_maturity, partial.max_date, partial.amount
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
         LEFT JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND line.balance > 0
        """

    def targets(self, ours, peer, smaller):
        targets = [
            at_most("seconds", ours.seconds, 15),
            at_most("queries", ours.queries, 50),
            at_most("peak MB", ours.peak_mb, 512),
        ]
        if smaller:
            growth = (ours.seconds / smaller.seconds) / (ours.units / smaller.units)
            targets.append(at_most("growth × linear", growth, 1.2))
        return targets


WORK = Profiles()
