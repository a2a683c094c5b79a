from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import insurance
from .company_day import company_today

ACTIVITY_DECLARE = "credit_control.mail_activity_type_declare_overdue"


class CreditInsuranceDeclaration(models.Model):
    """An overdue item that has to be declared to the insurer, so that it stays insured.

    Written by the daily work, once for each item; it ends when the item is settled, or when
    somebody declared it. The customer's card has one activity for each day on which something is due.
    """

    _name = "credit.insurance.declaration"
    _description = "Overdue item to declare to the insurer"
    _order = "deadline, id"
    _check_company_auto = True

    move_line_id = fields.Many2one(
        "account.move.line", string="Item", required=True, readonly=True, ondelete="cascade", check_company=True
    )
    document = fields.Char(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one(
        "credit.insurance.policy", required=True, readonly=True, ondelete="cascade", check_company=True
    )
    guarantee_id = fields.Many2one(
        "credit.insurance.guarantee",
        readonly=True,
        ondelete="set null",
        check_company=True,
        help="Empty: insured within the discretionary limit.",
    )
    date_due = fields.Date(string="Due date", required=True, readonly=True)
    deadline = fields.Date(string="Declare by", required=True, readonly=True, index=True)
    amount = fields.Monetary(string="Open", compute="_compute_amount", help="What is open of it today.")
    state = fields.Selection(
        [("pending", "To declare"), ("declared", "Declared"), ("settled", "Settled")],
        required=True,
        default="pending",
        readonly=True,
        index=True,
    )
    declared_on = fields.Date(string="Declared on", readonly=True)
    declared_by_id = fields.Many2one("res.users", string="Declared by", readonly=True)
    reference = fields.Char(string="Claim number", help="The insurer's number of the claim.")
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")
    announced = fields.Boolean(readonly=True, help="An activity was planned for it; it isn't planned twice.")

    _item_unique = models.Constraint("UNIQUE (move_line_id)", "Each item is declared once.")

    @api.depends("partner_id", "document")
    def _compute_display_name(self):
        for declaration in self:
            declaration.display_name = f"{declaration.partner_id.display_name} – {declaration.document}"

    @api.depends("move_line_id")
    def _compute_amount(self):
        open_items = self.env["credit.open.item"].sudo().search([("id", "in", self.move_line_id.ids)])
        residuals = {item.id: item.amount_residual for item in open_items}
        for declaration in self:
            declaration.amount = residuals.get(declaration.move_line_id.id, 0.0)

    # -- buttons -------------------------------------------------------------------------

    def action_declare(self):
        """Write down that these items were declared to the insurer today."""
        self.check_access("write")
        for declaration in self:
            if declaration.state != "pending":
                raise UserError(self.env._("%s: it was declared or settled already.", declaration.display_name))
        today = company_today(self)
        self.write({"state": "declared", "declared_on": today, "declared_by_id": self.env.uid})
        self._get_finished_activities().action_feedback()
        return True

    def action_open_document(self):
        """Open the invoice."""
        self.ensure_one()
        return self.move_line_id.move_id._get_records_action()

    # -- the daily work ------------------------------------------------------------------

    @api.model
    def _update(self, company, today):
        """Bring the list of one company up to date: end what is settled, add what is to be declared.

        The number of queries doesn't depend on the number of items.
        """
        self._settle(company)
        policies = self.env["credit.insurance.policy"].search(self._in_company(company))
        terms = policies._get_terms()
        items = self._get_overdue(company, terms, today)
        facts = self.env["credit.insurance.guarantee"]
        covers = facts._get_covers_on(company, {(item.partner, item.day) for item in items}, today)
        self._add(company, insurance.to_declare(items, covers, terms, today))
        self._plan_activities(company)

    @api.model
    def _in_company(self, company):
        return [("company_id", "=", company.id), ("state", "!=", "draft")]

    @api.model
    def _settle(self, company):
        """End what isn't open any more, and its activities."""
        pending = self.search([("company_id", "=", company.id), ("state", "=", "pending")])
        still_open = self.env["credit.open.item"].search([("id", "in", pending.move_line_id.ids)])
        open_ids = set(still_open.filtered(lambda item: item.amount_residual > 0).ids)
        settled = pending.filtered(lambda declaration: declaration.move_line_id.id not in open_ids)
        settled.write({"state": "settled"})
        settled._get_finished_activities().unlink()

    def _get_finished_activities(self):
        """Return the activities of these in which nothing is pending any more."""
        activities = self.sudo().activity_id
        pending = self.sudo().search([("activity_id", "in", activities.ids), ("state", "=", "pending")])
        return activities - pending.activity_id

    @api.model
    def _get_overdue(self, company, terms, today):
        """Return the trade items that are overdue for long enough for one of the policies."""
        if not terms:
            return []
        rows = (
            self.env["credit.open.item"]
            .with_context(as_of=today)
            .search_fetch(
                [
                    ("company_id", "=", company.id),
                    ("amount_residual", ">", 0),
                    ("days_overdue", ">=", min(one.listed_after for one in terms.values())),
                    ("non_trade", "=", False),
                ],
                ["partner_id", "date", "date_maturity"],
            )
        )
        return [
            insurance.Item(row.id, row.partner_id.id, row.date, row.date_maturity) for row in rows if row.partner_id
        ]

    @api.model
    def _add(self, company, found):
        """List what wasn't listed yet; what was settled and is open again is pending again."""
        listed = {one.move_line_id.id: one for one in self.search([("company_id", "=", company.id)])}
        settled = [one.item for one in found if one.item in listed and listed[one.item].state == "settled"]
        self.browse(listed[item].id for item in settled).write({"state": "pending", "announced": False})
        new = [one for one in found if one.item not in listed]
        documents = self._get_documents([one.item for one in new])
        self.create([{"company_id": company.id, **self._prepare_vals(one), **documents[one.item]} for one in new])

    @api.model
    def _prepare_vals(self, declaration):
        return {
            "move_line_id": declaration.item,
            "partner_id": declaration.partner,
            "policy_id": declaration.policy,
            "guarantee_id": declaration.guarantee,
            "deadline": declaration.deadline,
        }

    @api.model
    def _get_documents(self, line_ids):
        """Return ``{item id: its document and due date}``; what has no due date was due on its own."""
        lines = self.env["account.move.line"].browse(line_ids)
        return {
            line.id: {
                "document": line.move_id.name or line.name or str(line.id),
                "date_due": line.date_maturity or line.date,
            }
            for line in lines
        }

    # -- activities ----------------------------------------------------------------------

    @api.model
    def _plan_activities(self, company):
        """Give each customer's card one activity for each day on which something new is to be declared."""
        new = self.search(
            [("company_id", "=", company.id), ("state", "=", "pending"), ("announced", "=", False)], order="id"
        )
        assignee_of = {policy: policy._get_assignee() for policy in new.policy_id}
        new = new.filtered(lambda declaration: assignee_of[declaration.policy_id])
        debtors = self.env["credit.debtor"]._ensure(company, new.partner_id.ids)
        card_of = {debtor.partner_id: debtor.id for debtor in debtors}
        groups = new.grouped(lambda one: (one.partner_id, one.policy_id, one.deadline))
        activities = self.env["mail.activity"].create(
            [
                some._prepare_activity_vals(card_of[partner], assignee_of[policy], deadline)
                for (partner, policy, deadline), some in groups.items()
            ]
        )
        self._link(zip(groups.values(), activities, strict=True))

    def _prepare_activity_vals(self, debtor_id, user, deadline):
        documents = ", ".join(self.mapped("document"))
        return {
            "activity_type_id": self.env.ref(ACTIVITY_DECLARE).id,
            "res_model_id": self.env["ir.model"]._get_id("credit.debtor"),
            "res_id": debtor_id,
            "user_id": user.id,
            "date_deadline": deadline,
            "automated": True,
            "summary": self.env._("Declare to the insurer: %s", documents)[:250],
        }

    @api.model
    def _link(self, pairs):
        """Keep which activity stands for which items, in one statement."""
        links = [(declaration.id, activity.id) for some, activity in pairs for declaration in some]
        if not links:
            return
        ids, activity_ids = zip(*links, strict=True)
        self.env.execute_query(
            SQL(
                """
                UPDATE credit_insurance_declaration declaration
                   SET activity_id = link.activity_id, announced = TRUE
                  FROM unnest(%s::int[], %s::int[]) link(id, activity_id)
                 WHERE declaration.id = link.id
                RETURNING declaration.id
                """,
                list(ids),
                list(activity_ids),
            )
        )
        self.browse(ids).invalidate_recordset(["activity_id", "announced"], flush=False)
