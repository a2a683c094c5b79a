from doctest import DocTestSuite
from io import BytesIO

from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from odoo.tests import BaseCase, tagged

from ..report import payment_code

TRANSFER = "\n".join(
    ("BCD", "002", "1", "SCT", "", "Fournil de Démonstration SARL", "FR7630006000011234567890189", "EUR1234.56")
)


@tagged("post_install", "-at_install")
class TestPaymentCode(BaseCase):
    def test_same_code_as_another_library_draws(self):
        other = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=payment_code.MASK, border=payment_code.QUIET)
        other.add_data(TRANSFER.encode(), optimize=0)
        other.make()
        drawn = Image.open(BytesIO(payment_code.png(TRANSFER)))
        size = len(other.get_matrix())
        self.assertEqual(drawn.size, (size * payment_code.SCALE,) * 2)
        middles = [place * payment_code.SCALE + payment_code.SCALE // 2 for place in range(size)]
        dark = [[not drawn.getpixel((x, y)) for x in middles] for y in middles]
        self.assertEqual(dark, other.get_matrix())

    def test_examples(self):
        for example in DocTestSuite(payment_code):
            with self.subTest(example=example.id()):
                example.runTest()
