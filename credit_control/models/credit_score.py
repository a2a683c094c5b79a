import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import behaviour, scoring
from .company_day import company_today
from .credit_score_scheme import GRADES

_logger = logging.getLogger(__name__)

# What is kept of natural persons (domain: score history 24 months).
PERSON_MONTHS = 24


class CreditScore(models.Model):
    """How reliable a customer was on a day: a figure, its grade, and what it is made of.

    A row is written when the answer changes, and once a month where it doesn't; so the history
    is complete and small. Users never change one. A row of the same day is replaced: the last
    answer of a day is the day's.
    """

    _name = "credit.score"
    _description = "Trust score"
    _order = "date desc, id desc"
    _rec_name = "label"
    _check_company_auto = True
    # Written by the ten thousand; its day and its version say when and by what rules it was given.
    _log_access = False

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    date = fields.Date(required=True)
    state = fields.Selection(
        [(scoring.SCORED, "Scored"), (scoring.INSUFFICIENT, "Insufficient data")], required=True, readonly=True
    )
    value = fields.Float(
        string="Score",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="0–100; empty where the data don't suffice.",
    )
    plain_value = fields.Float(
        string="Before the caps", digits=(5, 2), readonly=True, aggregator=None, help="What the factors alone give."
    )
    grade = fields.Selection(GRADES, readonly=True)
    ceiling = fields.Float(digits=(5, 2), readonly=True, aggregator=None, help="The lowest limit that held.")
    is_limited = fields.Boolean(string="Limited", readonly=True, help="Whether a limit from outside the payments held.")
    item_count = fields.Integer(
        string="Items", readonly=True, aggregator=None, help="Settled in twelve months, or overdue."
    )
    is_backfilled = fields.Boolean(
        string="Worked out later",
        readonly=True,
        help="Not given on its day: worked out afterwards, from the payments and disputes of that time.",
    )
    caps = fields.Json(readonly=True, help="The limits that held: code, kind and amount of each.")
    version_id = fields.Many2one("credit.score.version", required=True, ondelete="restrict")
    version = fields.Integer(related="version_id.number", string="Version number", aggregator=None)
    component_ids = fields.One2many("credit.score.component", "score_id")
    left_out = fields.Char(string="Left out", compute="_compute_left_out", help="Factors without material.")
    label = fields.Char(string="Trust", compute="_compute_label")

    _day_unique = models.Constraint("UNIQUE (partner_id, company_id, date)", "A customer has one score a day.")

    @api.depends("state", "value", "grade", "ceiling", "is_limited")
    @api.depends_context("lang")
    def _compute_label(self):
        for score in self:
            score.label = score._get_label(score.state, score.value, score.grade, score._get_ceiling())

    @api.depends("version_id", "component_ids.factor_id")
    @api.depends_context("lang")
    def _compute_left_out(self):
        for score in self:
            factors = self.env["credit.score.factor"].sudo().concat(*score.version_id._get_weights())
            missing = factors.with_env(self.env).sudo().exists() - score.component_ids.factor_id
            score.left_out = ", ".join(missing.mapped("name"))

    def _get_ceiling(self):
        return self.ceiling if self.is_limited else None

    @api.model
    def _get_label(self, state, value, grade, ceiling=None):
        """Return the words for a score: the same on the card, in lists, in print and for the rules.

        The figure is whole and rounded down, so that it never shows a grade that wasn't reached.
        """
        if state == scoring.SCORED and value is not None:
            return f"{scoring.shown(value)} · {grade}"
        if state == scoring.INSUFFICIENT:
            if ceiling is None:
                return self.env._("insufficient data")
            return self.env._("insufficient data, at most %s", scoring.shown(ceiling))
        if state == "objected":
            return self.env._("objected")
        return self.env._("not scored yet")

    # Jobs

    @api.model
    def _cron_compute(self):
        """Score the customers of all companies as of today, in portions; go on where it stopped."""
        for company in self.env["res.company"].sudo().search([("active", "=", True)]):
            try:
                has_time = self._compute_company(company)
            except UserError as error:
                _logger.warning("No trust scores of %s: %s", company.name, error)
                continue
            if not has_time:
                return

    @api.model
    def _compute_company(self, company):
        """Score the customers of one company that weren't scored today; return whether there is time for more."""
        engine = self.env["credit.score.engine"].sudo().with_company(company)
        today = company_today(company)
        engine._ensure_debtors(company, today)
        version = engine._get_version(company)
        debtor_ids = engine._get_due(company, today)
        for portion, within in engine._iterate(company, debtor_ids, today):
            engine._compute(company, portion, today, version, within)
            if not self.env["ir.cron"]._commit_progress(len(portion)):
                return False
        return True

    @api.model
    def _cron_erase(self):
        """Erase what is older than 24 months of the scores of natural persons."""
        limit = behaviour.months_before(company_today(self), PERSON_MONTHS)
        debtors = self.env["credit.debtor"].sudo()
        persons = debtors._search(debtors._get_natural_person_domain())
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                DELETE FROM credit_score score
                      USING credit_debtor debtor
                      WHERE debtor.partner_id = score.partner_id
                        AND debtor.company_id = score.company_id
                        AND score.date < %s
                        AND debtor.id IN %s
                  RETURNING score.id
                """,
                limit,
                persons.subselect(),
            )
        )
        self.env.invalidate_all()
        debtors._forget_erased_scores()
