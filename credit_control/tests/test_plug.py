from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CreditControlCommon

FAMILIES = (
    ("credit.channel", {"code": "pigeon"}),
    ("credit.exposure.source", {"code": "pigeon"}),
    ("credit.score.factor", {"code": "Z", "weight": 1.0}),
    ("credit.signal.rule", {}),
    ("credit.rating.provider", {"url": "https://ratings.example.com/{siren}"}),
)


@tagged("post_install", "-at_install")
class TestPlug(CreditControlCommon):
    """Records that name the model which serves them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.needed = {
            "credit.score.factor": {"scheme_id": cls.env["credit.score.scheme"].search([], limit=1).id},
            "credit.rating.provider": {"agency_id": cls.env["credit.rating.agency"].create({"name": "Agency"}).id},
        }

    def test_a_model_of_another_kind_serves_nobody(self):
        for name, values in FAMILIES:
            for handler in ("credit.nothing", "res.partner"):
                vals = {"name": "Pigeon", "handler": handler, **values, **self.needed.get(name, {})}
                refused = self.assertRaisesRegex(ValidationError, f"Pigeon.*{handler}")
                with self.subTest(name, handler=handler), refused, self.env.cr.savepoint():
                    self.env[name].create(vals)

    def test_one_whose_addon_is_gone_says_so(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_channel SET handler = 'credit.gone' WHERE id = %s", [self.email.id])
        self.email.invalidate_recordset()
        with self.assertRaisesRegex(ValidationError, "credit.gone"):
            self.email._get_handler()
