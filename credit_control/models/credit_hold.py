from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import verdict
from .company_day import company_today
from .language import in_language_of

# What a credit manager writes before deciding; all else is written by the check and the buttons.
DECISION = {"decision_reason", "date_until"}
FREE = {"activity_ids", "message_follower_ids", "message_ids", "message_main_attachment_id"}


class CreditHold(models.Model):
    """A document that waits because of a credit rule, until somebody who may releases or refuses it.

    Made and decided with the rights of the system, after the right of the person was checked: what
    stands here can be written by no form, no import and no program.
    """

    _name = "credit.hold"
    _description = "Credit hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _rec_name = "document_name"
    _order = "date desc, id desc"
    # Salespeople answer questions in the chatter.
    _mail_post_access = "read"

    res_model = fields.Char(string="Document type", required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", string="Document id", required=True, readonly=True)
    document_name = fields.Char(string="Document", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    rule_id = fields.Many2one("credit.rule", string="Leading rule", readonly=True, ondelete="set null")
    rule_ids = fields.Many2many("credit.rule", string="Rules", readonly=True, help="All that hold it.")
    effect = fields.Selection(
        [(verdict.APPROVAL, "Needs approval"), (verdict.PREPAYMENT, "Prepayment only"), (verdict.HOLD, "Held")],
        readonly=True,
    )
    stage = fields.Selection(
        [(verdict.ORDER, "Order"), (verdict.DELIVERY, "Delivery"), (verdict.INVOICE, "Invoice")], readonly=True
    )
    findings = fields.Json(readonly=True, help="All that speaks against it, the weightiest first, as values.")
    earlier_reason = fields.Text(
        string="Reason as told before",
        readonly=True,
        help="In the words of who asked, before these were kept as values.",
    )
    reason = fields.Text(
        string="Why", compute="_compute_reason", help="All that speaks against it, the weightiest first."
    )
    amount = fields.Monetary(readonly=True, help="Of the document, in company currency.")
    exposure = fields.Monetary(string="At risk already", readonly=True)
    amount_over = fields.Monetary(string="Over by", readonly=True, help="By how much the limit would be passed.")
    date = fields.Datetime(string="Since", required=True, readonly=True, default=fields.Datetime.now)
    requested_by_id = fields.Many2one("res.users", string="Asked by", readonly=True, index="btree_not_null")
    salesperson_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")
    state = fields.Selection(
        [("open", "Held"), ("released", "Released"), ("refused", "Refused")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", string="Decided by", readonly=True, tracking=True)
    date_decided = fields.Datetime(string="Decided on", readonly=True)
    decision_reason = fields.Text(string="Why so decided", tracking=True, help="Needed for a refusal.")
    date_until = fields.Date(
        string="Release until",
        tracking=True,
        help="With “Release until”: all of this customer's documents pass up to this day.",
    )
    may_decide = fields.Boolean(string="May decide", compute="_compute_may_decide", help="Whether you may release it.")

    _open_document = models.UniqueIndex("(res_model, res_id) WHERE state = 'open'", "This document is held already.")
    _released_idx = models.Index("(partner_id, company_id) WHERE state = 'released'")

    @api.depends("state", "rule_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        for hold in self:
            hold.may_decide = hold.state == "open" and hold._is_allowed()

    @api.depends("findings", "earlier_reason", "company_id.currency_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        """Say it in the reader's language: who confirmed the order may speak another."""
        rules = self.env["credit.rule"]
        for hold in self:
            told = rules._get_sentences(hold.findings or [], hold.company_id.sudo().currency_id)
            hold.reason = "\n".join(told) or hold.earlier_reason

    def write(self, vals):
        """Refuse what only the check and the buttons write."""
        if not self.env.su:
            if set(vals) - DECISION - FREE:
                raise AccessError(self.env._("A credit hold is changed by its buttons only."))
            if DECISION & set(vals):
                self._require_right()
        return super().write(vals)

    # -- made by the check --------------------------------------------------------------------

    @api.model
    def _hold(self, documents):
        """Hold documents, or bring their open holds up to date. Called with the rights of the system.

        :param documents: values of a hold for each, the document's among them
        :return: the open holds, in the same order
        """
        open_of = self._get_open({(vals["res_model"], vals["res_id"]) for vals in documents})
        holds = self.browse()
        for vals in documents:
            hold = open_of.get((vals["res_model"], vals["res_id"]))
            if hold:
                hold.write(vals)
            else:
                hold = self.create(vals)
                hold._announce()
            holds |= hold
        return holds

    def _announce(self):
        """Tell who looks after the customer's credit that a document waits."""
        keeper = self._get_keeper()
        followers = (keeper | self.requested_by_id | self.salesperson_id).filtered(lambda user: not user.share)
        self.message_subscribe(partner_ids=followers.partner_id.ids)
        self.message_post(body=self.reason, partner_ids=keeper.partner_id.ids, message_type="notification")
        if keeper and self._is_seen_by(keeper):
            spoken = in_language_of(self, keeper)
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=keeper.id,
                summary=spoken.env._("Held: %s", self.document_name),
            )

    def _is_seen_by(self, user):
        """Whether ``user`` may open this hold: only then a task about it can be theirs."""
        if self.company_id not in user.company_ids:
            return False
        return self.with_user(user).with_context(allowed_company_ids=self.company_id.ids).has_access("read")

    def _get_keeper(self):
        """Return who is told: the manager of the customer's portfolio, else whom the company's settings name."""
        partner = self.partner_id.with_company(self.company_id)
        return partner.credit_debtor_id.portfolio_id.manager_id or self.company_id.credit_hold_user_id

    @api.model
    def _close_passed(self, keys):
        """Close the open holds of documents that pass now, without anybody's release."""
        passed = self.union(*self._get_open(keys).values())
        passed._close("released", self.env._("Nothing speaks against it any more."), amount_over=0.0)

    @api.model
    def _get_open(self, keys):
        """Return ``{(model, id): open hold}`` of the documents in ``keys``."""
        found = self.search(
            [
                ("state", "=", "open"),
                ("res_model", "in", [res_model for res_model, _res_id in keys]),
                ("res_id", "in", [res_id for _res_model, res_id in keys]),
            ]
        )
        return {key: hold for hold in found if (key := (hold.res_model, hold.res_id)) in keys}

    @api.model
    def _get_released_amounts(self, keys):
        """Return ``{(model, id): amount up to which it was let pass}``."""
        if not keys:
            return {}
        self.flush_model(["amount", "res_id", "res_model", "state"])
        query = SQL(
            """
            SELECT res_model, res_id, MAX(amount)::float8
              FROM credit_hold
             WHERE state = 'released' AND (res_model, res_id) IN %s
             GROUP BY res_model, res_id
            """,
            tuple(keys),
        )
        return {(res_model, res_id): amount for res_model, res_id, amount in self.env.execute_query(query)}

    @api.model
    def _get_released_rules(self, documents):
        """Return ``{document id: {rule id: amount up to which somebody let these documents pass it}}``."""
        released = self.search_fetch(
            [("state", "=", "released"), ("res_model", "=", documents._name), ("res_id", "in", documents.ids)],
            ["res_id", "amount", "rule_ids"],
        )
        found = {}
        for hold in released:
            amounts = found.setdefault(hold.res_id, {})
            for rule in hold.rule_ids:
                amounts[rule.id] = max(hold.amount, amounts.get(rule.id, 0.0))
        return found

    # -- decided by people ---------------------------------------------------------------------

    def action_release(self):
        """Release these documents, and all others of the same customers that wait now."""
        self._begin_decision()
        others = self.sudo().search(
            [
                ("state", "=", "open"),
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        same = others.filtered(
            lambda hold: any(
                (hold.partner_id, hold.company_id) == (asked.partner_id, asked.company_id) for asked in self
            )
        ).with_user(self.env.user)
        allowed = self | same.filtered(lambda hold: hold._is_allowed())
        return allowed._release_today()

    def action_release_document(self):
        """Release these documents only, for the amounts that they have now."""
        self._begin_decision()
        return self._release_today()

    def action_release_until(self):
        """Release these documents, and let the customer's others pass until the day on them."""
        self._begin_decision()
        today = company_today(self)
        for hold in self:
            if not hold.date_until or hold.date_until < today:
                raise UserError(
                    self.env._("Say until when: “Release until” of %s is empty or past.", hold.document_name)
                )
        return self._release()

    def action_refuse(self):
        """Refuse these documents; each says why."""
        self._begin_decision()
        for hold in self:
            if not (hold.decision_reason or "").strip():
                raise UserError(self.env._("Say why %s is refused.", hold.document_name))
        self.sudo().date_until = False
        self._close("refused")
        self._tell(self.env._("Refused"))
        return True

    def action_ask_salesperson(self):
        """Ask the salesperson about these documents; the answer comes into the chatter."""
        self.check_access("read")
        self._require_right()
        for hold in self:
            person = hold.salesperson_id or hold.requested_by_id
            if not person:
                raise UserError(self.env._("%s has no salesperson to ask.", hold.document_name))
            hold.sudo()._ask(person)
        return True

    def _ask(self, person):
        spoken = in_language_of(self, person)
        body = spoken.env._(
            "%(document)s is held: %(reason)s What do you know about it?",
            document=self.document_name,
            reason=spoken.reason,
        )
        self.message_subscribe(partner_ids=person.partner_id.ids)
        self.message_notify(partner_ids=person.partner_id.ids, subject=self.document_name, body=body)
        if self._is_seen_by(person):
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=person.id,
                summary=spoken.env._("Asked by credit control"),
                note=body,
            )

    def action_open_document(self):
        """Open what is held."""
        self.ensure_one()
        is_known = self.res_model in self.env
        document = is_known and self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            raise UserError(self.env._("%s doesn't exist any more.", self.document_name))
        return document._get_records_action()

    def _release_today(self):
        """Release these documents, and none that comes later."""
        self.sudo().date_until = False
        return self._release()

    def _release(self):
        self._close("released")
        self._tell(self.env._("Released"))
        return True

    def _begin_decision(self):
        """Check the right on the server, and let only one user decide at a time, each hold once."""
        self.check_access("read")
        self._require_right()
        self.sudo().lock_for_update()
        self.invalidate_recordset(["state"])
        for hold in self:
            if hold.state != "open":
                raise UserError(
                    self.env._(
                        "%(document)s was decided already, by %(user)s.",
                        document=hold.document_name,
                        user=hold.user_id.name or self.env._("the system"),
                    )
                )

    def _is_allowed(self):
        """Whether the user may decide on this hold: of the rule's group, else a credit manager."""
        user = self.env.user
        group = self.sudo().rule_id.release_group_id
        return group in user.sudo().all_group_ids if group else user.has_group("credit_control.group_manager")

    def _require_right(self):
        for hold in self:
            if not hold._is_allowed():
                raise AccessError(
                    self.env._(
                        "You may not decide on %s: credit managers do, or whom its rule names.", hold.document_name
                    )
                )

    def _close(self, state, reason=None, **values):
        """Write down who decided what, when and why."""
        values |= {"state": state, "user_id": self.env.uid, "date_decided": fields.Datetime.now()}
        if reason:
            values["decision_reason"] = reason
        self.sudo().write(values)
        self.sudo().activity_ids.action_feedback()

    def _tell(self, word):
        """Tell who had asked, and the salesperson, what was decided."""
        for hold in self.sudo():
            people = (hold.requested_by_id | hold.salesperson_id).filtered(lambda user: not user.share) - self.env.user
            body = self.env._("%(document)s: %(decision)s.", document=hold.document_name, decision=word.lower())
            if hold.decision_reason:
                body += f" {hold.decision_reason}"
            if people:
                hold.message_notify(partner_ids=people.partner_id.ids, subject=body, body=body)
