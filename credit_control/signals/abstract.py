from odoo import models


class CreditSignalHandler(models.AbstractModel):
    """One early-warning detector. A ``credit.signal.rule`` record names it, and has its thresholds.

    How to add one: inherit from this model under a new ``_name``, in a file of its own, and create a
    ``credit.signal.rule`` record whose ``handler`` is that name. Nothing else changes. The engine tells each
    finding once, and closes the warning when the finding is gone.
    """

    _name = "credit.signal.handler"
    _description = "Contract of an early-warning detector"

    def _detect(self, scope, rule):
        """Return what is found, in few queries for all customers of the company.

        :param scope: a :class:`~.scope.SignalScope`: company, day, what several detectors need
        :param rule: the ``credit.signal.rule`` with ``threshold`` and ``days``
        :return: :class:`~..core.signals.Finding` of commercial partners; its inputs are plain values
        """
        raise NotImplementedError

    def _explain(self, inputs, currency):
        """Return one sentence in plain words from the inputs of a finding.

        :param currency: the company's, in which amounts are
        """
        raise NotImplementedError
