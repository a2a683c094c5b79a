"""The laws of SMS: folding never makes a text longer to send, and what is counted is what is cut."""

import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control_sms import numbering
from odoo.addons.credit_control_sms.core import backoff, clocks, delivery, gsm7, news, signature, stop_words, wording

TEXTS = st.text(alphabet=st.sampled_from("aé€ê^ œж\u202f’🙂\n"), max_size=400)


@given(TEXTS)
def test_one_encoding_for_all_of_it(text):
    encoded = gsm7.encode(text)
    assert (encoded.encoding == "gsm7") == gsm7.is_gsm7(encoded.text)
    assert encoded.encoding == "gsm7" or encoded.text == text


@given(TEXTS)
def test_parts_are_bounded_by_their_size(text):
    encoded = gsm7.encode(text)
    gsm = encoded.encoding == "gsm7"
    size = sum(2 if (c in gsm7.EXTENSION if gsm else ord(c) > 0xFFFF) else 1 for c in encoded.text)
    alone, joined = (160, 153) if gsm else (70, 67)
    if size <= alone:
        assert encoded.parts == min(size, 1)
    else:
        # A character that counts two may leave one place free in each part.
        assert -(-size // joined) <= encoded.parts <= -(-size // (joined - 1))


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text):
    assert gsm7.fold(gsm7.fold(text)) == gsm7.fold(text)


def test_a_pair_is_not_split():
    # 152 + a pair: the pair starts the second part; 153 + 153 would have fitted else.
    assert gsm7.encode("a" * 152 + "^" + "a" * 152).parts == 3


def test_french_amount_as_babel_writes_it():
    text = "Boulangerie Exemple : 1\u202f200,00\u00a0€ restent dus. Merci de régler d’ici le 30 novembre."
    assert gsm7.encode(text).encoding == "gsm7"
    assert gsm7.encode(text).parts == 1
    assert "1 200,00 EUR" in gsm7.encode(text).text


@given(st.text(max_size=300))
def test_stop_never_breaks(text):
    assert stop_words.is_stop(text) in (True, False)


@given(st.binary(max_size=200), st.integers(0, 10**10), st.text(max_size=40))
def test_only_the_signed_body_passes(body, moment, secret):
    header = signature.sign(secret, moment, body)
    assert bool(signature.refusal(secret, header, body, moment)) == (not secret)
    assert signature.refusal(secret, header, body + b"x", moment) == "wrong"


@given(st.text(max_size=100))
def test_forged_headers_are_refused(header):
    assert signature.refusal("key", header, b"", 0)


@given(st.lists(st.sampled_from(sorted(delivery.NEWS)), max_size=12))
def test_delivered_is_the_end(news):
    state = delivery.SENDING
    for item in [*news, delivery.DELIVERED, *news]:
        state = item if delivery.counts(state, item) else state
    assert state == delivery.DELIVERED


def test_waits_grow():
    waits = [backoff.wait(attempt) for attempt in range(1, backoff.ATTEMPTS)]
    assert waits == sorted(waits)
    assert backoff.wait(backoff.ATTEMPTS) is None


@given(st.text(max_size=100))
def test_values_are_not_read_again(value):
    assert wording.fill("{{ a }}", {"a": value}) == value


def test_every_space_and_every_french_letter_folds():
    spaces = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Zs"]
    assert "\u202f" in spaces and "\u00a0" in spaces
    assert gsm7.encode("1" + "".join(spaces) + "200,00 €").encoding == "gsm7"
    letters = "àâäæçéèêëîïôœöùûüÿÀÂÄÆÇÉÈÊËÎÏÔŒÖÙÛÜŸ«»“”‘’–—…°€"
    assert gsm7.encode(letters).encoding == "gsm7"


@pytest.mark.parametrize(
    ("text", "encoding", "parts"),
    [
        ("€" * 100, "gsm7", 2),  # each becomes EUR: 300
        ("[" * 80, "gsm7", 1),
        ("[" * 81, "gsm7", 2),  # 76 pairs fit 153
        ("[" * 152, "gsm7", 2),
        ("[" * 153, "gsm7", 3),
        ("🙂" * 35, "ucs2", 1),
        ("🙂" * 36, "ucs2", 2),  # 33 pairs fit 67
        ("🙂" * 66, "ucs2", 2),
        ("🙂" * 67, "ucs2", 3),
        ("1\u202f200,00\u00a0€ 🙂", "ucs2", 1),
    ],
)
def test_parts_by_hand(text, encoding, parts):
    encoded = gsm7.encode(text)
    assert (encoded.encoding, encoded.parts) == (encoding, parts)


@given(st.text(max_size=400), st.integers(1, 200))
def test_words_of_others_fit_a_database(text, size):
    kept = wording.printable(text, size)
    assert len(kept) <= size and "\0" not in kept
    kept.encode()


def test_news_are_fit_for_a_database():
    report = news.read_report("a" * 32, "", "failed", "off\0\ud800")
    assert report.detail == "off?"
    assert news.read_reply("in-1", "+33612345678", "STOP\0\udfff").text == "STOP?"


# -- what is dialled --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("06 12 34 56 78", ("FR",)),
        ("+33 (0)6 12 34 56 78", ("FR", "US", "DE", "")),
        ("+33612345678 ext. 5", ("FR", "US", "DE", "")),
        # As dialled from Europe, found in the address book of an American.
        ("0033612345678", ("FR", "US", "DE")),
        # In Germany this is a number of its own.
        ("33612345678", ("FR", "US")),
    ],
)
def test_one_number_however_it_is_written(text, regions):
    for region in regions:
        found = numbering.read_number(text, region)
        assert (found.e164, found.region, found.kind) == ("+33612345678", "FR", "mobile"), region


@pytest.mark.parametrize(
    "text",
    ["", "+", "00", "06", "06 12 34 56 78 90 12 34 56 78 90", "+33 6 12 34 56 78 / 06 98 76 54 32", "hello", "0" * 300],
)
def test_what_is_no_number(text):
    assert numbering.read_number(text, "FR").kind == "invalid"


# -- where the recipient is -----------------------------------------------------------------


def test_clocks_of_a_country_with_several():
    """A Portuguese mobile may be on the Azores or in Lisbon, where it is an hour later."""
    zones = numbering.get_zones("+351912345678")
    assert {"Europe/Lisbon", "Atlantic/Azores"} <= set(zones)
    times = clocks.local_times(datetime(2026, 11, 20, 20, 30, tzinfo=UTC), map(ZoneInfo, zones))
    assert {time.hour for time in times} == {19, 20}


@pytest.mark.parametrize(
    ("number", "zone"),
    [("+33612345678", "Europe/Paris"), ("+262692123456", "Indian/Reunion"), ("+4915112345678", "Europe/Berlin")],
)
def test_clock_of_a_mobile(number, zone):
    assert zone in numbering.get_zones(number)


@pytest.mark.parametrize("number", ["", "+", "hello", "+999123"])
def test_no_clock_of_no_number(number):
    assert numbering.get_zones(number) == ()
