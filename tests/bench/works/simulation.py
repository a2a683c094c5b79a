from datetime import timedelta

from work import Work, at_most

from odoo.fields import Command

from . import common

DAYS = 90


class Simulation(Work):
    """Replaying a policy on the past 90 days of the ledger, beside the policy in force.

    Ours: ``credit.simulation.action_run``. A unit is a message that would have left, of both policies. The target
    of 60 seconds is for a ledger of 30 000 invoices: ``--invoices 30000``.
    """

    name = "simulation"
    unit = "message"

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
        today = env.cr.now().date()
        env["credit.simulation"].create(
            {
                "policy_id": tried.id,
                "date_from": today - timedelta(days=DAYS),
                "date_to": today - timedelta(days=1),
            }
        )

    def ours(self, env):
        env["credit.simulation"].search([], limit=1).action_run()

    def count_ours(self, env):
        return sum(env["credit.simulation.line"].search([]).mapped("count"))

    def notes(self, env):
        groups = env["credit.simulation.line"]._read_group([], ["variant"], ["count:sum"])
        return {
            "messages": dict(groups),
            "written": env["credit.dunning.notice"].search_count([]),
        }

    def targets(self, ours, peer, smaller):
        return [at_most("seconds", ours.seconds, 60), at_most("peak MB", ours.peak_mb, 1024)]


WORK = Simulation()
