from work import Work, at_most

from . import common


class AgendaOrder(Work):
    """Putting the agenda of all customers in order, as the cron does every hour.

    Ours: ``credit.agenda.engine._rank``, the first time, when every card is written. A unit is a customer.
    """

    name = "agenda_order"
    unit = "customer"
    measures_growth = True

    def prepare_ours(self, env):
        common.prepare_policy(env)
        common.prepare_run(env)
        common.planned_run(env).action_plan()

    def ours(self, env):
        env["credit.agenda.engine"]._rank(env.company)

    def count_ours(self, env):
        return env["credit.debtor"].search_count([])

    def notes(self, env):
        groups = env["credit.debtor"]._read_group([], ["agenda_action"], ["__count"])
        return {"actions": {action or "none": count for action, count in groups}}

    def targets(self, ours, peer, smaller):
        targets = [at_most("queries", ours.queries, 60), at_most("peak MB", ours.peak_mb, 1024)]
        if smaller:
            growth = (ours.seconds / smaller.seconds) / (ours.units / smaller.units)
            targets.append(at_most("growth × linear", growth, 1.2))
        return targets


WORK = AgendaOrder()
