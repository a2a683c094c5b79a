"""What indicators are called, and by which formula they are worked out, in one sentence each."""

from odoo import api, models
from odoo.tools import LazyTranslate

from ..core.kpi import COUNT_BACK_MONTHS, INDICATORS
from .credit_kpi_source import RISK_DAYS

_lt = LazyTranslate(__name__)

LABELS = {
    "receivables": _lt("Receivables"),
    "not_due": _lt("Not due"),
    "overdue": _lt("Overdue"),
    "overdue_share": _lt("Overdue share"),
    "at_risk": _lt("At risk"),
    "at_risk_share": _lt("Share at risk"),
    "sales": _lt("Sales"),
    "dso": _lt("DSO"),
    "dso_best": _lt("Best possible DSO"),
    "delinquent_days": _lt("Days delinquent (ADD)"),
    "dso_count_back": _lt("DSO by count-back"),
    "dso_count_back_best": _lt("Best possible, by count-back"),
    "turnover": _lt("Turnover"),
    "days_to_pay": _lt("Days to pay"),
    "delay": _lt("Days late"),
    "late_rate": _lt("Late, by number"),
    "late_rate_value": _lt("Late, by value"),
    "effectiveness": _lt("Collection effectiveness (CEI)"),
    "collected": _lt("Collected"),
    "collected_overdue": _lt("Collected overdue"),
    "disputed_share": _lt("Disputed share"),
    "dispute_rate": _lt("Invoices disputed"),
    "dispute_days": _lt("Days to settle a dispute"),
    "dispute_justified": _lt("Disputes justified"),
    "promises_kept": _lt("Promises kept, by number"),
    "promises_kept_value": _lt("Promises kept, by value"),
    "bad_debt": _lt("Bad debt"),
}

FORMULAS = {
    "receivables": _lt("Balance of the trade receivable accounts on the day, taxes included."),
    "not_due": _lt("Receivables that are not overdue; the due day itself is not overdue. Taxes included."),
    "overdue": _lt("Receivables, credits included, whose due date is before the day. Taxes included."),
    "overdue_share": _lt("Overdue / receivables."),
    "at_risk": _lt("Receivables more than %(risk)s days after their due date, taxes included."),
    "at_risk_share": _lt("At risk / receivables."),
    "sales": _lt("Invoices less credit notes of the period by accounting date, taxes included."),
    "dso": _lt("Receivables / sales of the period × its days. Both taxes included; no sales, no figure."),
    "dso_best": _lt("Receivables not due / sales of the period × its days. Both taxes included."),
    "delinquent_days": _lt("DSO − best possible DSO: the days that late payment costs."),
    "dso_count_back": _lt(
        "Days of the latest sales, month by month backwards, that make up the receivables; the last month counts in "
        "proportion. Taxes included; at most %(back)s months are known, what is left then is shown as “more than”."
    ),
    "dso_count_back_best": _lt("As DSO by count-back, of the receivables not due."),
    "turnover": _lt("Sales of the period, as of 365 days / receivables: times a year."),
    "days_to_pay": _lt("Payments of the period: Σ amount × (day of payment − invoice date) / Σ amount."),
    "delay": _lt(
        "Σ amount × days after the due date / Σ amount, of payments of the period and of what is open and overdue on "
        "the day; early payment is negative. Credit notes don't count."
    ),
    "late_rate": _lt(
        "Of the items due in the period: those settled more than %(grace)s days late, or open by then; a credit note "
        "settles, too."
    ),
    "late_rate_value": _lt("As late by number, by the amounts of the items, taxes included."),
    "effectiveness": _lt(
        "(opening receivables + sales − closing receivables) / (opening receivables + sales − closing receivables "
        "not due), of each month, then averaged over the period."
    ),
    "collected": _lt("Payments reconciled with claims in the period; credit notes and write-offs are not payments."),
    "collected_overdue": _lt("The part of what was collected that was overdue on the day of the payment."),
    "disputed_share": _lt("What is open and disputed on the day / receivables, taxes included."),
    "dispute_rate": _lt("Invoices of the period that were disputed until the day / invoices of the period, by number."),
    "dispute_days": _lt("Disputes closed in the period: days from opening to closing, on average."),
    "dispute_justified": _lt("Disputes closed in the period as justified / disputes closed in the period."),
    "promises_kept": _lt(
        "Promises whose day and tolerance ended in the period: kept / kept, partly kept and broken. Cancelled ones "
        "don't count."
    ),
    "promises_kept_value": _lt("As promises kept by number, by the amounts that were promised."),
    "bad_debt": _lt("Write-offs of the period without taxes / sales of the period without taxes."),
}


class CreditKpiWords(models.AbstractModel):
    """The words of the indicators."""

    _name = "credit.kpi.words"
    _description = "Words of the indicators"

    @api.model
    def _get_indicators(self):
        """Return the choices of a field that names an indicator."""
        return list(self._get_kpi_labels().items())

    def _get_kpi_labels(self):
        """Return ``{code: words}`` of the indicators, in their order."""
        env = self.env
        return {code: env._(LABELS[code]) for code in INDICATORS}

    def _get_kpi_formula(self, code, grace=0):
        """Return how an indicator is worked out, in a sentence."""
        sentence = self.env._(FORMULAS[code])
        return sentence % {"risk": RISK_DAYS, "back": COUNT_BACK_MONTHS, "grace": grace}
