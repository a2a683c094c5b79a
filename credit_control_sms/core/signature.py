"""Who called: signatures of webhooks, and of our own calls."""

import hashlib
import hmac
import re

# Seconds for which a signature is good.
TOLERANCE = 300
FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def is_same(known: str, given: str) -> bool:
    """Compare two secrets in a time that tells nothing about them; an empty one opens nothing.

    >>> is_same("abc", "abc"), is_same("abc", "abd"), is_same("", ""), is_same("abc", "é")
    (True, False, False, False)
    """
    return bool(known) and hmac.compare_digest(known.encode(), given.encode())


def sign(secret: str, moment: int, body: bytes) -> str:
    """Return the header that proves who wrote ``body`` at ``moment`` (seconds of the epoch).

    >>> sign("key", 1700000000, b"{}")[:21]
    't=1700000000,v1=9d713'
    """
    digest = hmac.new(secret.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def refusal(secret: str, header: str, body: bytes, now: int) -> str:
    """Return what is wrong with a signature: ``missing``, ``old`` or ``wrong``; empty where it is good.

    >>> good = sign("key", 1700000000, b"{}")
    >>> refusal("key", good, b"{}", 1700000100), refusal("key", good, b"{}", 1700000301)
    ('', 'old')
    >>> refusal("key", good, b"{ }", 1700000000), refusal("key", "", b"{}", 0), refusal("", good, b"{}", 1700000000)
    ('wrong', 'missing', 'wrong')
    """
    found = FORM.fullmatch(header or "")
    if not found:
        return "missing"
    moment = int(found[1])
    if not secret or not is_same(sign(secret, moment, body), header):
        return "wrong"
    return "old" if abs(now - moment) > TOLERANCE else ""


def sign_ovh(secret: str, consumer: str, method: str, url: str, body: str, moment: int) -> str:
    """Return the signature of a call to OVHcloud's API, as its manual describes it.

    >>> sign_ovh("AS", "CK", "GET", "https://eu.api.ovh.com/1.0/me", "", 1457018875)[:11]
    '$1$9d9ea1f7'
    """
    text = "+".join((secret, consumer, method, url, body, str(moment)))
    # Their protocol, not our choice.
    return "$1$" + hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
