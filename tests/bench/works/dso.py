from datetime import date

from work import Work, at_most

CODES = ("dso", "dso_count_back")


class Dso(Work):
    """The DSO of every customer on the ends of 24 months, simple and by count-back.

    Ours: ``credit.kpi``, whose past values are as they stood. Floor: one statement that adds up balances and sales by
    customer and month. A unit is a customer.
    """

    name = "dso"
    unit = "customer"
    changes = False
    measures_growth = True

    def prepare_ours(self, env):
        from odoo.addons.credit_control_reporting.models.credit_kpi import KpiOptions

        self.options = KpiOptions(date.today(), tuple(env.company.ids), "customer", history=23)

    def ours(self, env):
        self.found = env["credit.kpi"]._get_values(self.options, CODES)

    def count_ours(self, env):
        return len(self.found)

    def floor_sql(self):
        return """
            SELECT partner.commercial_partner_id, date_trunc('month', event.date), SUM(event.amount), SUM(event.sales)
              FROM (
                SELECT line.partner_id, line.date, line.balance AS amount,
                       CASE WHEN journal.type = 'sale' THEN line.balance END AS sales
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_journal journal ON journal.id = line.journal_id
                 WHERE account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
              ) event
              JOIN res_partner partner ON partner.id = event.partner_id
             GROUP BY 1, 2
        """

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 10), at_most("queries", ours.queries, 20)]


WORK = Dso()
