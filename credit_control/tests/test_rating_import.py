import base64
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_rating import RatingCommon

HEADER = "VAT;SIREN;Reference;Name;Rating;Date;Limit;Currency;Valid until\n"


@tagged("post_install", "-at_install")
class TestRatingImport(RatingCommon):
    """A file of an agency becomes ratings, all of them or none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The numbers aren't validated here: what matters is how they are compared.
        cls.customer.write({"vat": False, "company_registry": "404 833 048 00022", "ref": "C1"})
        cls.north = cls._new_customer("Atelier  Nord", ref="C2")
        cls.env.cr.execute("UPDATE res_partner SET vat = 'FR 40303265045' WHERE id = %s", [cls.north.id])
        cls.north.invalidate_recordset(["vat"])

    def _wizard(self, *rows, header=HEADER, user=None, content=None, **values):
        content = content or (header + "".join(f"{row}\n" for row in rows)).encode()
        Import = self.env["credit.rating.import"].with_user(user or self.collector).with_company(self.company)
        file = base64.b64encode(content)
        return Import.create({"agency_id": self.agency.id, "company_id": self.company.id, "file": file, **values})

    def _refused(self, *rows, **values):
        """Return what the preview and the refused import say."""
        wizard = self._wizard(*rows, **values)
        wizard.action_check()
        self.assertTrue(wizard.problem_count)
        with self.assertRaisesRegex(UserError, "Nothing was imported") as caught:
            wizard.action_import()
        self.assertFalse(self.ratings.search([]))
        return str(caught.exception)

    def test_by_vat_siren_reference_and_name(self):
        rows = (
            "FR40303265045;;;;AAA;31/01/2026;12 500,00;;31/12/2026",
            ";404833048;;;B;31/01/2026;;;",
            ";40483304800022;;;B;28/02/2026;;;",
            ";;C1;;C;15/03/2026;;;",
            ";;;atelier nord;C;15/03/2026;;;",
        )
        wizard = self._wizard(*rows)
        wizard.action_check()
        self.assertFalse(wizard.problem_count, wizard.preview)
        self.assertIn("Atelier", wizard.preview)
        wizard.action_import()
        found = wizard.rating_ids.sorted("id")
        self.assertEqual(
            [(rating.partner_id, rating.value, rating.date) for rating in found],
            [
                (self.north, "AAA", date(2026, 1, 31)),
                (self.customer, "B", date(2026, 1, 31)),
                (self.customer, "B", date(2026, 2, 28)),
                (self.customer, "C", date(2026, 3, 15)),
                (self.north, "C", date(2026, 3, 15)),
            ],
        )
        self.assertEqual((found[0].recommended_limit, found[0].date_until), (12500.0, date(2026, 12, 31)))
        self.assertEqual(set(found.mapped("source")), {"file"})
        with self.assertRaisesRegex(UserError, "already"):
            wizard.action_import()

    def test_the_same_file_twice(self):
        for value in ("B", "C"):
            wizard = self._wizard(f";;C1;;{value};31/01/2026;;;")
            wizard.action_import()
        self.assertEqual(self.ratings.search([]).mapped("value"), ["C"])

    def test_problems_by_line_and_column(self):
        said = self._refused(
            ";;C1;;D;31/01/2026;;;",
            ";;C9;;B;31/01/2026;;;",
            ";;C1;;B;28/02/2026;;XXX;",
            ";;C1;Atelier Nord;B;30/04/2026;;;",
            "FR40303265045;;C1;;B;30/04/2026;;;",
        )
        self.assertIn("Line 2, column “Rating”: “D” isn't a rating of this agency.", said)
        self.assertIn("Line 3, column “Reference”: No customer is known as “C9”.", said)
        self.assertIn("Line 4, column “Currency”: The currency “XXX” isn't active.", said)
        self.assertIn("Line 6, column “VAT”: The numbers and references of this row belong to different", said)
        # A number goes before a name.
        self.assertNotIn("Line 5", said)

    def test_one_bad_line_holds_all_back(self):
        self._refused(";;C1;;B;31/01/2026;;;", ";;C2;;B;31/02/2026;;;")

    def test_several_of_one_name(self):
        self._new_customer("Atelier Nord")
        self.assertIn("Several customers", self._refused(";;;Atelier Nord;B;31/01/2026;;;"))

    def test_one_customer_named_in_two_ways(self):
        said = self._refused(";;C1;;B;31/01/2026;;;", ";404833048;;;C;31/01/2026;;;")
        self.assertIn("on line 2 already", said)

    def test_unknown_ones_can_be_left_out(self):
        wizard = self._wizard(";;C1;;B;31/01/2026;;;", ";;C9;;B;31/01/2026;;;", skip_unknown=True)
        wizard.action_check()
        self.assertEqual((wizard.row_count, wizard.skipped_count, wizard.problem_count), (1, 1, 0))
        wizard.action_import()
        self.assertEqual(self.ratings.search([]).partner_id, self.customer)

    def test_wrong_columns(self):
        self.assertIn("day of the rating", self._refused("x;y", header="Name;Rating\n"))
        self.assertIn("customer", self._refused("x;y", header="Rating;Date\n"))
        self.assertIn("CSV", self._refused(content=b"PK\x03\x04 a spreadsheet"))

    def test_hostile_cells(self):
        """HTML is shown as text, a formula is a value like another, and no rule of the partner is stepped over."""
        script = "<script>alert(1)</script>"
        wizard = self._wizard(f";;C1;{script};B;31/01/2026;;;", f";;;{script};=1+1;31/01/2026;;;")
        wizard.action_check()
        self.assertNotIn("<script>", wizard.preview)
        self.assertIn("&lt;script&gt;", wizard.preview)
        self._refused(f";;{'x' * 600};;B;31/01/2026;;;")

    def test_customers_of_another_company_are_not_known(self):
        other = self.setup_other_company()["company"]
        self._new_customer("Atelier Sud", ref="S1", company_id=other.id)
        self.assertIn("S1", self._refused(";;S1;;B;31/01/2026;;;"))

    def test_readers_import_nothing(self):
        with self.assertRaises(AccessError):
            self._wizard(user=self.reader)

    def test_thousands_of_rows_in_few_queries(self):
        partners = self.env["res.partner"].create([{"name": f"A {place}", "ref": f"R{place}"} for place in range(200)])
        self.env.flush_all()
        wizard = self._wizard(*(f";;{partner.ref};;B;31/01/2026;;;" for partner in partners))
        before = self.cr.sql_log_count
        wizard.action_check()
        self.assertLess(self.cr.sql_log_count - before, 40)
        wizard.action_import()
        self.assertEqual(len(wizard.rating_ids), 200)
