"""What the numbering plans of the world say about a number (the library ``phonenumbers``)."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, timezone

from .core.numbers import FIXED, INVALID, MOBILE, Number

MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


# The same numbers are looked at for each batch of a queue.
@lru_cache(maxsize=16384)
def read_number(text: str, region: str) -> Number:
    """Return the number that ``text`` names for somebody in the country ``region``."""
    try:
        parsed = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return Number("", "", INVALID)
    if not phonenumbers.is_valid_number(parsed):
        return Number("", "", INVALID)
    return Number(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(parsed) or "",
        MOBILE if phonenumbers.number_type(parsed) in MOBILE_TYPES else FIXED,
    )


@lru_cache(maxsize=16384)
def get_zone(e164: str) -> str:
    """Return the name of the time zone of a number, the first where its country has several; empty if unknown."""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ""
    return zones[0] if zones and zones[0] != timezone.UNKNOWN_TIMEZONE else ""
