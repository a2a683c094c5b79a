from odoo import api, models


class CreditCachedSettings(models.AbstractModel):
    """Settings that are asked for at every check and change hardly ever.

    What their model caches by ``ormcache`` is forgotten, on every server, when one of them changes.
    """

    _name = "credit.cached.settings"
    _description = "Settings that are kept in memory"

    @api.model_create_multi
    def create(self, vals_list):
        """Forget what was known without them."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """Forget what was known of them."""
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        """Forget them."""
        self.env.registry.clear_cache()
        return super().unlink()
