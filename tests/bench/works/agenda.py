import time
from contextlib import contextmanager

from work import Work, at_most

from odoo.tools import SQL

from . import common

CUSTOMERS = 15_000


class Agenda(Work):
    """Opening the agenda of all customers: the first page sorted by priority, by amount and by age, and the counters.

    Ours: what the screen asks of the server, four times over: ``web_search_read`` of 80 rows with the columns of the
    list, in three orders, and ``action_count_agenda``. A unit is a customer on the agenda; there are 15 000, for which
    the target is stated: those whose message is to be approved, and others who are to be called. The order of all of
    them was worked out before, as by the cron: see ``agenda_order``. How long each of the four took is in the notes.
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
        env["credit.score.engine"]._ensure_debtors(env.company, env.cr.now().date())
        env["credit.agenda.engine"]._rank(env.company)
        self._fill(env)

    def _fill(self, env):
        """Have as many on the agenda as the target is stated for: who has nothing to do is to be called."""
        env.flush_all()
        env.cr.execute(
            SQL(
                """
                UPDATE credit_debtor
                   SET agenda_action = 'call', agenda_date = CURRENT_DATE - id %% 60, priority = id %% 1000
                 WHERE id IN (SELECT id FROM credit_debtor
                               WHERE agenda_action IS NULL OR agenda_action = 'wait' ORDER BY id LIMIT %s)
                """,
                max(CUSTOMERS - self.count_ours(env), 0),
            )
        )
        env.invalidate_all()

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
        self.seconds = {}
        for order in (debtors._get_agenda_order(), "agenda_overdue desc", "agenda_days_overdue desc, id"):
            env.invalidate_all()
            with self._timed(order):
                debtors.web_search_read(domain, specification, limit=80, order=order)
        with self._timed("counters"):
            debtors.action_count_agenda()

    @contextmanager
    def _timed(self, name):
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start

    def notes(self, env):
        return {"seconds": self.seconds}

    def count_ours(self, env):
        debtors = env["credit.debtor"]
        return debtors.search_count(debtors._get_agenda_domain())

    def targets(self, ours, peer, smaller):
        slowest = max(ours.notes["seconds"].values())
        return [at_most("seconds for the slowest of four", slowest, 1), at_most("queries", ours.queries, 120)]


WORK = Agenda()
