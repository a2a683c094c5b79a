from odoo import fields, models
from odoo.exceptions import UserError


class CreditSetupItem(models.TransientModel):
    """One point of the set-up checklist: its state, why it matters, and what mends it."""

    _name = "credit.setup.item"
    _description = "Point of the set-up checklist"

    setup_id = fields.Many2one("credit.setup", required=True, ondelete="cascade")
    code = fields.Char(required=True)
    name = fields.Char(required=True)
    state = fields.Selection([("done", "Done"), ("check", "To look at"), ("todo", "To do")], required=True)
    explanation = fields.Char()
    count = fields.Integer()
    button = fields.Char(help="Words of the button that opens what mends it.")
    fix = fields.Char(help="Words of the button that mends it at once.")

    def action_open(self):
        """Open what mends this point: the method named for its code."""
        return self._get_work("open")()

    def action_fix(self):
        """Mend this point at once, then look again."""
        self._get_work("fix")()
        return self.setup_id.action_refresh()

    def _get_work(self, kind):
        self.ensure_one()
        work = getattr(self, f"_{kind}_{self.code}", None)
        if not work:
            raise UserError(self.env._("Nothing can be done about “%s” from here.", self.name))
        return work

    @property
    def _company(self):
        return self.setup_id.company_id

    def _open_company_data(self):
        return self._company._get_records_action(name=self.name)

    def _open_policies(self):
        return self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_policy_action")

    def _open_segments(self):
        return self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_segment_action")

    def _open_mail_out(self):
        return self.env["ir.actions.actions"]._for_xml_id("base.action_ir_mail_server_list")

    def _open_mail_in(self):
        return self.env["ir.actions.actions"]._for_xml_id("mail.action_email_server_tree")

    def _open_bank(self):
        return self._open_list("account.journal", [("type", "=", "bank"), ("company_id", "=", self._company.id)])

    def _open_no_followup(self):
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        action["domain"] = [("id", "in", self.setup_id._get_hidden_items().ids)]
        return action

    def _fix_no_followup(self):
        """Take “No follow-up” off the hidden items: a person asked for it, we never write it otherwise."""
        lines = self.setup_id._get_hidden_items().move_line_id
        lines.with_context(skip_invoice_sync=True).write({"no_followup": False})

    def _fix_policies(self):
        """Give the company the shipped policies and segments; what is there already stays."""
        self._company.action_credit_load_policies()

    def _open_entries(self):
        proposal = self.env["credit.dunning.entry.proposal"].create({"company_id": self._company.id})
        return proposal._get_records_action(name=self.name, target="new")

    def _open_causes(self):
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        action["domain"] = [("company_id", "=", self._company.id)]
        action["context"] = {"search_default_no_cause": 1}
        return action

    def _open_unreachable(self):
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_dunning_decision_action")
        action["domain"] = self.setup_id._get_unreachable_domain()
        action["context"] = {"search_default_group_partner": 1}
        return action

    def _open_test_mode(self):
        self._company.sudo().credit_test_mode = not self._company.credit_test_mode
        return self.setup_id.action_refresh()

    def _open_list(self, model, domain):
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
        }
