"""What left some days ago: a few reminders of an earlier run, with what became of them; agreements; files.

Apart from :mod:`ledger`, because they are really sent, through the channels of the database: call it
only where mail goes nowhere else than to a catcher. The transaction ends here, as with each sending.
"""

from datetime import date, timedelta

from .customers import CUSTOMERS

DAYS_AGO = 3


def remind(env, today: date, customers=CUSTOMERS):
    """Send an earlier run to the customers that :mod:`customers` calls ``reminded``; return its notices."""
    became = {customer.name: customer.reminded for customer in customers if customer.reminded}
    run = env["credit.dunning.run"].create({"date": today - timedelta(days=DAYS_AGO)})
    run.action_plan()
    notices = run.notice_ids.filtered(
        lambda notice: notice.partner_id.name in became and not notice.channel_id.is_manual
    )
    (run.notice_ids - notices).unlink()
    # The journal of the others begins today.
    run.decision_ids.filtered(lambda decision: decision.partner_id not in notices.partner_id).unlink()
    notices.action_approve()
    env.cr.commit()
    notices._send_now()
    for notice in notices:
        if became[notice.partner_id.name] == "bounced":
            notice._record_outcome("bounced", "bounce", "550 5.1.1 User unknown")
        elif became[notice.partner_id.name] == "uncertain":
            notice._apply({"state": "uncertain", "reason": "interrupted"})
    run.state = "done"
    return notices


def send_agreements(env):
    """Send the payment plans that run to their customers, with the agreement as a file; return the notices."""
    plans = env["credit.payment.plan"].search([("state", "=", "active")])
    plans.action_send()
    notices = plans.promise_ids.notice_ids
    env.cr.commit()
    notices._send_now()
    return notices


def make_files(env):
    """Have the files of what was handed over made, as the job in the background does."""
    for litigation in env["credit.litigation"].search([("state", "=", "open")]):
        litigation.with_user(litigation.user_id).action_make_file()
    env.cr.commit()
    env["credit.litigation.file"]._cron_make()
