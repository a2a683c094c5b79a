"""What several works prepare alike."""

from odoo.fields import Command


def prepare_policy(env, channel="email"):
    """Make one policy for all customers: due + 10, end of month after due + 30, previous + 10.

    The same three steps that the peer ships; no minimum, so that both remind the same items.
    """
    company = env.company
    env["credit.segment"].search([]).active = False
    steps = [("due", 10), ("end_of_month", 30), ("previous", 10)]
    company.credit_dunning_policy_id = env["credit.dunning.policy"].create(
        {
            "name": "Bench",
            "step_ids": [
                Command.create(
                    {
                        "sequence": place,
                        "name": f"Step {place}",
                        "delay_basis": basis,
                        "delay_days": days,
                        "mode": "auto",
                        "channel_ids": env.ref(f"credit_control.channel_{channel}").ids,
                    }
                )
                for place, (basis, days) in enumerate(steps, 1)
            ],
        }
    )


def prepare_run(env):
    """Make a run for today, not planned yet."""
    return env["credit.dunning.run"].create({})


def planned_run(env):
    """Return the run that the work is about."""
    return env["credit.dunning.run"].search([], limit=1, order="id desc")


def prepare_oca_policy(env):
    """Let the peer's own three-step policy be the company's, on the receivable account."""
    receivable = env["account.account"].search([("account_type", "=", "asset_receivable"), ("non_trade", "=", False)])
    policy = env.ref("account_credit_control.credit_control_3_time")
    policy.account_ids = receivable
    env.company.credit_policy_id = policy


def prepare_oca_run(env):
    """Make the peer's run for today, not computed yet."""
    policy = env.company.credit_policy_id
    return env["credit.control.run"].create({"date": env.cr.now().date(), "policy_ids": [Command.set(policy.ids)]})


def oca_run(env):
    """Return the peer's run that the work is about."""
    return env["credit.control.run"].search([], limit=1, order="id desc")
