from work import Work, at_most

from . import common


class Agenda(Work):
    """Opening the agenda of all customers: the first page sorted by priority, by amount and by age, and the counters.

    Ours: what the screen asks of the server, four times over: ``web_search_read`` of 80 rows with the columns of the
    list, in three orders, and ``action_count_agenda``. A unit is a customer on the agenda. The order of all of them
    was worked out before, as by the cron; how long that takes is in the notes.
    """

    name = "agenda"
    unit = "customer"

    def prepare_ours(self, env):
        common.prepare_policy(env)
        # Messages that a person approves: each is work on the agenda.
        env.company.credit_dunning_policy_id.step_ids.mode = "approve"
        common.prepare_run(env)
        run = common.planned_run(env)
        run.action_plan()
        env["credit.agenda.engine"]._rank(env.company)

    def ours(self, env):
        debtors = env["credit.debtor"]
        view = env.ref("credit_control.credit_agenda_view_list")
        names = debtors.get_view(view.id, "list")["models"][debtors._name]
        specification = {
            name: {"fields": {"display_name": {}}} if debtors._fields[name].type == "many2one" else {}
            for name in names
            if name in debtors._fields
        }
        domain = debtors._get_agenda_domain()
        for order in (debtors._get_agenda_order(), "agenda_overdue desc", "agenda_days_overdue desc, id"):
            env.invalidate_all()
            debtors.web_search_read(domain, specification, limit=80, order=order)
        debtors.action_count_agenda()

    def count_ours(self, env):
        debtors = env["credit.debtor"]
        return debtors.search_count(debtors._get_agenda_domain())

    def targets(self, ours, peer, smaller):
        # One second for one of the four.
        return [at_most("seconds for four", ours.seconds, 4), at_most("queries", ours.queries, 120)]


WORK = Agenda()
