import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import signals
from ..signals.scope import SignalScope
from .company_day import companies_by_day, company_today
from .credit_signal_rule import SEVERITIES

_logger = logging.getLogger(__name__)

# How long what people said of a natural person is kept (docs: people's data).
PERSON_MONTHS = 6


class CreditSignal(models.Model):
    """An early warning about a customer: found by a detector, or raised by a person.

    A detector's warning is given once for each change. It closes by itself when what was found is
    over; where a person closed it before, it isn't given again as long as the same thing holds.
    """

    _name = "credit.signal"
    _description = "Early warning"
    _order = "date desc, severity desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    rule_id = fields.Many2one("credit.signal.rule", string="Warning", required=True, readonly=True, ondelete="restrict")
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    date = fields.Date(string="Found on", required=True, readonly=True)
    date_end = fields.Date(string="Over on", readonly=True)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True, readonly=True)
    holds = fields.Boolean(default=True, readonly=True, help="What was found still holds.")
    key = fields.Char(default="", readonly=True, help="What it is about: a promise, an item, a grade.")
    value = fields.Float(readonly=True, aggregator=None, help="What was measured, for sorting.")
    inputs = fields.Json(readonly=True)
    reason = fields.Char(string="What", compute="_compute_reason", help="What was found, in words.")
    note = fields.Text(readonly=True, help="What the person who raised it said.")
    user_id = fields.Many2one("res.users", string="Raised by", readonly=True, help="Empty: found by itself.")
    closed_by_id = fields.Many2one("res.users", string="Closed by", readonly=True)

    _holding_once = models.UniqueIndex(
        "(rule_id, partner_id, company_id, key) WHERE holds AND user_id IS NULL",
        "This warning has been given already.",
    )
    _open_idx = models.Index("(company_id, partner_id) WHERE state = 'open'")

    @api.depends("rule_id", "partner_id")
    def _compute_display_name(self):
        for signal in self:
            signal.display_name = f"{signal.partner_id.display_name}: {signal.rule_id.name}"

    @api.depends("inputs", "note", "rule_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for signal in self:
            detector = self.env.get(signal.rule_id.handler or "")
            known = detector is not None and signal.inputs is not None and signal.inputs is not False
            signal.reason = detector._explain(signal.inputs, signal.company_id.currency_id) if known else signal.note

    # -- detecting ----------------------------------------------------------------------

    @api.model
    def _cron_detect(self, today=None):
        """Look for early warnings in all companies, each committed on its own."""
        for day, companies in companies_by_day(self.env, today).items():
            for company in companies:
                self._detect(company, day)
                self.env["ir.cron"]._commit_progress(1)

    def _detect(self, company, today=None):
        """Give the warnings of ``company`` that are new, and close those that are over.

        A detector that fails is logged and stops no other; its warnings stay as they are.
        """
        today = today or company_today(company)
        self.env.flush_all()
        detecting = self.sudo().with_company(company).with_context(allowed_company_ids=company.ids, as_of=today)
        scope = SignalScope(detecting.env, company, today)
        rules = detecting.env["credit.signal.rule"].search(
            [("handler", "!=", False), ("company_id", "in", [company.id, False])]
        )
        for rule in rules:
            try:
                with self.env.cr.savepoint():
                    detecting._settle(scope, rule, rule._get_handler()._detect(scope, rule))
            except Exception:
                _logger.exception("The detector %s failed for company %s (%s)", rule.handler, company.name, company.id)
        detecting._end_unwatched(company, today, rules)

    def _settle(self, scope, rule, found):
        """Write what the findings of one detector change."""
        changes = signals.settle(found, self._query_known(scope.company, rule))
        self.create([self._prepare(scope, rule, finding) for finding in changes.new])
        for signal_id, finding in changes.still:
            signal = self.browse(signal_id)
            if signal.value != finding.value:
                signal.write({"value": finding.value, "inputs": finding.inputs})
        self.browse(changes.over)._end(scope.as_of)

    def _query_known(self, company, rule):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, partner_id, COALESCE(key, ''), COALESCE(holds, FALSE)
                  FROM credit_signal
                 WHERE company_id = %s AND rule_id = %s AND user_id IS NULL
                """,
                company.id,
                rule.id,
            )
        )
        return [signals.Known(*row) for row in rows]

    def _prepare(self, scope, rule, finding):
        return {
            "partner_id": finding.customer,
            "company_id": scope.company.id,
            "rule_id": rule.id,
            "severity": rule.severity,
            "date": scope.as_of,
            "key": finding.key,
            "value": finding.value,
            "inputs": finding.inputs,
        }

    def _end(self, day):
        """What was found is over: close what nobody has closed."""
        open_ones = self.filtered(lambda signal: signal.state == "open")
        open_ones.write({"state": "closed", "date_end": day})
        self.write({"holds": False})

    def _end_unwatched(self, company, today, rules):
        """Close the warnings of detectors that were archived meanwhile: nobody would ever close them."""
        self.search(
            [
                ("company_id", "=", company.id),
                ("holds", "=", True),
                ("user_id", "=", False),
                ("rule_id", "not in", rules.ids),
            ]
        )._end(today)

    # -- people -------------------------------------------------------------------------

    @api.model
    def _raise(self, partner, company, rule, note=""):
        """Raise a warning in the name of the user, and put the customer on the agenda; return it.

        The same one twice on a day (a double click) is one.

        :param partner: the customer, or one of their contacts
        :param rule: a ``credit.signal.rule`` that people raise
        :param note: plain text, whatever it holds
        :raise UserError: where the user may not speak of this customer
        """
        partner = partner.commercial_partner_id
        self._check_raised(partner, rule)
        cards = self.env["credit.debtor"].sudo()._ensure(company, partner.ids).sudo()
        vals = {
            "partner_id": partner.id,
            "company_id": company.id,
            "rule_id": rule.id,
            "severity": rule.severity,
            "date": company_today(company),
            "note": (note or "").strip(),
            "user_id": self.env.uid,
        }
        twin = self.sudo().search([(name, "=", value or False) for name, value in vals.items()], limit=1)
        raised = twin or self.sudo().create(vals)
        cards._refresh_agenda()
        return raised.sudo(False)

    def _check_raised(self, partner, rule):
        if rule.handler:
            raise UserError(self.env._("“%s” is found by itself: choose another one.", rule.name))
        user = self.env.user
        may_all = user.has_groups("credit_control.group_reader")
        if not may_all and not (user.has_groups("credit_control.group_salesperson") and partner.user_id == user):
            raise UserError(self.env._("%s isn't one of your customers.", partner.display_name))

    def action_close(self):
        """Say that the warnings have been seen to; the same thing isn't told again as long as it holds."""
        self.check_access("read")
        if not self.env.user.has_group("credit_control.group_collector"):
            raise AccessError(self.env._("Warnings are closed by collectors: ask one of them."))
        for company, some in self.grouped("company_id").items():
            of_people = some.filtered("user_id")
            some.sudo().write({"state": "closed", "date_end": company_today(company), "closed_by_id": self.env.uid})
            of_people.sudo().write({"holds": False})
            self.env["credit.debtor"]._note_work_on(some.partner_id, company)
        return True

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        debtor = self.partner_id.with_company(self.company_id).credit_debtor_id
        return debtor._get_records_action(name=self.env._("Debtor"))

    @api.autovacuum
    def _gc_said_of_persons(self):
        """Erase what colleagues said of natural persons after six months."""
        cards = self.env["credit.debtor"].sudo()
        raised = self.sudo().search([("user_id", "!=", False)])
        for company, some in raised.grouped("company_id").items():
            limit = company_today(company) - relativedelta(months=PERSON_MONTHS)
            some = some.filtered(lambda signal, limit=limit: signal.date < limit)
            domain = Domain("company_id", "=", company.id) & Domain("partner_id", "in", some.partner_id.ids)
            persons = cards.search(domain & cards._get_natural_person_domain()).partner_id
            some.filtered(lambda signal, persons=persons: signal.partner_id in persons).unlink()
