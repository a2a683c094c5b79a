"""Gateways against a server that answers as their manuals say; the bodies are those that the manuals print.

OVHcloud: guides "Sending SMS messages with the OVHcloud API", "Everything you need to know about SMS users", "API SMS
Cookbook". Brevo: "Send a transactional SMS", "Transactional webhooks", "Rate limit headers".
"""

import doctest
import ipaddress
import json
import logging
import ssl
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.credit_control_sms.core import answers
from odoo.addons.credit_control_sms.core.signature import sign_ovh
from odoo.addons.credit_control_sms.gateways import GATEWAYS, abstract, http_json
from odoo.addons.credit_control_sms.gateways.abstract import GatewayError, Message, Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "credit_control_sms" / "tests"))
from fake_gateway import FakeGateway  # noqa: E402

UUID = "0123456789abcdef0123456789abcdef"
MESSAGE = Message(UUID, "+33612345678", "1 200,00 EUR restent dus", "gsm7", "Exemple")
KEYS = {"application_key": "AK-secret", "application_secret": "AS-secret", "consumer_key": "CK-secret"}
ACCOUNT = "sms-ab12345-1"
JOBS = f"/sms/{ACCOUNT}/jobs"


@pytest.fixture
def server():
    with FakeGateway() as gateway:
        yield gateway


def opened(code, server, **values):
    settings = {"url": server.url, "account": ACCOUNT, "connections": 1, **values}
    return GATEWAYS[code](Settings(**settings))


def ovh(server, **values):
    server.pages.setdefault("/auth/time", 1457018875)
    return opened("ovhcloud", server, secrets=KEYS, **values)


def brevo(server, **values):
    return opened("brevo", server, secrets={"token": "xkeysib-secret"}, **values)


def http(server, **values):
    return opened("http_json", server, secrets={"token": "Bearer very-secret"}, **values)


def posted(server):
    return [json.loads(body) for method, _path, body in server.requests if method == "POST"]


@pytest.mark.parametrize("module", [abstract, http_json])
def test_examples(module):
    assert not doctest.testmod(module).failed


# -- OVHcloud ---------------------------------------------------------------------------


def test_ovh_request_is_signed_with_their_time(server):
    server.answer = lambda message, number: {
        "totalCreditsRemoved": 1,
        "invalidReceivers": [],
        "ids": [26929925],
        "validReceivers": ["+33612345678"],
    }
    [result] = ovh(server).send([MESSAGE])
    assert (result.state, result.reference) == (answers.SENT, "26929925")
    method, path, body = server.requests[-1]
    assert (method, path) == ("POST", JOBS)
    sent = json.loads(body)
    assert (sent["receivers"], sent["message"], sent["sender"]) == (["+33612345678"], MESSAGE.text, "Exemple")
    assert (sent["noStopClause"], sent["coding"], sent["tag"]) == (True, "7bit", UUID[:20])
    header = server.headers[-1]
    moment = int(header["X-Ovh-Timestamp"])
    assert abs(moment - 1457018875) <= 5
    assert header["X-Ovh-Signature"] == sign_ovh("AS-secret", "CK-secret", "POST", server.url + JOBS, body, moment)
    assert (header["X-Ovh-Application"], header["X-Ovh-Consumer"]) == ("AK-secret", "CK-secret")


def test_ovh_short_number_where_there_is_no_sender(server):
    ovh(server).send([Message(UUID, "+33612345678", "Здравствуйте", "ucs2")])
    [sent] = posted(server)
    assert "sender" not in sent
    assert (sent["senderForResponse"], sent["coding"]) == (True, "8bit")


@pytest.mark.parametrize(
    "answer",
    [{"invalidReceivers": ["+33612345678"], "ids": []}, {"validReceivers": [], "ids": [], "invalidReceivers": []}],
)
def test_ovh_receiver_that_isnt_valid(server, answer):
    server.answer = lambda message, number: answer
    [result] = ovh(server).send([MESSAGE])
    assert (result.state, result.failure) == (answers.FAILED, answers.NUMBER)


def test_ovh_wrong_signature_is_a_matter_of_the_set_up(server):
    server.plan = lambda message: 400
    server.refusals[400] = {
        "errorCode": "INVALID_SIGNATURE",
        "httpCode": "400 Bad Request",
        "message": "Invalid signature",
    }
    results = ovh(server).send([MESSAGE] * 3)
    assert {(one.state, one.failure, one.is_general) for one in results[:1]} == {(answers.RETRY, answers.ACCOUNT, True)}
    assert all(one.state == answers.RETRY for one in results)
    assert len(posted(server)) == 1


def test_ovh_other_bad_request_is_a_matter_of_the_message(server):
    server.plan = lambda message: 400
    server.refusals[400] = {"class": "Client::BadRequest", "message": "[message] Message is too long"}
    [result] = ovh(server).send([MESSAGE])
    assert (result.state, result.failure) == (answers.FAILED, answers.REJECTED)
    assert "too long" in result.detail


def test_ovh_without_credits(server):
    server.plan = lambda message: 403
    server.refusals[403] = {"class": "Client::Forbidden", "message": "Not enough credits left on this account"}
    results = ovh(server).send([MESSAGE] * 2)
    assert {(one.state, one.is_general) for one in results} == {(answers.RETRY, True)}
    assert results[0].failure == answers.CREDIT
    assert len(posted(server)) == 1


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ({"description": "1", "ptt": "4"}, "delivered"),
        ({"description": "2", "ptt": "5"}, "failed"),
        ({"description": "16", "ptt": "23"}, "failed"),
        ({"description": "0", "ptt": "0"}, "sent"),
        ({"description": "8", "ptt": "3"}, "sent"),
        ({"ptt": "4"}, "delivered"),
        ({"ptt": "24"}, "failed"),
        ({"ptt": "1"}, "sent"),
        ({"ptt": "6"}, "sent"),
    ],
)
def test_ovh_callback(query, state):
    query = {"id": "26929925", "date": "2020-06-09 10:00:00", "descriptionDlr": "Success", **query}
    [news] = GATEWAYS["ovhcloud"].read_news(query)
    assert (news.reference, news.uuid, news.state, news.detail) == ("26929925", "", state, "Success")


@pytest.mark.parametrize("query", [{}, {"id": "26929925"}, {"id": "26929925", "description": "77"}, {"ptt": "4"}])
def test_ovh_callback_that_says_nothing(query):
    with pytest.raises(ValueError):
        GATEWAYS["ovhcloud"].read_news(query)


def test_ovh_is_asked_for_answers_stops_and_outcomes(server):
    base = f"/sms/{ACCOUNT}"
    server.pages |= {
        f"{base}/incoming": [7, 8],
        f"{base}/incoming/8": {"id": 8, "sender": "+33612345678", "message": "Payé hier", "tag": "", "credits": 0},
        f"{base}/blacklists": ["+33698765432", "+33611111111"],
        f"{base}/outgoing": [],
        f"{base}/outgoing?tag={UUID[:20]}": [26929925],
        f"{base}/outgoing/26929925": {"id": 26929925, "deliveryReceipt": 1, "ptt": 4, "receiver": "+33612345678"},
    }
    news = ovh(server).ask([UUID, "f" * 32], {"7", "stop:+33611111111"}, datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert [(one.kind, one.reference, one.number, one.text, one.uuid, one.state) for one in news] == [
        ("reply", "8", "+33612345678", "Payé hier", "", ""),
        ("reply", "stop:+33698765432", "+33698765432", "STOP", "", ""),
        ("report", "26929925", "", "", UUID, "delivered"),
    ]
    asked = next(path for _method, path, _body in server.requests if path.startswith(f"{base}/incoming?"))
    assert parse_qs(urlsplit(asked).query) == {"creationDatetime.from": ["2026-11-20T08:00:00+00:00"]}
    place = [path for _method, path, _body in server.requests].index(asked)
    header = server.headers[place]
    url = server.url + asked
    expected = sign_ovh("AS-secret", "CK-secret", "GET", url, "", int(header["X-Ovh-Timestamp"]))
    assert header["X-Ovh-Signature"] == expected


@pytest.mark.parametrize(
    "pages", [{}, {f"/sms/{ACCOUNT}/incoming": {"message": "no list"}}, {f"/sms/{ACCOUNT}/incoming": [1]}]
)
def test_ovh_that_doesnt_answer_tells_nothing_secret(server, pages):
    server.pages |= pages
    with pytest.raises(GatewayError) as caught:
        ovh(server).ask([], set(), datetime(2026, 11, 20))
    assert "secret" not in str(caught.value)


# -- Brevo ------------------------------------------------------------------------------


def test_brevo_request_and_answer(server):
    server.answer = lambda message, number: {"messageId": 1511882900176220}
    [result] = brevo(server, report_url="https://odoo.example.com/credit_sms/1/token").send([MESSAGE])
    assert (result.state, result.reference) == (answers.SENT, "1511882900176220")
    method, path, body = server.requests[-1]
    assert (method, path) == ("POST", "/transactionalSMS/send")
    assert json.loads(body) == {
        "sender": "Exemple",
        "recipient": "33612345678",
        "content": MESSAGE.text,
        "type": "transactional",
        "tag": UUID,
        "unicodeEnabled": False,
        "webUrl": "https://odoo.example.com/credit_sms/1/token",
    }
    assert server.headers[-1]["api-key"] == "xkeysib-secret"


def test_brevo_numbers_are_digits_alone(server):
    brevo(server).send([Message(UUID, "+33612345678", "Bonjour", "ucs2", "+33700000000")])
    [sent] = posted(server)
    assert (sent["sender"], sent["recipient"], sent["unicodeEnabled"]) == ("33700000000", "33612345678", True)


def test_brevo_without_credit(server):
    server.plan = lambda message: 402
    server.refusals[402] = {"code": "not_enough_credits", "message": "Not enough credits"}
    [result] = brevo(server).send([MESSAGE])
    assert (result.state, result.failure, result.is_general) == (answers.RETRY, answers.CREDIT, True)


def test_brevo_limit_says_how_long_it_lasts(server):
    server.plan = lambda message: 429
    server.answer_headers = {
        "x-sib-ratelimit-limit": "150",
        "x-sib-ratelimit-remaining": "0",
        "x-sib-ratelimit-reset": "37",
    }
    [result] = brevo(server).send([MESSAGE])
    assert (result.state, result.wait, result.is_general) == (answers.RETRY, 37, True)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("sent", "sent"),
        ("accepted", "sent"),
        ("delivered", "delivered"),
        ("soft_bounce", "failed"),
        ("hard_bounce", "failed"),
        ("softBounce", "failed"),
        ("rejected", "failed"),
    ],
)
@pytest.mark.parametrize("tag", [{}, {"tag": UUID}, {"tag": [UUID]}])
def test_brevo_webhook(status, state, tag):
    body = {
        "id": 26570,
        "to": "33612345678",
        "sms_count": 1,
        "credits_used": 1.5,
        "messageId": 123,
        "remaining_credit": 11488.845,
        "msg_status": status,
        "date": "2021-07-22 14:20:20",
        "type": "transactional",
        "reference": "ab1cde2fgh3i4jklmno",
        **tag,
    }
    [news] = GATEWAYS["brevo"].read_news(body)
    assert (news.reference, news.state, news.uuid) == ("123", state, UUID if tag else "")


def test_brevo_answer_and_stop():
    body = {"to": "33612345678", "messageId": 123, "date": "2021-07-22 14:20:20"}
    [reply] = GATEWAYS["brevo"].read_news({**body, "msg_status": "replied", "reply": "J'ai payé"})
    assert (reply.kind, reply.number, reply.text) == ("reply", "+33612345678", "J'ai payé")
    [stop] = GATEWAYS["brevo"].read_news({**body, "msg_status": "unsubscribe"})
    assert (stop.kind, stop.number, stop.text) == ("reply", "+33612345678", "STOP")
    [again] = GATEWAYS["brevo"].read_news({**body, "msg_status": "replied", "reply": "J'ai payé"})
    assert again.reference == reply.reference


@pytest.mark.parametrize("body", [{}, {"msg_status": "delivered"}, {"messageId": 1, "msg_status": "thought about"}])
def test_brevo_webhook_that_says_nothing(body):
    with pytest.raises(ValueError):
        GATEWAYS["brevo"].read_news(body)


# -- HTTP/JSON, described by a record ---------------------------------------------------


def test_http_json_as_described(server):
    options = {
        "header": "X-Key",
        "body": '{"messages": [{"destination": "{{ number }}", "body": "{{ text }}"}], "callback": "{{ report_url }}"}',
        "reference_key": "message_id",
    }
    server.answer = lambda message, number: {"message_id": "m-1"}
    [result] = http(server, options=options, report_url="https://odoo.example.com/hook").send(
        [Message(UUID, "+33612345678", 'Say "hello"\\ é\n')]
    )
    assert (result.state, result.reference) == (answers.SENT, "m-1")
    assert posted(server) == [
        {
            "messages": [{"destination": "+33612345678", "body": 'Say "hello"\\ é\n'}],
            "callback": "https://odoo.example.com/hook",
        }
    ]
    assert (server.headers[-1]["X-Key"], server.headers[-1]["Idempotency-Key"]) == ("Bearer very-secret", UUID)


@given(st.text(max_size=60), st.text(max_size=60))
def test_http_json_stays_json_whatever_is_written(text, number):
    body = http_json.fill_json(http_json.BODY, Message(UUID, number, text))
    assert (json.loads(body)["text"], json.loads(body)["to"]) == (text, number)


def test_http_json_event_that_cant_be_read_takes_no_other_along(caplog):
    odd = [{"type": "report", "uuid": UUID, "status": "thought about"}, "no object", {"type": "reply", "id": "x"}, {}]
    good = {"type": "report", "uuid": UUID, "status": "delivered"}
    [news] = GATEWAYS["http_json"].read_news({"events": [odd[0], good, *odd[1:]]})
    assert (news.uuid, news.state) == (UUID, "delivered")
    assert "4 of 5 events" in caplog.text
    with pytest.raises(ValueError):
        GATEWAYS["http_json"].read_news({"events": odd})
    assert GATEWAYS["http_json"].read_news({"events": []}) == []


# -- common -----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [[], "x", None, {"id": None}, {"id": {"a": 1}}])
def test_a_success_that_cant_be_read_has_left(server, answer):
    server.answer = lambda message, number: answer
    for make in (ovh, brevo, http):
        assert make(server).send([MESSAGE])[0].state == answers.SENT


def test_hanging_gateway_stops_the_rest(server, monkeypatch):
    monkeypatch.setattr(abstract, "TIMEOUT", 0.2)
    server.plan = lambda message: "hang"
    results = http(server).send([MESSAGE] * 5)
    assert [one.state for one in results] == [answers.UNCERTAIN] + [answers.RETRY] * 4
    assert len(server.taken) == 1


def test_set_up_that_makes_no_request_harms_nothing(server):
    for token in ("line\nbreak", "not latin ж"):
        gateway = opened("http_json", server, secrets={"token": token})
        results = gateway.send([MESSAGE, MESSAGE])
        assert {(one.state, one.is_general) for one in results} == {(answers.RETRY, True)}
    assert server.requests == []


def test_redirects_are_not_followed(server):
    server.plan = lambda message: 302
    server.answer_headers = {"Location": "http://127.0.0.1:9/elsewhere"}
    results = http(server).send([MESSAGE] * 2)
    assert [(one.state, one.failure, one.is_open) for one in results[:1]] == [(answers.RETRY, answers.ACCOUNT, False)]
    assert len(server.requests) == 1


def test_an_address_without_https_is_not_called(server):
    """Whatever way it came into the database."""
    for make in (ovh, brevo, http):
        [result] = make(server, url="http://sms.example.com").send([MESSAGE])
        assert (result.state, result.failure, result.is_general) == (answers.RETRY, answers.ACCOUNT, True)
    with pytest.raises(GatewayError):
        ovh(server, url="http://sms.example.com").ask([], set(), datetime(2026, 11, 20))


@pytest.mark.parametrize("status", [404, 405])
def test_wrong_address_fails_nothing_for_good(server, status):
    server.plan = lambda message: status
    results = http(server).send([MESSAGE] * 3)
    assert {one.state for one in results} == {answers.RETRY}
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [502, 504])
@pytest.mark.parametrize("has_key", [False, True])
def test_nothing_behind_the_gateway_leaves_one_open(server, status, has_key):
    server.plan = lambda message: status
    results = http(server, has_key=has_key).send([MESSAGE] * 4)
    expected = (answers.RETRY if has_key else answers.UNCERTAIN, True)
    assert (results[0].state, results[0].is_open) == expected
    assert {(one.state, one.is_open) for one in results[1:]} == {(answers.RETRY, False)}


@pytest.mark.parametrize("ahead", [90, -90])
def test_retry_after_as_a_date(server, ahead):
    server.plan = lambda message: 429
    server.answer_headers = {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)}
    result, other = http(server).send([MESSAGE] * 2)
    assert (result.state, result.is_general) == (answers.RETRY, True)
    assert max(0, ahead - 10) <= result.wait <= max(0, ahead)
    assert (other.state, other.wait, len(server.requests)) == (answers.RETRY, result.wait, 1)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for this machine that nobody vouches for."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(hours=1))
    local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = builder.add_extension(local, critical=True).sign(key, hashes.SHA256())
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_nothing_leaves_to_who_cant_prove_who_they_are(certificate):
    """The handshake fails before anything is said: all of it waits, nothing is uncertain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    gateway = FakeGateway()
    gateway.server.socket = context.wrap_socket(gateway.server.socket, server_side=True)
    with gateway as server:
        results = http(server, url=server.url.replace("http:", "https:")).send([MESSAGE] * 3)
        assert {(one.state, one.failure, one.is_open) for one in results} == {(answers.RETRY, answers.SERVER, False)}
        assert (results[0].is_general, server.requests) == (True, [])


def test_no_https_there(server):
    results = http(server, url=server.url.replace("http:", "https:")).send([MESSAGE] * 2)
    assert {(one.state, one.is_open) for one in results} == {(answers.RETRY, False)}
    assert server.requests == []


def test_words_of_others_are_fit_for_a_database(server):
    server.answer = lambda message, number: {"id": "m-1\0\ud800" + "x" * 1000}
    [result] = http(server).send([MESSAGE])
    assert (result.state, result.reference[:5], len(result.reference)) == (answers.SENT, "m-1?x", 128)
    server.plan = lambda message: 422
    server.refusals[422] = b"no\0pe \xff\xfe" + b"y" * 1000
    [result] = http(server).send([MESSAGE])
    assert result.detail.startswith("HTTP 422 nope ")
    assert "\0" not in result.detail
    result.detail.encode()


def test_a_refusal_that_repeats_its_request_tells_nothing_secret(server):
    """Some gateways answer with what they were asked: the address for reports, a part of the key, a key in the body."""
    token, in_body = "Zq3-_kL9wR2tY7uI0pA5sD8fG1hJ4", "q8W7e6R5t4Y3u2I1o0P9"
    options = {"body": f'{{"to": "{{{{ number }}}}", "api_key": "{in_body}", "callback": "{{{{ report_url }}}}"}}'}
    gateway = http(server, options=options, report_url=f"https://odoo.example.com/credit_sms/1/{token}")
    server.plan = lambda message: 422
    server.refusals[422] = {"error": "wrong", "callback": f"\\/1\\/{token}", "api_key": in_body, "key": "very-secret"}
    [result] = gateway.send([MESSAGE])
    assert "wrong" in result.detail
    assert not [word for word in (token, in_body, "very-secret") if word in result.detail]


def test_no_secret_in_details_logs_and_representations(server, caplog):
    caplog.set_level(logging.DEBUG)
    for make in (ovh, brevo, http):
        gateway = make(server)
        for secret in gateway.settings.secrets.values():
            server.plan = lambda message: 422
            server.refusals[422] = {"message": f"unknown key {secret}"}
            details = [one.detail for one in gateway.send([MESSAGE])]
            assert "***" in details[0] and secret not in details[0]
            assert secret not in repr(gateway.settings)
            server.plan = lambda message: "drop"
            assert secret not in repr(gateway.send([MESSAGE]))
            assert secret not in caplog.text


@given(
    st.dictionaries(
        st.sampled_from(["events", "id", "to", "msg_status", "reply", "tag", "ptt", "description", "messageId"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=9,
    )
)
def test_webhooks_are_read_or_refused(body):
    for gateway in GATEWAYS.values():
        try:
            gateway.read_news(body)
        except ValueError:
            pass
