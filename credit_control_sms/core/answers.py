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

# The key isn't accepted, or there is nothing at this address: no message would get through.
WRONG_SET_UP = frozenset({401, 403, 404, 405})

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

    def of(self, uuid: str) -> "Result":
        """Return the result of a message that wasn't tried because of this one.

        >>> Result("a", UNCERTAIN, MAYBE, "HTTP 502", is_general=True, is_open=True, wait=60).of("b")
        Result(uuid='b', state='retry', failure='sms_server', detail='', reference='', is_general=True, is_open=False, \
wait=60, hook_values=())
        """
        return Result(uuid, RETRY, SERVER if self.state == UNCERTAIN else self.failure, is_general=True, wait=self.wait)


def by_status(status: int, has_key: bool) -> tuple[str, str, bool]:
    """Return (state, failure, is_general) of a message whose request was answered with ``status``.

    :param has_key: the gateway sends messages of the same key once

    >>> by_status(201, False), by_status(429, False), by_status(503, False)
    (('sent', '', False), ('retry', 'sms_server', True), ('retry', 'sms_server', True))
    >>> by_status(500, False), by_status(500, True), by_status(402, False)
    (('uncertain', 'sms_uncertain', False), ('retry', 'sms_server', False), ('retry', 'sms_credit', True))
    >>> by_status(401, False), by_status(422, False), by_status(302, False)
    (('retry', 'sms_acc', True), ('failed', 'sms_rejected', False), ('retry', 'sms_acc', True))
    >>> by_status(404, False), by_status(502, False), by_status(504, True)
    (('retry', 'sms_acc', True), ('uncertain', 'sms_uncertain', True), ('retry', 'sms_server', True))
    """
    if 200 <= status < 300:
        return SENT, "", False
    if status in (429, 503):
        return RETRY, SERVER, True
    if status == 402:
        return RETRY, CREDIT, True
    if status in WRONG_SET_UP or 300 <= status < 400:
        return RETRY, ACCOUNT, True
    if may_have_left(status):
        # What stands behind the gateway doesn't answer: each of the others would be as uncertain.
        is_general = status in (502, 504)
        return (RETRY, SERVER, is_general) if has_key else (UNCERTAIN, MAYBE, is_general)
    return FAILED, REJECTED, False


def may_have_left(status: int) -> bool:
    """Whether a message may have left although its request was answered with ``status``, a failure.

    >>> [status for status in (302, 400, 408, 429, 500, 502, 503, 504) if may_have_left(status)]
    [408, 500, 502, 504]
    """
    return status == 408 or (status >= 500 and status != 503)


def by_break(where: str, has_key: bool) -> tuple[str, str, bool]:
    """Return (state, failure, is_general) of a message whose request broke off.

    >>> by_break(CONNECTING, False), by_break(WAITING, False), by_break(WAITING, True)
    (('retry', 'sms_server', True), ('uncertain', 'sms_uncertain', False), ('retry', 'sms_server', False))
    """
    if where == CONNECTING:
        return RETRY, SERVER, True
    return (RETRY, SERVER, False) if has_key else (UNCERTAIN, MAYBE, False)
