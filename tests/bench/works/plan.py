from work import Work, at_least, at_most

from odoo.tools import SQL

from . import common


class Plan(Work):
    """Deciding for the whole ledger who is reminded of what, and writing it down.

    Ours: ``credit.dunning.run.action_plan``. Peer: the run of OCA's account_credit_control.
    A unit is an item that is reminded: an item whose step is due in a notice of ours, a credit
    control line of the peer. Ours also answers, with its reason, for each item that isn't.
    """

    name = "plan"
    unit = "line"
    peers = ("oca",)
    measures_growth = True
    in_large = True
    fills = (
        "credit_dunning_decision",
        "credit_dunning_notice_line",
        "credit_dunning_notice_res_partner_rel",
        "credit_dunning_notice",
    )

    def prepare_ours(self, env):
        common.prepare_policy(env)
        common.prepare_run(env)

    def ours(self, env):
        common.planned_run(env).action_plan()

    def count_ours(self, env):
        return env["credit.dunning.notice.line"].search_count([("step_id", "!=", False)])

    def notes(self, env):
        decisions = env["credit.dunning.decision"]._read_group([], ["reason"], ["__count"])
        return {
            "notices": env["credit.dunning.notice"].search_count([]),
            "reminded_amount": self._reminded_amount(env),
            "decisions": {reason: count for reason, count in decisions if reason},
        }

    def _reminded_amount(self, env):
        [(amount,)] = env.execute_query(
            SQL("SELECT SUM(amount_company)::float8 FROM credit_dunning_notice_line WHERE step_id IS NOT NULL")
        )
        return amount

    def prepare_oca(self, env):
        common.prepare_oca_policy(env)
        common.prepare_oca_run(env)

    def oca(self, env):
        common.oca_run(env).generate_credit_lines()

    def count_oca(self, env):
        return env["credit.control.line"].search_count([])

    def floor_sql(self):
        """The items that are ten days late, with all that a line needs, read once."""
        return """
            SELECT line.id, line.partner_id, line.move_name, line.date, line.date_maturity, line.amount_residual,
                   partner.email, partner.lang
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE account.account_type = 'asset_receivable'
               AND line.reconciled IS NOT TRUE
               AND line.parent_state = 'posted'
               AND line.date_maturity <= CURRENT_DATE - 10
        """

    def targets(self, ours, peer, smaller):
        allowed = 100 + 50 * ours.units / 1000
        targets = [
            at_most("queries", ours.queries, allowed),
            at_most("peak MB", ours.peak_mb, 1024),
        ]
        if peer:
            targets.insert(0, at_least("ratio", peer.seconds / ours.seconds, 10))
        if smaller:
            growth = (ours.seconds / smaller.seconds) / (ours.units / smaller.units)
            targets.append(at_most("growth × linear", growth, 1.2))
        return targets


WORK = Plan()
