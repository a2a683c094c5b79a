from odoo import Command, api, fields, models
from odoo.fields import Domain

from ..models.company_day import company_today

# From this share of the overdue on (per cent), the causes of delay count as known.
QUALIFIED_SHARE = 80.0


class CreditSetup(models.TransientModel):
    """What stands between an installation and the first good reminder, each with a button that mends it."""

    _name = "credit.setup"
    _description = "Set-up checklist"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    item_ids = fields.One2many("credit.setup.item", "setup_id", compute="_compute_item_ids", store=True, readonly=True)
    open_count = fields.Integer(string="Number of points", compute="_compute_open_count")

    @api.depends("company_id")
    def _compute_display_name(self):
        self.display_name = self.env._("Set-up checklist")

    @api.depends("item_ids.state")
    def _compute_open_count(self):
        for setup in self:
            setup.open_count = len(setup.item_ids.filtered(lambda item: item.state != "done"))

    @api.depends("company_id")
    def _compute_item_ids(self):
        for setup in self:
            checks = [getattr(setup, name)() for name in setup._get_checks()] if setup.company_id else ()
            setup.item_ids = [Command.clear(), *(Command.create(check) for check in checks)]

    @api.model
    def _get_checks(self):
        """Return the names of the methods that each look at one thing; an addon adds its own."""
        return [
            "_check_company_data",
            "_check_policies",
            "_check_segments",
            "_check_mail_out",
            "_check_mail_in",
            "_check_bank",
            "_check_holidays",
            "_check_no_followup",
            "_check_entries",
            "_check_unreachable",
            "_check_causes",
            "_check_test_mode",
        ]

    @api.model
    def action_open(self):
        """Open a fresh checklist of the current company."""
        setup = self.create({})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set-up checklist"),
            "res_model": self._name,
            "res_id": setup.id,
            "view_mode": "form",
            "views": [(self.env.ref("credit_control.credit_setup_view_form").id, "form")],
        }

    def action_refresh(self):
        """Look again."""
        self.check_access("read")
        return self.action_open()

    # What is looked at. Each returns the values of one item.

    def _check_company_data(self):
        company = self.company_id
        missing = [
            label
            for value, label in (
                (company.street and company.city, self.env._("address")),
                (company.phone, self.env._("phone")),
                (company.email, self.env._("e-mail")),
                (company.partner_id.bank_ids, self.env._("bank account")),
                (company.company_registry or company.vat, self.env._("registration or VAT number")),
            )
            if not value
        ]
        return {
            "code": "company_data",
            "name": self.env._("Your company on letters and e-mails"),
            "state": "todo" if missing else "done",
            "explanation": self.env._("Missing: %s.", ", ".join(missing))
            if missing
            else self.env._("Address, phone, e-mail, bank account and registration are known."),
            "button": self.env._("Complete"),
        }

    def _check_policies(self):
        policies = self.env["credit.dunning.policy"].search([("company_id", "=", self.company_id.id)])
        empty = policies.filtered(lambda policy: not policy.step_ids)
        explanation = self.env._("Ready: %s.", _names(policies))
        if not policies:
            explanation = self.env._("No policy yet: nobody would be reminded.")
        elif empty:
            explanation = self.env._("Without any step: %s.", _names(empty))
        return {
            "code": "policies",
            "name": self.env._("Dunning policies"),
            "state": "done" if policies and not empty else "todo",
            "explanation": explanation,
            "button": self.env._("Policies"),
            "fix": self.env._("Load the shipped ones") if not policies else False,
        }

    def _check_segments(self):
        segments = self.env["credit.segment"].search([("company_id", "=", self.company_id.id)])
        without = segments.filtered(lambda segment: not segment.policy_id)
        default = self.company_id.credit_dunning_policy_id
        explanation = self.env._("Ready: %s.", _names(segments))
        if not segments and default:
            explanation = self.env._("No segment: everybody follows “%s”.", default.name)
        elif not segments or (without and not default):
            explanation = self.env._("Some customers would have no policy: add segments or a policy of the company.")
        return {
            "code": "segments",
            "name": self.env._("Segments of customers"),
            "state": "done" if default or (segments and not without) else "todo",
            "explanation": explanation,
            "button": self.env._("Segments"),
        }

    def _check_mail_out(self):
        servers = self.env["ir.mail_server"].sudo().search([("active", "=", True)])
        return {
            "code": "mail_out",
            "name": self.env._("Outgoing mail"),
            "state": "done" if servers else "todo",
            "explanation": self.env._("E-mails leave through %s.", _names(servers))
            if servers
            else self.env._("No outgoing mail server: e-mails would fail."),
            "button": self.env._("Mail servers"),
        }

    def _check_mail_in(self):
        domain = self.company_id.alias_domain_id
        fetched = self.env["fetchmail.server"].sudo().search_count([("state", "=", "done")])
        explanation = self.env._("Bounces and answers come back through %s.", domain.name)
        if not domain:
            explanation = self.env._("No alias domain: bounces and answers of customers stay unseen.")
        elif not fetched:
            explanation = self.env._(
                "The domain %s is set, but no incoming server is confirmed: make sure that your mail gateway "
                "hands messages over, else bounces and answers stay unseen.",
                domain.name,
            )
        return {
            "code": "mail_in",
            "name": self.env._("Incoming mail: bounces and answers"),
            "state": "done" if domain and fetched else "check" if domain else "todo",
            "explanation": explanation,
            "button": self.env._("Incoming servers"),
        }

    def _check_bank(self):
        stale = self.env["credit.ledger.guard"]._get_stale_journals(self.company_id)
        days = self.company_id.credit_bank_fresh_days
        return {
            "code": "bank",
            "name": self.env._("Freshness of the bank"),
            "state": "check" if stale else "done",
            "explanation": self.env._(
                "Nothing was booked for more than %(days)s days in: %(names)s. Paid invoices would be reminded.",
                days=days,
                names=_names(stale),
            )
            if stale
            else self.env._("Every bank journal was fed in the last %s days.", days),
            "button": self.env._("Journals"),
        }

    def _check_holidays(self):
        today = company_today(self)
        known = self.env["credit.dunning.hours"]._get_holidays(self.company_id, today.year)
        return {
            "code": "holidays",
            "name": self.env._("Public holidays"),
            "state": "done" if known else "check",
            "explanation": self.env._("No message leaves on a public holiday, unless its policy says so.")
            if known
            else self.env._(
                "None is known: messages would leave on them, and time limits count them as working days. Give the "
                "company its country and install the Python package “holidays”, or enter them as closing days in the "
                "company's working hours."
            ),
        }

    def _check_no_followup(self):
        hidden = self._get_hidden_items()
        amount = sum(hidden.mapped("amount_residual"))
        return {
            "code": "no_followup",
            "name": self.env._("Items hidden from follow-up"),
            "state": "check" if hidden else "done",
            "count": len(hidden),
            "explanation": self.env._(
                "Open items that carry “No follow-up”: %(count)s (%(amount)s). Entries of general journals do by "
                "default, and are never reminded. Look at them, then take the mark off those that you want to collect.",
                count=len(hidden),
                amount=self.company_id.currency_id.format(amount),
            )
            if hidden
            else self.env._("No open item is excluded from follow-up."),
            "button": self.env._("Look at them") if hidden else False,
            "fix": self.env._("Include them all") if hidden else False,
        }

    def _get_hidden_items(self):
        return self.env["credit.open.item"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("no_followup", "=", True),
                ("non_trade", "=", False),
                ("amount_residual", ">", 0),
            ]
        )

    def _check_entries(self):
        proposal = self.env["credit.dunning.entry.proposal"].new({"company_id": self.company_id.id})
        count = len(proposal._prepare_lines())
        return {
            "code": "entries",
            "name": self.env._("Entry steps of old items"),
            "state": "check" if count else "done",
            "count": count,
            "explanation": self.env._(
                "%s items are so old that a friendly first reminder would be odd: look at the step proposed for each.",
                count,
            )
            if count
            else self.env._("No old item waits for an entry step."),
            "button": self.env._("Propose") if count else False,
        }

    def _check_unreachable(self):
        decisions = self.env["credit.dunning.decision"].search(self._get_unreachable_domain())
        return {
            "code": "unreachable",
            "name": self.env._("Customers that can't be reached"),
            "state": "check" if decisions else "done",
            "count": len(decisions.partner_id),
            "explanation": self.env._(
                "%s customers have no address that works for their next step.", len(decisions.partner_id)
            )
            if decisions
            else self.env._("Every customer that was to be reminded has an address."),
            "button": self.env._("Look at them") if decisions else False,
        }

    def _get_unreachable_domain(self):
        unreachable = Domain("reason", "in", ("no_contact", "blacklisted"))
        return list(unreachable & Domain("date_to", "=", False) & Domain("company_id", "=", self.company_id.id))

    def _check_causes(self):
        known = self.env["credit.open.item"]._get_qualified_share(self.company_id.ids)
        amount, overdue = (self.company_id.currency_id.format(known[name]) for name in ("qualified", "overdue"))
        return {
            "code": "causes",
            "name": self.env._("Causes of delay"),
            "state": "done" if known["share"] >= QUALIFIED_SHARE else "check",
            "explanation": self.env._(
                "The cause is known for %(share)s %% of the overdue: %(amount)s of %(overdue)s.",
                share=f"{known['share']:.0f}",
                amount=amount,
                overdue=overdue,
            )
            if known["overdue"]
            else self.env._("Nothing is overdue."),
            "button": self.env._("Say why they are late") if known["qualified"] < known["overdue"] else False,
        }

    def _check_test_mode(self):
        on = self.company_id.credit_test_mode
        return {
            "code": "test_mode",
            "name": self.env._("Test mode"),
            "state": "check" if on else "done",
            "explanation": self.env._("On: notices are planned and shown, but none leaves.")
            if on
            else self.env._("Off: approved notices leave."),
            "button": self.env._("Switch off") if on else self.env._("Switch on"),
        }


def _names(records, limit=4):
    names = ", ".join(records[:limit].mapped("display_name"))
    return f"{names}…" if len(records) > limit else names
