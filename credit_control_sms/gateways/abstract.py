import json
import logging
import re
import ssl
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import local
from urllib.parse import urlsplit

import requests

from ..core import answers, backoff
from ..core.answers import Result
from ..core.news import News
from ..core.wording import printable

# Seconds to connect, and between two bytes of the answer.
TIMEOUT = 15
# What is read of an answer, at most, and what is kept of it.
ANSWER_SIZE = 65536
DETAIL_SIZE = 200
REFERENCE_SIZE = 128
# What an address, a body or a key hides: words long enough to be secret, in an address or body only what looks like it.
KEY_WORD = re.compile(r"[^\s\"{}&?=/,:;]{6,}")
SCHEMES = frozenset({"Bearer", "ApiKey"})
KEY_LIKE = re.compile(r"[\w.~+-]{16,}")
# Why a handshake fails: nothing of the message was said then.
HANDSHAKE = frozenset(
    {
        "CERTIFICATE_VERIFY_FAILED",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSUPPORTED_PROTOCOL",
        "WRONG_VERSION_NUMBER",
    }
)
# urllib3 logs whole addresses, in which some providers have the account.
logging.getLogger("urllib3").setLevel(logging.WARNING)


class GatewayError(Exception):
    """A provider can't be asked. Its text holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS to hand over. ``uuid`` is our name of it and the key by which a provider knows a repetition."""

    uuid: str
    number: str
    text: str
    encoding: str = "gsm7"
    sender: str = ""


@dataclass(frozen=True)
class Settings:
    """What a gateway is set up with; ``secrets`` never leave in a log, an error or a representation."""

    url: str = ""
    account: str = ""
    has_key: bool = False
    connections: int = 4
    report_url: str = ""
    options: dict = field(default_factory=dict)
    secrets: dict = field(default_factory=dict, repr=False)


class Gateway:
    """A provider. How to add one: a subclass in a file of its own with a ``code``, listed in ``GATEWAYS``.

    It builds the request of one message and reads the answer; connections, time-outs and what a failure means are
    common. ``send`` never raises for a message: each has a result.
    """

    code = ""
    name = ""
    # Where it is, if that is not set up.
    url = ""
    # Whether an administrator may say that it sends messages of the same key once.
    may_have_key = False
    # Whether its webhooks come by GET, with what they tell in the query.
    reports_by_query = False
    # Whether its reports can be signed with a key of ours.
    signs_reports = False
    # Whether it refuses messages without a sender.
    needs_sender = False
    # Whether :meth:`ask` answers: for what it doesn't tell by webhook.
    can_be_asked = False

    def __init__(self, settings: Settings):
        self.settings = settings
        self._local = local()

    def send(self, messages: list[Message]) -> list[Result]:
        """Hand over ``messages``, several at a time; return a result for each, in their order.

        Where one says that no message gets through, those not yet begun aren't tried.
        """
        stopped = []
        self.begin()
        with ThreadPoolExecutor(max(1, min(self.settings.connections, len(messages)))) as pool:
            return list(pool.map(lambda message: self._send_one(message, stopped), messages))

    def begin(self) -> None:
        """Do what has to be done once before some messages are handed over. It doesn't raise."""

    def prepare(self, message: Message) -> tuple[str, dict, bytes]:
        """Return (path, headers, body) of the request that sends ``message``."""
        raise NotImplementedError

    def read_answer(self, message: Message, body: dict) -> Result:
        """Return the result of a message whose request was answered with success."""
        raise NotImplementedError

    def read_refusal(self, status: int, body: dict) -> tuple[str, str, bool] | None:
        """Return (state, failure, is_general) where ``body`` tells more than ``status``; None where it doesn't."""
        return None

    def read_wait(self, headers: Mapping[str, str]) -> int | None:
        """Return the seconds that a refusal asks to wait; None where it says nothing."""
        return backoff.retry_after(headers.get("Retry-After"), datetime.now(UTC))

    @classmethod
    def read_news(cls, body: dict) -> list[News]:
        """Return what a webhook tells: its JSON body, or its query (:attr:`reports_by_query`).

        :raise ValueError: where it can't be read
        """
        raise ValueError("this provider's reports aren't read")

    def ask(self, uncertain: Collection[str], known: Collection[str], since: datetime) -> list[News]:
        """Ask for the answers of customers, and what became of messages of which nobody knows.

        :param uncertain: our names of those messages
        :param known: the provider's names of the answers that were taken already
        :param since: moment (UTC) from which on answers are asked for
        :raise GatewayError: where it doesn't answer as it should
        """
        raise NotImplementedError

    # -- one message ----------------------------------------------------------------

    def _send_one(self, message, stopped):
        if stopped:
            return stopped[0].of(message.uuid)
        result = self._try(message)
        if result.is_general:
            stopped.append(result)
        return result

    def _try(self, message):
        """Return the result of one exchange. The words of an error may hold the request, so they are not kept."""
        try:
            request = self._make_request(message)
        except Exception:  # the set-up is wrong: nothing has left, and nothing else would
            return Result(message.uuid, answers.RETRY, answers.ACCOUNT, is_general=True)
        try:
            return self._exchange(message, request)
        except requests.exceptions.ConnectTimeout:
            return self._broken(message, answers.CONNECTING)
        except requests.exceptions.ReadTimeout:
            # Each of the others would wait as long, and be as uncertain.
            return replace(self._broken(message, answers.WAITING), is_general=True)
        except requests.exceptions.ConnectionError as error:
            return self._broken(message, answers.CONNECTING if _is_refused(error) else answers.WAITING)
        except Exception:  # it may have left
            return self._broken(message, answers.WAITING)

    def _make_request(self, message):
        path, headers, body = self.prepare(message)
        headers = {name: value.encode("latin-1") for name, value in headers.items()}
        request = requests.Request("POST", self._get_safe_url(path), headers=headers, data=body)
        return self._get_session().prepare_request(request)

    def get_url(self, path: str) -> str:
        """Return the address of ``path`` at this provider."""
        return (self.settings.url or self.url).rstrip("/") + path

    def _get_safe_url(self, path):
        """Return the address of ``path``, which was checked when it was written down: once more before it is called."""
        url = self.get_url(path)
        if not is_safe_url(url):
            raise GatewayError("the address isn't safe")
        return url

    def _exchange(self, message, request):
        session = self._get_session()
        with session.send(request, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
            content = answer.raw.read(ANSWER_SIZE, decode_content=True)
            if 200 <= answer.status_code < 300:
                return self._read_safely(message, content)
            return self._refused(message, answer, content)

    def _read_safely(self, message, content):
        """A success that can't be read is one all the same: it has left."""
        try:
            result = self.read_answer(message, _as_object(content))
            return replace(result, reference=printable(result.reference, REFERENCE_SIZE))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
            return Result(message.uuid, answers.SENT)

    def _refused(self, message, answer, content):
        known = self._read_refusal(answer.status_code, content)
        state, failure, is_general = known or answers.by_status(answer.status_code, self.settings.has_key)
        asked = self.read_wait(answer.headers)
        detail = f"HTTP {answer.status_code} {self._clean(content)}".strip()
        is_open = known is None and answers.may_have_left(answer.status_code)
        return Result(message.uuid, state, failure, detail, is_general=is_general, is_open=is_open, wait=asked)

    def _read_refusal(self, status, content):
        try:
            return self.read_refusal(status, _as_object(content))
        except (ValueError, RecursionError):
            return None

    def _broken(self, message, where):
        state, failure, is_general = answers.by_break(where, self.settings.has_key)
        return Result(message.uuid, state, failure, is_general=is_general, is_open=where == answers.WAITING)

    def _clean(self, content):
        """Return the words of an answer, short, without what is secret: some repeat what they were asked."""
        text = " ".join(content.decode("utf-8", "replace").split())
        for secret in self._get_secret_words():
            text = text.replace(secret, "***")
        return printable(text, DETAIL_SIZE)

    def _get_secret_words(self):
        """Return what must stand in no text, the longest first: keys and their words, and what looks like a key."""
        settings = self.settings
        keys = [value for value in settings.secrets.values() if value]
        address = urlsplit(self.get_url(""))._replace(netloc="").geturl()
        described = (settings.report_url, address, *settings.options.values())
        words = {*keys, *(word for key in keys for word in KEY_WORD.findall(key) if word not in SCHEMES)}
        words.update(word for text in described for word in KEY_LIKE.findall(text))
        return sorted(words, key=len, reverse=True)

    def _get_session(self):
        """Return the connection of this thread, kept open between messages."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
            # Never again by itself: a repetition is decided where it is known whether the first may have left.
            self._local.session.mount("https://", requests.adapters.HTTPAdapter(max_retries=0))
            self._local.session.mount("http://", requests.adapters.HTTPAdapter(max_retries=0))
        return self._local.session


def is_safe_url(url: str) -> bool:
    """Whether ``url`` may be called: by HTTPS, or on this machine.

    >>> is_safe_url("https://sms.example.com/send"), is_safe_url("http://127.0.0.1:8080"), is_safe_url("http://localhost")
    (True, True, True)
    >>> is_safe_url("http://sms.example.com"), is_safe_url("ftp://127.0.0.1"), is_safe_url("https://"), is_safe_url("x")
    (False, False, False, False)
    >>> is_safe_url("https://user:secret@sms.example.com")
    False
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username or parts.password:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in ("127.0.0.1", "::1", "localhost"))


def _is_refused(error):
    """Whether the connection was never made, so that nothing was said."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else None
    if isinstance(cause, ssl.SSLError):
        return cause.reason in HANDSHAKE
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _as_object(content):
    found = json.loads(content)
    return found if isinstance(found, dict) else {}
