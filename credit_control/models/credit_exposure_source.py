from odoo import fields, models


class CreditExposureSource(models.Model):
    """A kind of exposure that counts: what is overdue, drafts, orders… Switched off, it counts for nothing."""

    _name = "credit.exposure.source"
    _description = "Source of exposure"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, help="Counts in the exposure of every company.")
    code = fields.Char(required=True, help="What programs and reports call it.")
    handler = fields.Char(required=True, help="Technical name of the model that reads it.")
    tone = fields.Selection(
        [
            ("grey", "Grey"),
            ("amber", "Amber"),
            ("orange", "Orange"),
            ("red", "Red"),
            ("blue", "Blue"),
            ("green", "Green"),
        ],
        default="blue",
        required=True,
        help="Its colour in the gauge; its name always stands beside it.",
    )
    note = fields.Text(translate=True, help="What it counts, for who sets it up.")

    _code_unique = models.Constraint("UNIQUE (code)", "Each source of exposure has a code of its own.")

    def _get_handler(self):
        """Return the AbstractModel that reads this source."""
        self.ensure_one()
        return self.env[self.handler]

    def _get_readable(self):
        """Return those whose handler is installed: the others' addon is gone, or not loaded yet."""
        return self.filtered(lambda source: source.handler in self.env)
