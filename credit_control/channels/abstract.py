from contextlib import nullcontext
from dataclasses import dataclass, field

from odoo import models


@dataclass(frozen=True)
class Reach:
    """Whether and where a channel reaches a customer.

    ``reason`` is empty where it does, else a reason code (``no_contact``, ``blacklisted``…).
    ``address`` is what a person would check: an e-mail address, a postal one, a number.
    """

    address: str = ""
    reason: str = ""
    recipient_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Content:
    """A message as it will leave: ``body`` is HTML (plain text for phone and SMS).

    ``text`` is the same in plain text, for mail readers that show no HTML; where it is
    empty the transport makes its own from the body.
    """

    subject: str = ""
    body: str = ""
    attachment_ids: tuple[int, ...] = field(default_factory=tuple)
    text: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one notice: its new state, a reason code, and the words of the transport."""

    state: str
    reason: str = ""
    detail: str = ""


class TransportDown(Exception):
    """The transport can't be reached: nothing of the batch can leave, all of it stays queued."""


class CreditChannelHandler(models.AbstractModel):
    """A way to reach a debtor. A ``credit.channel`` record names the handler that serves it.

    How to add one: inherit from this model under a new ``_name``, in a file of its own,
    and create a ``credit.channel`` record whose ``handler`` is that name. Nothing else
    changes. ``tests/common_channel.py`` holds the contract as a test that yours subclasses.
    """

    _name = "credit.channel.handler"
    _description = "Contract of a dunning channel"

    def _reach(self, channel, debtors, step=None):
        """Return where ``channel`` reaches each of ``debtors``, in few queries for all.

        :param debtors: ``credit.debtor`` records of one company
        :param step: the ``credit.dunning.step`` that asks, for its recipients by role
        :return: ``{debtor id: Reach}``, every debtor named
        """
        raise NotImplementedError

    def _render(self, notices):
        """Return each notice as it will leave, in the customer's language.

        :return: ``{notice id: Content}``; a template that breaks is that notice's own
            affair: its entry is an exception in place of a content
        """
        raise NotImplementedError

    def _preview(self, notices):
        """Return what a person looks at before it leaves: as :meth:`_render`, attachments not made."""
        return self.with_context(credit_preview=True)._render(notices)

    def _send(self, notice):
        """Hand one notice over. Called after it was committed as ``sending``.

        What :meth:`_open_transport` gave stands in the context as ``credit_transport``.

        :return: an ``Outcome``: ``sent``, ``failed`` (surely not left), ``uncertain``, or
            ``queued``: surely not left because the transport is down, so that the batch ends
            here and everything is tried again later
        """
        raise NotImplementedError

    def _get_batch_size(self):
        """Return how many notices are handed over together: as many are uncertain where the sender dies meanwhile."""
        return 1

    def _send_all(self, notices):
        """Hand over several notices, each as :meth:`_send` does; return ``{notice id: Outcome}``."""
        return {notice.id: self._send(notice) for notice in notices}

    def _open_transport(self):
        """Return a context manager around a batch: a connection that all its notices share.

        What it yields is given to :meth:`_send` in the context, as ``credit_transport``.
        """
        return nullcontext()

    def _prepare(self, notice, content, reference=None):
        """Write down what answers and delivery reports will refer to, and make the message ready.

        Called while the notice is being committed as ``sending``, its text already frozen;
        so a message that left is known even where the sender dies before it can say so, and
        what can't be made ready fails before anything has left.

        :param content: what it says, frozen on the notice already
        :param reference: the Message-ID of the last message that left to this customer
        :raise TransportDown: where the transport can't be reached; the notice stays queued
        """

    def _after(self, notice, outcome):
        """Follow up on ``outcome`` in the transaction that records it."""

    def _settle(self, notice):
        """Ask the transport what became of an ``uncertain`` notice; None where it can't say."""
        return None
