from datetime import timedelta

from work import Target, Work, at_most

from odoo.fields import Command

from . import common

DAYS = 90


class Simulation(Work):
    """Replaying a policy on the past 90 days of the ledger, beside the policy in force.

    Ours: ``credit.simulation.action_run``. A unit is a message that would have left, of both policies. Whatever the
    size that is asked for, the ledger has 30 000 invoices, for which the target is stated. Outside the clock all tables
    are read before and after, row by row, and what the policy in force sends on the first day is held against a run of
    that day.
    """

    name = "simulation"
    unit = "message"
    invoices = 30_000

    def prepare_ours(self, env):
        common.prepare_policy(env)
        steps = [("due", -3), ("due", 3), ("due", 15), ("previous", 15)]
        tried = env["credit.dunning.policy"].create(
            {
                "name": "Tried",
                "step_ids": [
                    Command.create(common.prepare_step(env, place, basis, days, "email"))
                    for place, (basis, days) in enumerate(steps, 1)
                ],
            }
        )
        # Where the company is, the day of the server may not have begun.
        today = env.cr.now().date() - timedelta(days=1)
        env["credit.simulation"].create(
            {
                "policy_id": tried.id,
                "date_from": today - timedelta(days=DAYS),
                "date_to": today - timedelta(days=1),
            }
        )
        env.flush_all()
        self.before = common.read_tables(env)

    def ours(self, env):
        env["credit.simulation"].search([], limit=1).action_run()

    def count_ours(self, env):
        return sum(env["credit.simulation.line"].search([]).mapped("count"))

    def notes(self, env):
        env.flush_all()
        after = common.read_tables(env)
        groups = env["credit.simulation.line"]._read_group([], ["variant"], ["count:sum"])
        simulated, planned = self._first_day(env)
        return {
            "messages": dict(groups),
            "written": sorted(
                name
                for name in after.keys() | self.before.keys()
                if after.get(name) != self.before.get(name) and not name.startswith("credit_simulation")
            ),
            "first_day": {"simulated": sum(simulated.values()), "planned": sum(planned.values())},
            "is_first_day_equal": bool(planned) and simulated == planned,
        }

    def _first_day(self, env):
        """Return what the policies in force send on the first day, by the replay and by a run of it.

        Each is ``{(step, channel, amount): messages}``; the run looks at the ledger as it stood on that day.
        """
        simulation = env["credit.simulation"].search([], limit=1)
        day = simulation.date_from
        lines = simulation.line_ids.filtered(lambda line: line.variant == "in_force" and line.date == day)
        simulated = {(line.step_id.id, line.channel_id.id, round(line.amount, 2)): line.count for line in lines}
        run = env["credit.dunning.run"].create({"date": day, "is_preview": True})
        run.action_plan()
        by_channel = run.notice_ids.grouped(lambda notice: (notice.step_id.id, notice.channel_id.id))
        planned = {(*key, round(sum(some.mapped("amount_total")), 2)): len(some) for key, some in by_channel.items()}
        return simulated, planned

    def targets(self, ours, peer, smaller):
        return [
            at_most("seconds", ours.seconds, 60),
            at_most("peak MB", ours.peak_mb, 1024),
            at_most("other tables written", len(ours.notes["written"]), 0),
            Target("first day as a run of it", ours.notes["is_first_day_equal"]),
        ]


WORK = Simulation()
