"""What the numbering plans of the world say about a number (the library ``phonenumbers``)."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult, timezone

from .core.numbers import FIXED, INVALID, MOBILE, Number

MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


# The same numbers are looked at for each batch of a queue.
@lru_cache(maxsize=16384)
def read_number(text: str, region: str) -> Number:
    """Return the number that ``text`` names for somebody in the country ``region``."""
    parsed = _parse(text, region)
    if not parsed or not phonenumbers.is_valid_number(parsed):
        return Number("", "", INVALID)
    return Number(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(parsed) or "",
        MOBILE if phonenumbers.number_type(parsed) in MOBILE_TYPES else FIXED,
    )


def _parse(text, region):
    """Return what ``text`` says, read as Odoo reads the numbers of its blacklist; None where it can't be read.

    International numbers are often written without their ``+``, or as they are dialled from another country.
    """
    try:
        parsed = phonenumbers.parse(text, region or None)
        # Once more as it is dialled from anywhere: there Odoo mends the plans of some countries.
        parsed = phonenumbers.parse(phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL), region or None)
    except phonenumbers.NumberParseException:
        return None
    is_too_long = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.TOO_LONG
    if is_too_long and not text.startswith("+"):
        return _parse("+" + text.removeprefix("00"), region)
    return parsed


@lru_cache(maxsize=16384)
def get_zones(e164: str) -> tuple[str, ...]:
    """Return the names of the time zones in which a number may be; none if unknown."""
    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)
