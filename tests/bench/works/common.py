"""What several works prepare alike."""

from lxml import etree

from odoo.fields import Command
from odoo.tools import SQL


def prepare_policy(env, channel="email"):
    """Make one policy for all customers: due + 10, end of month after due + 30, previous + 10.

    The same three steps that the peer ships; no minimum, so that both remind the same items. The customers'
    cards, made when the addon was installed, leave their segments at once.
    """
    env["credit.segment"].search([]).active = False
    env["credit.debtor"]._make_for_open_items()
    steps = [("due", 10), ("end_of_month", 30), ("previous", 10)]
    env.company.credit_dunning_policy_id = env["credit.dunning.policy"].create(
        {
            "name": "Bench",
            # Messages leave at any time.
            "hour_from": 0,
            "hour_to": 24,
            "send_on_weekend": True,
            "send_on_holiday": True,
            "step_ids": [
                Command.create(prepare_step(env, place, basis, days, channel))
                for place, (basis, days) in enumerate(steps, 1)
            ],
        }
    )


def prepare_step(env, place, basis, days, channel):
    """Return the values of one step; its words are the shipped ones."""
    return {
        "sequence": place,
        "name": f"Step {place}",
        "delay_basis": basis,
        "delay_days": days,
        "mode": "auto",
        "channel_ids": env.ref(f"credit_control.channel_{channel}").ids,
        "mail_template_id": env.ref("credit_control.text_mail_first").id,
        "letter_template_id": env.ref("credit_control.text_letter_first").id,
    }


def prepare_run(env):
    """Make a run for today, not planned yet."""
    return env["credit.dunning.run"].create({})


def planned_run(env):
    """Return the run that the work is about."""
    return env["credit.dunning.run"].search([], limit=1, order="id desc")


def prepare_notices(env, channel, count):
    """Plan and approve; leave ``count`` notices queued. Return them."""
    env.company.email = "company@example.com"
    prepare_policy(env, channel)
    run = prepare_run(env)
    run.action_plan()
    run.action_approve()
    env.flush_all()
    notices = run.notice_ids.filtered(lambda notice: notice.channel_id.code == channel).sorted("id")[:count]
    env.cr.execute("UPDATE credit_dunning_notice SET state = 'draft' WHERE NOT id = ANY(%s)", (notices.ids,))
    env.invalidate_all()
    return notices


def prepare_oca_policy(env):
    """Let the peer's own three-step policy be the company's, on the receivable account."""
    receivable = env["account.account"].search([("account_type", "=", "asset_receivable"), ("non_trade", "=", False)])
    policy = env.ref("account_credit_control.credit_control_3_time")
    policy.account_ids = receivable
    env.company.credit_policy_id = policy
    return policy


def prepare_oca_run(env):
    """Make the peer's run for today, not computed yet."""
    policy = env.company.credit_policy_id
    return env["credit.control.run"].create({"date": env.cr.now().date(), "policy_ids": [Command.set(policy.ids)]})


def oca_run(env):
    """Return the peer's run that the work is about."""
    return env["credit.control.run"].search([], limit=1, order="id desc")


def prepare_oca_communications(env, count):
    """Make ``count`` of the peer's communications, each to another customer with an e-mail address."""
    env.company.email = "company@example.com"
    level = prepare_oca_policy(env).level_ids.sorted("level")[0]
    items = env["account.move.line"].browse(find_late_items(env, count))
    lines = env["credit.control.line"].create_or_update_from_mv_lines(items, level, env.cr.now().date(), env.company)
    lines.write({"state": "to_be_sent", "channel": "email"})
    return env["credit.control.communication"]._generate_comm_from_credit_lines(lines)


def find_late_items(env, count):
    """Return the ids of ``count`` late items in euros, each of another customer with an e-mail address."""
    rows = env.execute_query(
        SQL(
            """
            SELECT MIN(line.id)
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id AND move.move_type = 'out_invoice'
              JOIN account_account account ON account.id = line.account_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE account.account_type = 'asset_receivable'
               AND line.reconciled IS NOT TRUE
               AND line.date_maturity <= CURRENT_DATE - 10
               AND line.currency_id = %s
               AND partner.email IS NOT NULL
             GROUP BY line.partner_id
             ORDER BY 1
             LIMIT %s
            """,
            env.company.currency_id.id,
            count,
        )
    )
    return [item for (item,) in rows]


def read_tables(env):
    """Return ``{table: (number of its rows, sum of what they say)}`` of all tables, to see what a work has written."""
    names = env.execute_query(SQL("SELECT tablename FROM pg_tables WHERE schemaname = current_schema"))
    query = "SELECT COUNT(*), SUM(hashtextextended(whole_row::text, 0)) FROM %s whole_row"
    return {name: env.execute_query(SQL(query, SQL.identifier(name)))[0] for (name,) in names}


def gather_invoices(env, count):
    """Give so many open invoices of many customers to one; return the customer."""
    partner = env["res.partner"].search([("customer_rank", ">", 0), ("is_company", "=", True)], limit=1)
    open_moves = SQL(
        """
        SELECT DISTINCT line.move_id
          FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
          JOIN account_move move ON move.id = line.move_id
         WHERE account.account_type = 'asset_receivable'
           AND line.reconciled IS NOT TRUE
           AND move.move_type = 'out_invoice'
           AND move.state = 'posted'
         ORDER BY line.move_id
         LIMIT %s
        """,
        count,
    )
    env.cr.execute(SQL("CREATE TEMP TABLE gathered AS %s", open_moves))
    of_these = SQL("IN (SELECT move_id FROM gathered)")
    env.cr.execute(SQL("UPDATE account_move_line SET partner_id = %s WHERE move_id %s", partner.id, of_these))
    changes = SQL("partner_id = %(id)s, commercial_partner_id = %(id)s", id=partner.id)
    env.cr.execute(SQL("UPDATE account_move SET %s WHERE id %s", changes, of_these))
    # As the database itself does within a minute of such a change.
    env.cr.execute("ANALYZE account_move_line, account_move")
    env.invalidate_all()
    return partner


def form_specification(records, view):
    """Return what the web client asks for where it opens the form ``view``: its fields, first lines of its lists."""
    arch = records.get_view(records.env.ref(view).id, "form")["arch"]
    return _specify(records, etree.fromstring(arch))


def _specify(records, node):
    fields = node.xpath(".//field[not(ancestor::field)]")
    return {name: _detail(records._fields[name], records, field) for field in fields if (name := field.get("name"))}


def _detail(field, records, node):
    if field.type == "many2one":
        return {"fields": {"display_name": {}}}
    if field.type not in ("one2many", "many2many"):
        return {}
    lists = node.xpath("./list")
    if not lists:
        return {"fields": {"display_name": {}}}
    inner = etree.fromstring(etree.tostring(lists[0]))
    return {"fields": _specify(records.env[field.comodel_name], inner), "limit": int(inner.get("limit", 40))}
