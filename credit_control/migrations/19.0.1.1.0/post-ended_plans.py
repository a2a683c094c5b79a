"""Which instalments the end of their plan withdrew: they are open again where it runs again."""


def migrate(cr, version):
    """Mark those of the plans that ended before: nothing else but a settlement cancels an instalment."""
    cr.execute(
        """
        UPDATE credit_promise promise
           SET ended_with_plan = TRUE
          FROM credit_payment_plan plan
         WHERE plan.id = promise.plan_id
           AND plan.state IN ('broken', 'cancelled')
           AND promise.state = 'cancelled'
           AND promise.is_excluded IS NOT TRUE
        """
    )
