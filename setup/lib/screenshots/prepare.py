"""Runs inside ``odoo shell`` on a copy of the demonstration: what a picture needs and a morning brings."""

from odoo.exceptions import UserError

LOGINS = ("admin", "collector", "manager")


def main(env, lang="en_US"):
    """One language for all, matches looked for, a policy tried, terms proposed, a colleague asked."""
    users = env["res.users"].search([("login", "in", LOGINS)])
    # Its welcome would stand before half of a phone's screen.
    users.write({"lang": lang, "odoobot_state": "disabled"})
    for user in users:
        user.password = user.login
    env = env(context={**env.context, "lang": lang})
    collector = users.filtered(lambda user: user.login == "collector")
    env["credit.match"]._propose(env.company)
    env["credit.data.check"].with_user(collector).action_open()
    try_policy(env)
    propose_terms(env, collector)
    ask_salesperson(env, collector)
    env["credit.agenda.engine"]._rank(env.company)
    env.cr.commit()


def try_policy(env):
    policy = env["credit.dunning.policy"].search([("company_id", "=", env.company.id)], limit=1)
    env["credit.simulation"].create({"policy_id": policy.id}).action_run()


def propose_terms(env, collector):
    """Ask for the terms of those who are trusted least; some have no grade, or one without terms."""
    cards = env["credit.debtor"].with_user(collector)
    for card in cards.search([("score_state", "=", "scored")], order="score_value", limit=3):
        try:
            card.action_propose_terms()
        except UserError:
            continue


def ask_salesperson(env, collector):
    """One question that waits for its answer."""
    cards = env["credit.debtor"].with_user(collector)
    card = cards.search(cards._get_agenda_domain(), order=cards._get_agenda_order(), limit=1, offset=3)
    wizard = env["credit.colleague.question"].with_user(collector)
    values = {"debtor_id": card.id, "user_id": env.ref("base.user_admin").id}
    wizard.create({**values, "question": "Was the last delivery complete?"}).action_ask()
