from work import Work, at_most


class Score(Work):
    """The trust score of every customer of the ledger, worked out and written down for the first time.

    Ours: ``credit.score._cron_compute`` with its commits. A unit is a customer. The cards exist, as
    on a server where a run was planned before.
    """

    name = "score"
    unit = "customer"
    measures_growth = True
    in_large = True
    fills = ("credit_score_component", "credit_score")
    marks = ("credit_debtor",)

    def prepare_ours(self, env):
        env["credit.score.engine"]._ensure_debtors(env.company, env.cr.now().date())
        # Of the round before, where it is measured in the same ledger.
        env.cr.execute(
            """
            UPDATE credit_debtor
               SET score_id = NULL, score_date = NULL, score_state = NULL, score_value = NULL, score_grade = NULL
             WHERE score_date IS NOT NULL
            """
        )

    def ours(self, env):
        env["credit.score"]._cron_compute()

    def count_ours(self, env):
        return env["credit.score"].search_count([])

    def notes(self, env):
        grades = env["credit.score"]._read_group([], ["grade"], ["__count"])
        return {"grades": {grade or "none": count for grade, count in grades}}

    def floor_sql(self):
        """Each item with what was paid of it and when, read once."""
        return """
            SELECT line.partner_id, line.id, line.balance, line.date_maturity, paid.days
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
         LEFT JOIN (
                SELECT debit_move_id AS id, ARRAY_AGG(max_date) AS days
                  FROM account_partial_reconcile
                 WHERE max_date > CURRENT_DATE - 730
                 GROUP BY debit_move_id
              ) paid ON paid.id = line.id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted'
               AND line.balance > 0
        """

    def targets(self, ours, peer, smaller):
        targets = [
            at_most("queries", ours.queries, 50),
            at_most("peak MB", ours.peak_mb, 1024),
            # 15 s for 20 000 customers, whatever the size of the ledger that is measured.
            at_most("ms a customer", ours.seconds / ours.units * 1000, 0.75),
        ]
        if smaller:
            growth = (ours.seconds / smaller.seconds) / (ours.units / smaller.units)
            targets.append(at_most("growth × linear", growth, 1.2))
        return targets


WORK = Score()
