"""The laws of SMS: folding never makes a text longer to send, and what is counted is what is cut."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control_sms.core import backoff, delivery, gsm7, signature, stop_words, wording

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
