from io import BytesIO

from odoo.addons.credit_control.core import payment_code
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

TRANSFER = "BCD\n002\n1\nSCT\n\nFournil de Démonstration SARL\nFR7630006000011234567890189\nEUR1234.56\n\n\nFAC/2026/00464"


def test_same_code_as_another_library_draws():
    other = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=payment_code.MASK, border=payment_code.QUIET)
    other.add_data(TRANSFER.encode(), optimize=0)
    other.make()
    drawn = Image.open(BytesIO(payment_code.png(TRANSFER)))
    size = len(other.get_matrix())
    assert drawn.size == (size * payment_code.SCALE,) * 2
    middle = payment_code.SCALE // 2
    dark = [
        [not drawn.getpixel((x * payment_code.SCALE + middle, y * payment_code.SCALE + middle)) for x in range(size)]
        for y in range(size)
    ]
    assert dark == other.get_matrix()


def test_stands_in_a_page():
    assert payment_code.data_uri("BCD").startswith("data:image/png;base64,iVBOR")
