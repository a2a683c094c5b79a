from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# The days of the week on which a customer isn't written to, from Monday on; one is set with the others.
QUIET_DAYS = ("quiet_monday", "quiet_tuesday", "quiet_wednesday", "quiet_thursday", "quiet_friday")


class CreditDebtor(models.Model):
    """One customer (commercial partner) of one company: the card that all credit work hangs on.

    Messages to the customer and their answers are in its chatter.
    """

    _name = "credit.debtor"
    _description = "Debtor"
    _inherit = [
        "credit.agenda",
        "credit.agenda.guard",
        "credit.balance",
        "credit.balance.status",
        "credit.balance.exposure",
        "credit.blocks",
        "credit.customer.answer",
        "credit.customer.link",
        "credit.customer.statement",
        "credit.insurance.card",
        "credit.rating.card",
        "credit.score.card",
        "credit.payment.card",
        "credit.debtor.promise",
        "credit.charge.card",
        "credit.limitation.card",
        "credit.signal.card",
        "credit.timeline.card",
        "credit.group.card",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _rec_name = "partner_id"
    _order = "id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one(
        "credit.segment",
        index="btree_not_null",
        check_company=True,
        help="Picks the policy. Chosen by the segments' rules, unless it is kept.",
    )
    segment_locked = fields.Boolean(
        string="Keep this segment", help="Keep this segment whatever the segments' rules say."
    )
    policy_id = fields.Many2one(
        "credit.dunning.policy",
        string="Own policy",
        check_company=True,
        help="Goes before the segment's policy.",
    )
    portfolio_id = fields.Many2one(
        "credit.portfolio",
        index="btree_not_null",
        check_company=True,
        help="Who works on this customer together, and whose agenda it is where no collector is chosen.",
    )
    collector_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        check_company=True,
        help="Signs the messages, gets answers and calls. "
        "Empty: who alone collects for the portfolio, else its manager.",
    )
    preferred_channel_id = fields.Many2one(
        "credit.channel",
        string="Preferred channel",
        help="Takes the place of a step's channel, where that one may be replaced.",
    )
    tone = fields.Selection(
        [("courteous", "Courteous"), ("neutral", "Neutral"), ("firm", "Firm")],
        default="neutral",
        help="Greeting and closing of messages.",
    )
    quiet_monday = fields.Boolean(string="Not on Mondays")
    quiet_tuesday = fields.Boolean(string="Not on Tuesdays")
    quiet_wednesday = fields.Boolean(string="Not on Wednesdays")
    quiet_thursday = fields.Boolean(string="Not on Thursdays")
    quiet_friday = fields.Boolean(string="Not on Fridays")
    notice_ids = fields.One2many("credit.dunning.notice", "debtor_id")
    # More: see the fields that later parts add (figures of today, status, next action).

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A customer has one debtor card in each company."
    )

    def action_remind(self):
        """Plan this customer alone, today, and open what would leave; nothing leaves before it is approved.

        Where nothing is to be sent, the journal is opened: it has the reason of each item.
        """
        self.ensure_one()
        run = self.env["credit.dunning.run"].create(
            {"company_id": self.company_id.id, "partner_ids": [Command.set(self.partner_id.ids)]}
        )
        run.action_plan()
        action = run.action_open_notices() if run.notice_ids else self._open_reasons()
        if len(run.notice_ids) == 1:
            action.update(res_id=run.notice_ids.id, views=[(False, "form")], view_mode="form")
        if not run.notice_ids:
            # A collector doesn't delete runs; this one has nothing in it.
            run.sudo().unlink()
        return action

    def _open_reasons(self):
        action = self.action_open_decisions()
        message = self.env._("Nothing is to be sent to %s today: here is why.", self.partner_id.display_name)
        notification = {"message": message, "type": "info", "next": action}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": notification}

    def _ensure(self, company, partner_ids):
        """Return the cards of these commercial partners, made where missing, segments up to date."""
        self._make_missing(company, partner_ids)
        debtors = self.sudo().search([("company_id", "=", company.id), ("partner_id", "in", list(partner_ids))])
        debtors._assign_segments()
        return debtors.sudo(False)

    def _make_missing(self, company, partner_ids):
        """Make the cards that these commercial partners don't have yet.

        Two plans at once may both miss a card: the second insert does nothing.
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO credit_debtor (
                            partner_id, company_id, tone, portal_secret, create_uid, create_date, write_uid, write_date)
                     SELECT partner_id, %(company)s, 'neutral', gen_random_uuid()::text, %(uid)s, %(now)s, %(uid)s,
                            %(now)s
                       FROM unnest(%(partners)s::int[]) owing(partner_id)
                      WHERE NOT EXISTS (
                            SELECT FROM credit_debtor
                             WHERE credit_debtor.partner_id = owing.partner_id AND company_id = %(company)s)
                      -- Sorted, so that who has none is known before the first is written: the database would go
                      -- through all that it has just written for each customer, once the table was seen to be empty.
                      ORDER BY partner_id
                ON CONFLICT (partner_id, company_id) DO NOTHING
                """,
                company=company.id,
                uid=self.env.uid,
                now=self.env.cr.now(),
                partners=list(partner_ids),
            )
        )

    @api.model
    def _make_for_open_items(self):
        """Give each customer who owes something their card, in every company: the first thing that people look for."""
        owing = [("partner_id", "!=", False)]
        items = self.env["credit.open.item"].sudo()
        for company, partners in items._read_group(owing, ["company_id"], ["partner_id:recordset"]):
            self._ensure(company, partners.ids)

    def _assign_segments(self):
        """Give each debtor the first segment of its company whose rule its customer meets."""
        for company_id, segment_of in self._query_segments().items():
            segments = self.env["credit.segment"].search([("company_id", "=", company_id)])
            remaining = {partner_id: debtor_id for debtor_id, (partner_id, _segment) in segment_of.items()}
            for segment in [*segments, self.env["credit.segment"]]:
                met = [remaining.pop(partner_id) for partner_id in self._meet(segment, remaining)]
                moved = [debtor_id for debtor_id in met if segment_of[debtor_id][1] != (segment.id or None)]
                self.browse(moved)._set_segment(segment)

    def _query_segments(self):
        """Return ``{company: {debtor: (customer, segment)}}``, those apart whose segment a person has fixed."""
        self.flush_model(["partner_id", "company_id", "segment_id", "segment_locked"])
        found = defaultdict(dict)
        for company_id, debtor_id, *known in self.env.execute_query(
            SQL(
                """
                SELECT company_id, id, partner_id, segment_id
                  FROM credit_debtor
                 WHERE id = ANY(%s) AND segment_locked IS NOT TRUE
                """,
                self.ids,
            )
        ):
            found[company_id][debtor_id] = known
        return found

    def _meet(self, segment, partner_ids):
        """Return those of the customers who meet the rule of ``segment``; without one, all."""
        rule = segment._get_domain() if segment else Domain.TRUE
        if rule.is_true() or not partner_ids:
            return list(partner_ids)
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return partners.search(Domain("id", "in", list(partner_ids)) & rule).ids

    def _set_segment(self, segment):
        self.with_context(tracking_disable=True).write({"segment_id": segment.id})
        if segment.portfolio_id:
            without = self.filtered(lambda debtor: not debtor.portfolio_id)
            without.with_context(tracking_disable=True).write({"portfolio_id": segment.portfolio_id.id})

    def _get_policies(self):
        """Return ``{debtor id: policy id or None}``: their own, their segment's, the company's."""
        self.flush_model(["company_id", "policy_id", "segment_id"])
        self.env["credit.segment"].flush_model(["policy_id"])
        self.env["res.company"].flush_model(["credit_dunning_policy_id"])
        query = SQL(
            """
            SELECT debtor.id, COALESCE(debtor.policy_id, segment.policy_id, company.credit_dunning_policy_id)
              FROM credit_debtor debtor
              JOIN res_company company ON company.id = debtor.company_id
         LEFT JOIN credit_segment segment ON segment.id = debtor.segment_id
             WHERE debtor.id = ANY(%s)
            """,
            self.ids,
        )
        return dict(self.env.execute_query(query))

    def action_dispute(self):
        """Open a new dispute of this customer; the items are chosen there."""
        self.ensure_one()
        return self.env["credit.dispute"]._prepare_form_action(self.partner_id, self.company_id)
