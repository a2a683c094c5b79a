"""What the answer of a gateway, or its absence, says about a message.

The one question: may it have left? What surely hasn't is tried again; what may have is ``uncertain`` and isn't, unless
the gateway promises to send a message of the same key once only.
"""

from dataclasses import dataclass

SENT = "sent"
DELIVERED = "delivered"
FAILED = "failed"
RETRY = "retry"
UNCERTAIN = "uncertain"

# What went wrong, in the words of Odoo's SMS.
NUMBER = "sms_number_format"
CREDIT = "sms_credit"
ACCOUNT = "sms_acc"
SERVER = "sms_server"
REJECTED = "sms_rejected"
MAYBE = "sms_uncertain"

# Where an exchange broke off.
CONNECTING = "connecting"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one message.

    ``is_general`` tells that it has nothing to do with this message: the next one would fare no better.
    ``is_open`` tells that it may have left: it is tried again under its own key, never as another message.
    ``wait`` is the number of seconds that the gateway asks for, ``reference`` its own name of the message.
    ``hook_values`` is what one of Odoo's own providers answered, for those who extend Odoo's queue.
    """

    uuid: str
    state: str
    failure: str = ""
    detail: str = ""
    reference: str = ""
    is_general: bool = False
    is_open: bool = False
    wait: int | None = None
    hook_values: tuple = ()


def by_status(status: int, has_key: bool) -> tuple[str, str, bool]:
    """Return (state, failure, is_general) of a message whose request was answered with ``status``.

    :param has_key: the gateway sends messages of the same key once

    >>> by_status(201, False), by_status(429, False), by_status(503, False)
    (('sent', '', False), ('retry', 'sms_server', True), ('retry', 'sms_server', True))
    >>> by_status(500, False), by_status(500, True), by_status(402, False)
    (('uncertain', 'sms_uncertain', False), ('retry', 'sms_server', False), ('retry', 'sms_credit', True))
    >>> by_status(401, False), by_status(422, False), by_status(302, False)
    (('retry', 'sms_acc', True), ('failed', 'sms_rejected', False), ('failed', 'sms_rejected', False))
    """
    if 200 <= status < 300:
        return SENT, "", False
    if status in (429, 503):
        return RETRY, SERVER, True
    if status == 402:
        return RETRY, CREDIT, True
    if status in (401, 403):
        return RETRY, ACCOUNT, True
    if status >= 500 or status == 408:
        return (RETRY, SERVER, False) if has_key else (UNCERTAIN, MAYBE, False)
    return FAILED, REJECTED, False


def by_break(where: str, has_key: bool) -> tuple[str, str, bool]:
    """Return (state, failure, is_general) of a message whose request broke off.

    >>> by_break(CONNECTING, False), by_break(WAITING, False), by_break(WAITING, True)
    (('retry', 'sms_server', True), ('uncertain', 'sms_uncertain', False), ('retry', 'sms_server', False))
    """
    if where == CONNECTING:
        return RETRY, SERVER, True
    return (RETRY, SERVER, False) if has_key else (UNCERTAIN, MAYBE, False)
