from odoo import fields, models


class CreditChannel(models.Model):
    """A way to reach a debtor: e-mail, letter, registered letter, phone…"""

    _name = "credit.channel"
    _description = "Dunning channel"
    _inherit = ["credit.plug"]
    _order = "sequence, id"
    _plug_method = "_reach"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    code = fields.Char(required=True)
    handler = fields.Char(required=True, help="Technical name of the model that serves this channel.")
    icon = fields.Char(help="Font Awesome class, e.g. fa-envelope-o.")
    fallback_id = fields.Many2one("credit.channel", help="Tried where this channel can't reach a customer.")
    is_manual = fields.Boolean(
        string="By a person", help="A person carries it out (a call, a decision); the sender leaves it alone."
    )
    is_printed = fields.Boolean(
        string="Printed",
        help="A person prints and posts it: it leaves when it is printed, and the sender that works by itself "
        "leaves it alone.",
    )
    is_registered = fields.Boolean(
        string="Registered letter",
        help="Its letters bear the words of a registered letter and their number; deposit, presentation and "
        "receipt are written down, with their proofs.",
    )
    is_replaceable = fields.Boolean(
        string="Replaceable",
        default=True,
        help="The channel that a customer prefers takes its place. A registered letter, for one, isn't replaced.",
    )

    _code_unique = models.Constraint("UNIQUE (code)", "Each channel has a code of its own.")
