from work import Work, at_most

from odoo.tools import SQL


class AgedBalance(Work):
    """The aged balance of all customers, as the screen and the files get it.

    Ours: ``credit.aged.balance``, the report for the options of the screen. Peer: the aged partner balance of OCA's
    account_financial_report. Floor: one statement that ages the ledger by customer. A unit is a customer.
    """

    name = "aged_balance"
    unit = "customer"
    peers = ("oca",)
    changes = False
    measures_growth = True
    in_large = True
    # As of how many days ago.
    days = 0

    def prepare_ours(self, env):
        """Nothing to prepare."""

    def ours(self, env):
        self.balance = env["credit.aged.balance"]
        self.options = self.balance._read_options({"as_of": self.get_day(env)})
        self.report = self.balance._get_report(self.options)

    def count_ours(self, env):
        return len(self.report.lines)

    def notes(self, env):
        return {"total": self.report.figures.total, "ledger": self.balance._query_ledger(self.options).amount}

    def get_day(self, env):
        """Return the day of the report as ISO text."""
        [(day,)] = env.execute_query(SQL("SELECT CURRENT_DATE - %s", self.days))
        return day.isoformat()

    def prepare_oca(self, env):
        receivable = env["account.account"].search([("account_type", "=", "asset_receivable")])
        env["aged.partner.balance.report.wizard"].create(
            {"date_at": self.get_day(env), "company_id": env.company.id, "account_ids": receivable.ids}
        )

    def get_oca_wizard(self, env):
        """Return the peer's options, and the same as its reports take them."""
        wizard = env["aged.partner.balance.report.wizard"].sudo().search([], order="id desc", limit=1)
        return wizard, {**wizard._prepare_report_data(), "date_at": self.get_day(env)}

    def oca(self, env):
        wizard, data = self.get_oca_wizard(env)
        report = env["report.account_financial_report.aged_partner_balance"]
        self.values = report._get_report_values(wizard.ids, data)

    def count_oca(self, env):
        return sum(len(account["partners"]) for account in self.values["aged_partner_balance"])

    def floor_sql(self):
        """As of the day: the balance of each receivable item less what reconciled it until then, by customer."""
        return f"""
            SELECT partner_id, SUM(residual) AS total, {", ".join(self._get_floor_buckets())}
              FROM (
                SELECT COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id,
                       CURRENT_DATE - {self.days} - line.date_maturity AS late,
                       line.balance - COALESCE(paid.amount, 0) AS residual
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
             LEFT JOIN (
                    SELECT line_id, SUM(amount) AS amount
                      FROM (
                        SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile
                         WHERE max_date <= CURRENT_DATE - {self.days}
                         UNION ALL
                        SELECT credit_move_id, -amount FROM account_partial_reconcile
                         WHERE max_date <= CURRENT_DATE - {self.days}
                      ) part GROUP BY line_id
                  ) paid ON paid.line_id = line.id
                 WHERE account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.date <= CURRENT_DATE - {self.days}
              ) item
             WHERE residual <> 0
             GROUP BY partner_id
        """

    def _get_floor_buckets(self):
        for low, high in ((-9999, 0), (0, 30), (30, 60), (60, 90), (90, 9999)):
            yield f"SUM(residual) FILTER (WHERE late > {low} AND late <= {high})"

    def floor_targets(self, ours, floor):
        return [at_most("× floor", ours.seconds / floor, 2)]

    def targets(self, ours, peer, smaller):
        return [
            at_most("seconds", ours.seconds, 3),
            at_most("peak MB", ours.peak_mb, 300),
            *([at_most("× the time of a tenth", ours.seconds / smaller.seconds, 12)] if smaller else []),
        ]


WORK = AgedBalance()
