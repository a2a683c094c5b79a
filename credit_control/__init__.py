from . import channels, controllers, exposure_sources, models, rating_providers, report, score_factors, signals, wizards
from .uninstall import forget_models


def post_init_hook(env):
    """Give each customer who owes something their card, and plan the scores of the past: first screens aren't empty."""
    env["credit.debtor"]._make_for_open_items()
    env["res.company"].search([])._credit_plan_score_backfill()


def uninstall_hook(env):
    """See :func:`forget_models`."""
    forget_models(env, "credit_control")
