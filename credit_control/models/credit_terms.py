from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import LazyTranslate

from .credit_score_scheme import GRADES

_lt = LazyTranslate(__name__)


class ShippedTerms(NamedTuple):
    """Terms that come with the addon; ``term`` names one of Odoo's own payment terms, empty: as agreed."""

    grade: str
    name: object
    note: object
    term: str = ""


SHIPPED_TERMS = (
    ShippedTerms("A", _lt("Terms as agreed"), _lt("A higher limit may be granted without a guarantee.")),
    ShippedTerms("B", _lt("Terms as agreed"), _lt("The limit covers the usual orders.")),
    ShippedTerms(
        "C",
        _lt("30 days, closer watch"),
        _lt("The limit is three quarters of the usual one; it is looked at each quarter."),
        "account.account_payment_term_30days",
    ),
    ShippedTerms(
        "D",
        _lt("Deposit of 30 % with the order"),
        _lt("The limit is half of the usual one. What is overdue is paid before the next delivery."),
        "account.account_payment_term_15days",
    ),
    ShippedTerms(
        "E",
        _lt("Cash before delivery"),
        _lt("No credit; a bank guarantee or a credit insurance may replace the payment in advance."),
        "account.account_payment_term_immediate",
    ),
    ShippedTerms(
        "none",
        _lt("Deposit of 30 % with the first orders"),
        _lt("Until three invoices are settled. A rating or a guarantee may replace the deposit."),
        "account.account_payment_term_30days",
    ),
)


class CreditTerms(models.Model):
    """What we would agree to with customers of a grade: a payment term, a deposit, cash before delivery…

    Only ever proposed: see ``credit.terms.proposal``.
    """

    _name = "credit.terms"
    _description = "Terms by grade"
    _order = "company_id, grade, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, help="In a few words, e.g. Deposit of 30 %.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    grade = fields.Selection([*GRADES, ("none", "Insufficient data")], required=True, help="Of the trust score.")
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment term",
        check_company=True,
        help="Given to the customer on approval; empty: left as it is.",
    )
    note = fields.Text(translate=True, help="What else is asked for: a deposit, a guarantee, a limit.")

    _grade_unique = models.UniqueIndex(
        "(company_id, grade) WHERE active IS TRUE", "Each grade has one set of terms in a company."
    )

    @api.model
    def _load_shipped(self, company):
        """Give a company the shipped terms of the grades for which it has none, and their words in each language.

        Can be repeated: what is there, edited or archived, stays as it is.
        """
        terms = self.sudo().with_context(active_test=False, lang="en_US")
        known = set(terms.search([("company_id", "=", company.id)]).mapped("grade"))
        for shipped in SHIPPED_TERMS:
            if shipped.grade not in known:
                terms.create(self._prepare_shipped(shipped, company))._translate_shipped(shipped)

    def _prepare_shipped(self, shipped, company):
        term = self.env.ref(shipped.term, raise_if_not_found=False) if shipped.term else None
        # One that was made a company's own serves that company only.
        usable = term and term.sudo().company_id in (term.sudo().company_id.browse(), company)
        return {
            "company_id": company.id,
            "grade": shipped.grade,
            "name": shipped.name._source,
            "note": shipped.note._source,
            "payment_term_id": term.id if usable else False,
        }

    def _translate_shipped(self, shipped):
        for lang, _name in self.env["res.lang"].get_installed():
            if lang != "en_US":
                there = self.with_context(lang=lang)
                there.update({"name": shipped.name._translate(lang), "note": shipped.note._translate(lang)})

    @api.model
    def action_load_shipped(self):
        """Button: give the current company the shipped terms that it doesn't have."""
        self.check_access("create")
        self._load_shipped(self.env.company)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
