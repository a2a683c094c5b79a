from . import channels, controllers, exposure_sources, models, rating_providers, report, score_factors, wizards


def post_init_hook(env):
    """Give each customer who owes something their card, so that the first screen isn't empty."""
    env["credit.debtor"]._make_for_open_items()
