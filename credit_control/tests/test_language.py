from odoo.tests import TransactionCase, tagged

from ..models.language import format_figure


@tagged("post_install", "-at_install")
class TestFigure(TransactionCase):
    """Figures within a text are written as the reader's language writes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lang = cls.env["res.lang"]._activate_lang("fr_FR")
        lang.write({"decimal_point": ",", "thousands_sep": "\u202f", "grouping": "[3,0]"})
        cls.french = cls.env(context={"lang": "fr_FR"})

    def test_decimals_are_those_of_the_figure(self):
        for value, text in ((9.2, "9,2"), (5.0, "5"), (0, "0"), (-0.25, "-0,25"), (2.00004, "2")):
            self.assertEqual(format_figure(self.french, value), text)

    def test_thousands_are_grouped_and_no_figure_has_an_exponent(self):
        self.assertEqual(format_figure(self.french, 1234567.5), "1\u202f234\u202f567,5")

    def test_rates_of_a_french_reader_have_a_comma(self):
        rate = self.env["credit.interest.rate"].create(
            {
                "reference_id": self.env["credit.interest.reference"].create({"name": "Test", "code": "test"}).id,
                "date_from": "2025-01-01",
                "rate": 3.15,
            }
        )
        self.assertIn("3.15", rate.with_context(lang="en_US").display_name)
        self.assertIn("3,15", rate.with_env(self.french).display_name)
