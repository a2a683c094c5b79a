import json
import re
from time import time
from urllib.parse import quote, urlencode

from ..core import answers
from ..core.answers import Result
from ..core.delivery import DELIVERED, FAILED, SENT
from ..core.news import read_reply, read_report
from ..core.signature import sign_ovh
from .abstract import ANSWER_SIZE, TIMEOUT, Gateway, GatewayError

# Length of a tag.
TAG = 20
# What the id of a delivery report says ("description" of a callback).
STATES = {"0": SENT, "1": DELIVERED, "2": FAILED, "4": SENT, "8": SENT, "16": FAILED}
# Codes of the operator ("ptt") that aren't failures: tried again, accepted, and an operator that never tells.
PENDING = {"1", "2", "3", "6"}
DELIVERED_CODE = "4"
# Their manual names no status for it; the words do.
NO_CREDIT = re.compile(r"\bcredits?\b", re.IGNORECASE)


class OvhcloudGateway(Gateway):
    """OVHcloud: calls signed with the application's secret and the consumer's key.

    ``account`` is the name of the SMS service (``sms-ab12345-1``); the secrets are ``application_key``,
    ``application_secret`` and ``consumer_key``.
    """

    code = "ovhcloud"
    name = "OVHcloud"
    url = "https://eu.api.ovh.com/1.0"
    reports_by_query = True
    # The form in which it calls for answers isn't documented; the lists of its API are.
    can_be_asked = True

    def __init__(self, settings):
        super().__init__(settings)
        # Seconds by which their clock, which signatures are held against, is ahead of ours.
        self._ahead = 0

    def begin(self):
        """Ask for the time; where that isn't answered, ours is taken."""
        try:
            with self._get_session().get(
                self._get_safe_url("/auth/time"), timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                self._ahead = int(answer.raw.read(20)) - int(time())
        except Exception:  # whatever it says: a signature that is too old is refused, and tried again
            self._ahead = 0

    def prepare(self, message):
        """Return the signed request for one receiver."""
        path = self._get_path("jobs")
        body = {
            "message": message.text,
            "receivers": [message.number],
            "charset": "UTF-8",
            "coding": "7bit" if message.encoding == "gsm7" else "8bit",
            "noStopClause": True,
            "priority": "high",
            "tag": message.uuid[:TAG],
            **({"sender": message.sender} if message.sender else {"senderForResponse": True}),
        }
        text = json.dumps(body)
        return path, self._sign("POST", self.get_url(path), text), text.encode()

    def _get_path(self, what, **asked):
        path = f"/sms/{quote(self.settings.account, safe='')}/{what}"
        return f"{path}?{urlencode(asked)}" if asked else path

    def _sign(self, method, url, body=""):
        secrets, moment = self.settings.secrets, int(time()) + self._ahead
        consumer = secrets.get("consumer_key", "")
        return {
            "Content-Type": "application/json",
            "X-Ovh-Application": secrets.get("application_key", ""),
            "X-Ovh-Consumer": consumer,
            "X-Ovh-Timestamp": str(moment),
            "X-Ovh-Signature": sign_ovh(secrets.get("application_secret", ""), consumer, method, url, body, moment),
        }

    def read_answer(self, message, body):
        """Return sent with the id of the SMS, or failed where the receiver isn't among the valid ones."""
        if body.get("invalidReceivers") or body.get("validReceivers") == []:
            return Result(message.uuid, answers.FAILED, answers.NUMBER)
        return Result(message.uuid, answers.SENT, reference=str((body.get("ids") or [""])[0]))

    def read_refusal(self, status, body):
        """A signature that they don't accept (400) is a matter of the set-up, no credits of the account."""
        if body.get("errorCode") == "INVALID_SIGNATURE":
            return answers.RETRY, answers.ACCOUNT, True
        if 400 <= status < 500 and NO_CREDIT.search(str(body.get("message") or "")):
            return answers.RETRY, answers.CREDIT, True
        return None

    @classmethod
    def read_news(cls, body):
        """Return the report of a callback: ``id`` of the SMS, ``description`` (id of the report), ``ptt``."""
        return [read_report(None, body.get("id"), cls._read_state(body), body.get("descriptionDlr"))]

    @classmethod
    def _read_state(cls, body):
        known = STATES.get(str(body.get("description", "")))
        code = str(body.get("ptt") or "")
        if known or not code.isdecimal():
            return known
        if code == DELIVERED_CODE:
            return DELIVERED
        return SENT if code in PENDING else FAILED

    # -- asking -------------------------------------------------------------------------

    def ask(self, uncertain, known, since):
        """Return the answers, the numbers that asked for no more (STOP), and what became of ``uncertain``."""
        self.begin()
        try:
            return [*self._ask_answers(known, since), *self._ask_stops(known), *self._ask_outcomes(uncertain)]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise GatewayError("an answer can't be read") from error

    def _ask_answers(self, known, since):
        asked = {"creationDatetime.from": since.strftime("%Y-%m-%dT%H:%M:%S+00:00")}
        for number in self._get(self._get_path("incoming", **asked)):
            if str(number) not in known:
                answer = self._get(self._get_path(f"incoming/{int(number)}"))
                yield read_reply(str(number), answer.get("sender"), answer.get("message"))

    def _ask_stops(self, known):
        for number in self._get(self._get_path("blacklists")):
            reference = f"stop:{number}"
            if reference not in known:
                yield read_reply(reference, number, "STOP")

    def _ask_outcomes(self, uncertain):
        """Find each by its tag; one that isn't there has hardly left, but nobody says so."""
        for uuid in uncertain:
            for number in self._get(self._get_path("outgoing", tag=uuid[:TAG])):
                found = self._get(self._get_path(f"outgoing/{int(number)}"))
                state = STATES.get(str(found.get("deliveryReceipt", "")), SENT)
                yield read_report(uuid, str(number), state)

    def _get(self, path):
        try:
            url = self._get_safe_url(path)
            with self._get_session().get(
                url, headers=self._sign("GET", url), timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                content = answer.raw.read(ANSWER_SIZE, decode_content=True)
                status = answer.status_code
        except Exception as error:  # its words may hold what was sent
            raise GatewayError(type(error).__name__) from None
        if status != 200:
            raise GatewayError(f"HTTP {status} {self._clean(content)}")
        return json.loads(content)
