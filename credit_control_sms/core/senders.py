"""In whose name an SMS arrives: a name where the country lets one, else a number."""

import re
from collections.abc import Mapping

NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}")
NUMBER = re.compile(r"\+?[0-9]{3,15}")
# Countries where names have to be registered before they are shown: without an entry of their own, the number is used.
REGISTERED = frozenset({"ES", "IE", "US", "CA"})


def is_name(text: str) -> bool:
    """Whether ``text`` may be a sender name: 3 to 11 letters, digits and spaces, one letter at least.

    >>> is_name("Exemple SA"), is_name("AB"), is_name("Bakery-Shop"), is_name("123456"), is_name("TwelveChars1")
    (True, False, False, False, False)
    """
    return bool(NAME.fullmatch(text))


def is_number(text: str) -> bool:
    """Whether ``text`` may be a sender's number: a short one, or one as it is dialled from anywhere.

    >>> is_number("36111"), is_number("+33700000000"), is_number("07 00 00 00 00"), is_number("Exemple")
    (True, True, False, False)
    """
    return bool(NUMBER.fullmatch(text))


def choose(region: str, by_region: Mapping[str, str], name: str, number: str) -> str:
    """Return the sender for a recipient in ``region``; empty lets the gateway choose.

    :param by_region: names registered for a country; an empty one asks for the number there

    >>> choose("FR", {}, "Exemple", "+33700000000"), choose("ES", {}, "Exemple", "+33700000000")
    ('Exemple', '+33700000000')
    >>> choose("ES", {"ES": "ExempleES"}, "Exemple", ""), choose("DE", {"DE": ""}, "Exemple", "36111")
    ('ExempleES', '36111')
    """
    if region in by_region:
        return by_region[region] or number
    return number if region in REGISTERED or not name else name
