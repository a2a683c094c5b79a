from odoo import models


class CreditScoreFactorHandler(models.AbstractModel):
    """One measured behaviour of customers. A ``credit.score.factor`` record names the handler that measures it.

    How to add one: inherit from this model under a new ``_name``, in a file of its own, and
    create a ``credit.score.factor`` record with its weight whose ``handler`` is that name.
    Nothing else changes. ``tests/common_score_factor.py`` holds the contract as a test that
    yours subclasses.
    """

    _name = "credit.score.factor.handler"
    _description = "Contract of a score's factor"

    def _gather(self, scope):
        """Return what the factor knows of each customer, in few queries for all.

        :param scope: a :class:`~.scope.ScoreScope`: company, day, customers, and what several
            factors need of them, read once
        :return: ``{commercial partner id: inputs}``; inputs are a dict of plain values, kept with
            the score. Who has no material may be left out
        """
        raise NotImplementedError

    def _decide(self, inputs):
        """Return the factor's value for these inputs, 0–100; None where they are no material."""
        raise NotImplementedError

    def _settle(self, scope, partner_id, inputs, items):
        """Return the inputs of a customer as they would be if ``items`` were paid on the day of the scope.

        By default they are the same: an item paid today is as late as one still open today. Asked
        again and again for one customer: what has to be read for it is kept in ``scope.memory``.

        :param items: :class:`~.scope.OpenItem` of that customer
        """
        return inputs

    def _explain(self, inputs, currency):
        """Return one sentence in plain words: what was measured. ``inputs`` are material.

        :param currency: the company's, in which amounts are
        """
        raise NotImplementedError

    def _explain_nothing(self):
        """Return one sentence: why the factor says nothing of a customer."""
        raise NotImplementedError
