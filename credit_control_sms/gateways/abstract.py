import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, local
from urllib.parse import urlsplit

import requests

from ..core import answers, backoff
from ..core.answers import Result
from ..core.news import News

# Seconds to connect, and between two bytes of the answer.
TIMEOUT = 15
# What is read of an answer, at most, and what is kept of it.
ANSWER_SIZE = 65536
DETAIL_SIZE = 200
# urllib3 logs whole addresses, in which some providers have the account.
logging.getLogger("urllib3").setLevel(logging.WARNING)


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

    def __init__(self, settings: Settings):
        self.settings = settings
        self._local = local()

    def send(self, messages: list[Message]) -> list[Result]:
        """Hand over ``messages``, several at a time; return a result for each, in their order.

        Where one says that no message gets through, those not yet begun aren't tried.
        """
        stopped = Event()
        with ThreadPoolExecutor(max(1, min(self.settings.connections, len(messages)))) as pool:
            return list(pool.map(lambda message: self._send_one(message, stopped), messages))

    def prepare(self, message: Message) -> tuple[str, dict, dict]:
        """Return (path, headers, JSON body) of the request that sends ``message``."""
        raise NotImplementedError

    def read_answer(self, message: Message, body: dict) -> Result:
        """Return the result of a message whose request was answered with success."""
        raise NotImplementedError

    @classmethod
    def read_news(cls, body: dict) -> list[News]:
        """Return what a webhook tells.

        :raise ValueError: where it can't be read
        """
        raise ValueError("this provider's reports aren't read")

    # -- one message ----------------------------------------------------------------

    def _send_one(self, message, stopped):
        if stopped.is_set():
            return Result(message.uuid, answers.RETRY, answers.SERVER, is_general=True)
        try:
            result = self._exchange(message)
        except requests.exceptions.ConnectTimeout:
            result = self._broken(message, answers.CONNECTING)
        except requests.exceptions.ConnectionError as error:
            result = self._broken(message, answers.CONNECTING if _is_refused(error) else answers.WAITING)
        except Exception:  # it may have left; the words of the error may hold the request, so they are not kept
            result = self._broken(message, answers.WAITING)
        if result.is_general:
            stopped.set()
        return result

    def _exchange(self, message):
        path, headers, body = self.prepare(message)
        url = (self.settings.url or self.url).rstrip("/") + path
        with self._get_session().post(
            url,
            headers=headers,
            data=body,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            content = answer.raw.read(ANSWER_SIZE, decode_content=True)
            if 200 <= answer.status_code < 300:
                return self._read_safely(message, content)
            return self._refused(message, answer, content)

    def _read_safely(self, message, content):
        """A success that can't be read is one all the same: it has left."""
        try:
            return self.read_answer(message, _as_object(content))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return Result(message.uuid, answers.SENT)

    def _refused(self, message, answer, content):
        state, failure, is_general = answers.by_status(answer.status_code, self.settings.has_key)
        asked = backoff.retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        detail = f"HTTP {answer.status_code} {self._clean(content)}".strip()
        return Result(message.uuid, state, failure, detail, is_general=is_general, wait=asked)

    def _broken(self, message, where):
        state, failure, is_general = answers.by_break(where, self.settings.has_key)
        return Result(message.uuid, state, failure, is_general=is_general)

    def _clean(self, content):
        """Return the words of an answer, short, without what is secret."""
        text = " ".join(content.decode("utf-8", "replace").split())
        for secret in self.settings.secrets.values():
            text = text.replace(secret, "***") if secret else text
        return text[:DETAIL_SIZE]

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
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _as_object(content):
    found = json.loads(content)
    return found if isinstance(found, dict) else {}
