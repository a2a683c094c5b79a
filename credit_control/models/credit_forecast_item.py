from odoo import api, fields, models

from ..core import forecast
from .credit_forecast import OpenCase

CONFIDENCES = [(forecast.HIGH, "High"), (forecast.MEDIUM, "Medium"), (forecast.LOW, "Low")]
RULES = [
    (forecast.PROMISE, "Promise"),
    (forecast.DEADLINE, "Deadline of the dispute"),
    (forecast.DISPUTE, "Disputed"),
    (forecast.CUSTOMER, "As the customer usually pays"),
    (forecast.SEGMENT, "As the segment usually pays"),
    (forecast.COMPANY, "As customers usually pay"),
    (forecast.DUE, "Due date"),
    (forecast.LATE, "Late, as before"),
    (forecast.UNPRECEDENTED, "Later than ever"),
    (forecast.OUT, "Not expected"),
]


# What an expectation is made of. Read at once: the rows of a query are dear to read in several goes.
CASE_FIELDS = [
    "company_id",
    "partner_id",
    "date_maturity",
    "date",
    "amount_residual",
    "amount_disputed",
    "amount_promised",
]


class CreditForecastItem(models.AbstractModel):
    """The expected day of payment of an open item, with the rule that gave it."""

    _name = "credit.forecast.item"
    _description = "Expected date of an open item"

    date_expected = fields.Date(
        string="Expected",
        compute="_compute_expected",
        help="When the payment is expected: what is promised or disputed today goes before the customer's habits.",
    )
    expected_rule = fields.Selection(RULES, string="Expected by", compute="_compute_expected")
    expected_confidence = fields.Selection(CONFIDENCES, string="Confidence", compute="_compute_expected")
    expected_reason = fields.Char(string="Why then", compute="_compute_expected", help="The rule, with its figures.")

    @api.depends_context("as_of", "uid", "lang")
    def _compute_expected(self):
        found = self._get_expectations()
        for item in self:
            expectation = found.get(item._origin.id)
            item.date_expected = expectation.date if expectation else False
            item.expected_rule = expectation.rule if expectation else False
            item.expected_confidence = expectation.confidence if expectation else False
            item.expected_reason = item._get_expected_reason(expectation) if expectation else False

    def _get_expectations(self):
        """Return ``{item id: Expectation}`` of those of these items that are owed."""
        self.fetch(CASE_FIELDS)
        claims = self.filtered(lambda item: item.amount_residual > 0 and item.partner_id)
        return self.env["credit.forecast"]._expect_by_company(
            [(item.company_id, item._get_case()) for item in claims], self._as_of()
        )

    def _get_case(self):
        return OpenCase(
            self._origin.id,
            self.partner_id.id,
            self.date_maturity,
            self.date,
            self.amount_residual,
            self.amount_disputed,
            self.amount_promised,
        )

    def _get_expected_reason(self, expectation):
        """Return the sentence for an expectation."""
        days = round(expectation.days or 0)
        lateness = self._get_lateness(days)
        sentences = {
            forecast.PROMISE: lambda: self.env._("Promised; this customer's promises come %s", self._get_slip(days)),
            forecast.DEADLINE: lambda: self.env._(
                "Disputed: the deadline of the dispute, and then %s as usual", lateness
            ),
            forecast.DISPUTE: lambda: self.env._("Disputed: such items are paid %s", lateness),
            forecast.CUSTOMER: lambda: self.env._("Like this customer's latest items: %s", lateness),
            forecast.SEGMENT: lambda: self.env._("Too little history: as its segment usually pays, %s", lateness),
            forecast.COMPANY: lambda: self.env._("Too little history: as customers usually pay, %s", lateness),
            forecast.DUE: lambda: self.env._("No history yet: the due date"),
            forecast.LATE: lambda: self.env._("Late: when this customer was later than this, it was %s", lateness),
            forecast.UNPRECEDENTED: lambda: self.env._(
                "Later than this customer ever was: in %s days at the earliest", forecast.UNKNOWN_DAYS
            ),
            forecast.OUT: lambda: self.env._("Insolvency or litigation: no payment is expected by itself"),
        }
        return sentences[expectation.rule]()

    @api.model
    def _get_lateness(self, days):
        """Return the words for days late: “5 days early”, “on the due day”, “12 days late”."""
        if days > 0:
            return self.env._("%s days late", days)
        return self.env._("%s days early", -days) if days < 0 else self.env._("on the due day")

    @api.model
    def _get_slip(self, days):
        if days > 0:
            return self.env._("%s days after their date", days)
        return self.env._("%s days before their date", -days) if days < 0 else self.env._("on their date")
