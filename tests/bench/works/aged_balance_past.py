from .aged_balance import AgedBalance


class AgedBalancePast(AgedBalance):
    """The aged balance of all customers as of a year ago: most of what was open then is settled by now."""

    name = "aged_balance_past"
    days = 365


WORK = AgedBalancePast()
