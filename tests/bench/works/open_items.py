from work import Work, at_most

from odoo.tools import SQL


class OpenItems(Work):
    """The aged balance in its simplest form: open items by bucket, today and a year ago.

    Ours: ``credit.open.item`` grouped through Odoo, on both days. Floor: one statement for each
    day over the entries and their reconciliations. A unit is an open item of the two days.
    """

    name = "open_items"
    unit = "item"
    changes = False
    measures_growth = True
    # What was open a year ago.
    days = (0, 365)

    def prepare_ours(self, env):
        """Nothing to prepare."""

    def ours(self, env):
        self.found = [self._read(env, days) for days in self.days]

    def count_ours(self, env):
        return sum(count for groups in self.found for _bucket, _amount, count in groups)

    def _read(self, env, days):
        [(as_of,)] = env.execute_query(SQL("SELECT CURRENT_DATE - %s", days))
        items = env["credit.open.item"].with_context(as_of=as_of)
        return items._read_group([], ["bucket"], ["amount_residual:sum", "__count"])

    def floor_sql(self):
        """As of a day: the balance of each receivable item less what reconciled it until then."""
        return ";".join(
            f"""
            SELECT LEAST(GREATEST(CEIL((CURRENT_DATE - {days} - due) / 30.0), 0), 4) AS bucket, SUM(residual), COUNT(*)
              FROM (
                SELECT line.date_maturity AS due, line.balance - COALESCE(paid.amount, 0) AS residual
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
             LEFT JOIN (
                    SELECT line_id, SUM(amount) AS amount
                      FROM (
                        SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile
                         WHERE max_date <= CURRENT_DATE - {days}
                         UNION ALL
                        SELECT credit_move_id, -amount FROM account_partial_reconcile
                         WHERE max_date <= CURRENT_DATE - {days}
                      ) part GROUP BY line_id
                  ) paid ON paid.line_id = line.id
                 WHERE account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.date <= CURRENT_DATE - {days}
              ) item
             WHERE residual <> 0
             GROUP BY 1
            """
            for days in self.days
        )

    def targets(self, ours, peer, smaller):
        return [at_most("queries", ours.queries, 20), at_most("peak MB", ours.peak_mb, 1024)]


WORK = OpenItems()
