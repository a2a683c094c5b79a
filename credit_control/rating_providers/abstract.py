import ipaddress
import logging
import time
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from odoo import models
from odoo.tools import str2bool

_logger = logging.getLogger(__name__)

MAX_REDIRECTS = 3
CHUNK = 16_384
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# Why a provider gave no rating; the sentences stand in ``credit.rating.request``.
TIMEOUT, UNREACHABLE, RATE_LIMITED = "timeout", "unreachable", "rate_limited"
NOT_ALLOWED, UNKNOWN_CUSTOMER, SERVER_ERROR = "not_allowed", "unknown_customer", "server_error"
REDIRECTED, TOO_LARGE, NONSENSE = "redirected", "too_large", "nonsense"
NO_IDENTIFIER, UNKNOWN_VALUE, NEUTRALIZED, ERROR = "no_identifier", "unknown_value", "neutralized", "error"
# After one of these the others needn't be asked now.
STOPPING = frozenset({TIMEOUT, UNREACHABLE, RATE_LIMITED, NOT_ALLOWED, REDIRECTED, NEUTRALIZED})


class ProviderFailure(Exception):
    """The provider gave no rating: a reason code, and what it said, without secrets."""

    def __init__(self, code, detail=""):
        super().__init__(code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Answer:
    """What a provider says of one customer. ``day`` None stands for today; ``limit`` None: it recommends none."""

    value: str
    day: date | None = None
    limit: float | None = None
    until: date | None = None


class _Session(requests.Session):
    """Follows nothing by itself: to look where a redirection leads, it would read all of its body."""

    def get_redirect_target(self, resp):
        """Say that there is none."""
        return None


class _Patience(HTTPAdapter):
    """Waits no longer than the provider's record says, whoever sends."""

    def __init__(self, seconds):
        self.seconds = seconds
        super().__init__(max_retries=0)

    def send(self, request, **kwargs):
        """Send with our own time-out, for connecting and for each read."""
        return super().send(request, **{**kwargs, "timeout": self.seconds})


def is_loopback(host):
    """Whether this host is the machine itself: there no transport can be overheard."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_safe(url):
    """Whether a request may go to this address: HTTPS, or the machine itself; no name and password in it."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    if parts.username or parts.password or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


class CreditRatingProviderHandler(models.AbstractModel):
    """A service that is asked for ratings. A ``credit.rating.provider`` record names the handler that serves it.

    How to add one: inherit from this model under a new ``_name``, in a file of its own, and
    create a ``credit.rating.provider`` record whose ``handler`` is that name. Nothing else
    changes. :meth:`_call` asks over HTTP with all the care that is needed.
    """

    _name = "credit.rating.provider.handler"
    _description = "Contract of a rating provider"

    def _ask(self, provider, partner):
        """Return the :class:`Answer` of the provider on one customer.

        Called for one customer at a time; never while an order is being confirmed.

        :raise ProviderFailure: where there is none, with its reason; any other exception is
            logged by its kind alone, and never reaches the user
        """
        raise NotImplementedError

    def _call(self, provider, url, headers=None):
        """Return the body of the answer to a GET, as bytes.

        HTTPS or this machine only; redirections stay with the same host and are few; no answer
        takes longer or is larger than the provider's record says; nothing of the headers is logged.

        :raise ProviderFailure: whatever goes wrong
        """
        if str2bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"), False):
            raise ProviderFailure(NEUTRALIZED)
        until = time.monotonic() + provider.timeout
        with _Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, _Patience(provider.timeout))
            try:
                return self._follow(session, url, headers or {}, provider, until)
            except requests.exceptions.Timeout as error:
                raise ProviderFailure(TIMEOUT) from error
            except requests.exceptions.RequestException as error:
                # Its text has the address with all its arguments: its kind says enough.
                raise ProviderFailure(UNREACHABLE, type(error).__name__) from error

    def _follow(self, session, url, headers, provider, until):
        """Get the address, and where it leads to on the same host."""
        origin = None
        for _step in range(MAX_REDIRECTS + 1):
            if not is_safe(url) or self._get_origin(url) != (origin or self._get_origin(url)):
                raise ProviderFailure(REDIRECTED)
            origin = self._get_origin(url)
            with session.get(
                url,
                headers={"Accept-Encoding": "identity", **headers},
                # Without this the machine's own .netrc would be sent in the place of our header.
                auth=lambda request: request,
                stream=True,
                timeout=provider.timeout,
            ) as response:
                if response.status_code not in REDIRECTS:
                    self._check_status(response)
                    return self._read(response, provider.max_kb * 1024, until)
                url = self._get_target(url, response)
        raise ProviderFailure(REDIRECTED)

    def _get_target(self, url, response):
        try:
            return urljoin(url, response.headers.get("Location", ""))
        except ValueError as error:
            raise ProviderFailure(REDIRECTED) from error

    def _get_origin(self, url):
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port

    def _check_status(self, response):
        status = response.status_code
        if status == 429:
            raise ProviderFailure(RATE_LIMITED, response.headers.get("Retry-After", "")[:40])
        if status in (401, 403, 407):
            raise ProviderFailure(NOT_ALLOWED, str(status))
        if status in (404, 410):
            raise ProviderFailure(UNKNOWN_CUSTOMER)
        if status != 200:
            raise ProviderFailure(SERVER_ERROR, str(status))
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ProviderFailure(NONSENSE, "Content-Encoding")

    def _read(self, response, limit, until):
        """Return the body, as long as it comes in time and stays within the limit."""
        body = b""
        try:
            while chunk := response.raw.read1(CHUNK):
                body += chunk
                if len(body) > limit:
                    raise ProviderFailure(TOO_LARGE)
                if time.monotonic() > until:
                    raise ProviderFailure(TIMEOUT)
        except OSError as error:
            raise ProviderFailure(TIMEOUT if isinstance(error, TimeoutError) else UNREACHABLE) from error
        return body
