from odoo import fields
from odoo.tools import sql


class DerivedMany2one(fields.Many2one):
    """A key that another key of the same row implies: the database doesn't check it a second time.

    For rows that are written by the ten thousand, of which checking the keys takes half. The
    record that the row's other key refers to has the same value in a checked column, and can't
    be deleted while the row is there; so this one can't point to nothing either.
    """

    def update_db_foreign_key(self, model, column):
        """Drop the foreign key that an earlier version made."""
        table = model.env[self.comodel_name]._table
        for name in sql.get_foreign_keys(model.env.cr, model._table, self.name, table, "id", self.ondelete):
            sql.drop_constraint(model.env.cr, model._table, name)
