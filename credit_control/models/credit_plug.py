from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditPlug(models.AbstractModel):
    """A record that names the model which does its work: one of a family that other addons may extend."""

    _name = "credit.plug"
    _description = "Served by a model"
    # What each model of the family has; a model without it is none of them.
    _plug_method = ""

    name = fields.Char(required=True)
    handler = fields.Char()

    @api.constrains("handler")
    def _check_handler(self):
        for plug in self.filtered("handler"):
            if not hasattr(self.env.get(plug.handler), self._plug_method):
                raise ValidationError(plug._get_missing_words())

    def _get_handler(self):
        """Return the model that serves this record.

        :raise ValidationError: where it is gone, with its addon
        """
        self.ensure_one()
        handler = self.env.get(self.handler or "")
        if handler is None:
            raise ValidationError(self._get_missing_words())
        return handler

    def _get_missing_words(self):
        return self.env._(
            "“%(name)s”: no model named %(handler)s does this. Look for a misspelling, or for an addon that isn't "
            "installed.",
            name=self.name,
            handler=self.handler or "",
        )
