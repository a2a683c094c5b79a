from odoo import models


class ResLang(models.Model):
    _inherit = "res.lang"

    def _activate_lang(self, code):
        """Name the shipped policies in a language that is installed later, too."""
        lang = super()._activate_lang(code)
        self.env["res.company"].sudo().search([("active", "=", True)])._credit_translate_policies()
        return lang

    def action_unarchive(self):
        result = super().action_unarchive()
        self.env["res.company"].sudo().search([("active", "=", True)])._credit_translate_policies()
        return result
