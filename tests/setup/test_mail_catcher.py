"""The mail catcher keeps each message, complete and in order."""

import smtplib
from email.message import EmailMessage
from threading import Thread

import pytest
from mail_catcher import MailCatcher


@pytest.fixture
def catcher(tmp_path):
    with MailCatcher(tmp_path / "mails") as catcher:
        yield catcher


def mail(message_id: str, body: str = "Bonjour, 1 200,00 € restent dus.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "compta@example.com"
    message["To"] = "client@example.com"
    message["Subject"] = "Relance : facture échue"
    message["Message-ID"] = message_id
    message.set_content(body)
    return message


def send(catcher, *messages, to=("client@example.com",)):
    with smtplib.SMTP(catcher.host, catcher.port, timeout=10) as client:
        for message in messages:
            client.send_message(message, to_addrs=list(to))


def test_messages_are_files_named_by_arrival_and_message_id(catcher):
    send(catcher, mail("<one@example.com>"), mail("<two@example.com>"))
    assert [path.name for path in catcher.paths()] == ["000001-one@example.com.eml", "000002-two@example.com.eml"]
    first = catcher.messages()[0]
    assert first["Subject"] == "Relance : facture échue"
    assert "1 200,00 €" in first.get_content()


def test_envelope_tells_recipients_that_no_header_shows(catcher):
    send(catcher, mail("<one@example.com>"), to=["client@example.com", "hidden@example.com"])
    assert catcher.messages()[0]["X-Envelope-To"] == "client@example.com, hidden@example.com"


def test_message_id_cannot_lead_out_of_the_folder(catcher):
    send(catcher, mail("<../../evil@example.com>"))
    assert [path.parent for path in catcher.paths()] == [catcher.folder]


def test_senders_at_the_same_time_lose_nothing(catcher):
    batches = [[mail(f"<{sender}-{number}@example.com>") for number in range(20)] for sender in range(4)]
    threads = [Thread(target=send, args=(catcher, *batch)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {message["Message-ID"] for message in catcher.messages()} == {
        message["Message-ID"] for batch in batches for message in batch
    }
    assert not list(catcher.folder.glob("*.part"))


def test_numbers_go_on_after_a_restart(tmp_path):
    for message_id in ("<one@example.com>", "<two@example.com>"):
        with MailCatcher(tmp_path) as catcher:
            send(catcher, mail(message_id))
    assert [path.name[:6] for path in catcher.paths()] == ["000001", "000002"]
