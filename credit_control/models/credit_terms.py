from odoo import fields, models

from .credit_score_scheme import GRADES


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
    grade = fields.Selection([*GRADES, ("none", "Insufficient data")], required=True)
    payment_term_id = fields.Many2one(
        "account.payment.term", check_company=True, help="Given to the customer on approval; empty: left as it is."
    )
    note = fields.Text(translate=True, help="What else is asked for: a deposit, a guarantee, a limit.")

    _grade_unique = models.UniqueIndex(
        "(company_id, grade) WHERE active IS TRUE", "Each grade has one set of terms in a company."
    )
