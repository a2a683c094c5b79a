"""Answers of a customer that arrive at the same moment, each in a transaction of its own."""

import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import databases
import psycopg2
import pytest
import requests

LEDGER = Path(__file__).with_name("portal_ledger.py").read_text()


class Customer:
    """Somebody with the link of a message, and a form of the portal before them."""

    def __init__(self, server, database):
        self.database = database
        command = databases.odoo_command("shell", "-d", database, "--no-http", "--log-level=warn")
        done = subprocess.run(command, input=LEDGER, capture_output=True, text=True, check=False)
        found = re.search(r"^LINK (\S+)", done.stdout, re.MULTILINE)
        assert found, done.stdout + done.stderr
        self.url = server.url + found[1]
        self.session = requests.Session()

    def open(self, kind):
        """Open the form of an answer; return its token and the ids of the items."""
        text = self.session.get(f"{self.url}/{kind}", timeout=60).text
        [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        return token, re.findall(r'name="item"[^>]*value="(\d+)"', text)

    def send_at_once(self, kind, forms, files=None):
        """Send all ``forms`` at the same time, and return how often each status was answered."""

        def send(form):
            return requests.post(
                f"{self.url}/{kind}",
                data=form,
                files=files,
                cookies=self.session.cookies.get_dict(),
                allow_redirects=False,
                timeout=120,
            ).status_code

        with ThreadPoolExecutor(len(forms)) as pool:
            return Counter(pool.map(send, forms))

    def query(self, statement):
        connection = psycopg2.connect(dbname=self.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        finally:
            connection.close()


@pytest.fixture
def customer(clone, serve):
    database = clone()
    return Customer(serve(database, "--max-cron-threads=0"), database)


def test_sent_five_times_at_once_is_one_record(customer):
    """A promise, and a dispute with its files whole, though the request was replayed."""
    token, items = customer.open("promise")
    day = (date.today() + timedelta(days=5)).isoformat()
    promise = {"csrf_token": token, "item": items[0], "amount": "400", "date": day}
    assert customer.send_at_once("promise", [promise] * 5) == {303: 5}
    assert customer.query("SELECT amount, state FROM credit_promise") == [(400, "open")]

    reasons = customer.query("SELECT min(id) FROM credit_dispute_reason")
    dispute = {"csrf_token": token, "item": items[1], "reason": reasons[0][0], "text": "Two crates were missing"}
    files = [("files", (f"note {number}.txt", b"one line of a note\n" * 100, "text/plain")) for number in range(3)]
    assert customer.send_at_once("dispute", [dispute] * 3, files) == {303: 3}
    assert customer.query("SELECT count(*) FROM credit_dispute") == [(1,)]
    kept = customer.query("SELECT name, file_size FROM ir_attachment WHERE res_model = 'credit.dispute' ORDER BY name")
    assert kept == [(f"note {number}.txt", 1900) for number in range(3)]


def test_limit_holds_for_answers_at_once(customer):
    """Ten answers in ten minutes, whoever comes first."""
    token, _items = customer.open("paid")
    today = date.today().isoformat()
    forms = [{"csrf_token": token, "date": today, "reference": f"VIR {number}"} for number in range(12)]
    answered = sum((customer.send_at_once("paid", forms[first : first + 4]) for first in (0, 4, 8)), Counter())
    assert answered == {303: 10, 429: 2}
    told = customer.query("SELECT count(*) FROM mail_message WHERE model = 'credit.debtor' AND body LIKE '%VIR %'")
    assert told == [(10,)]
