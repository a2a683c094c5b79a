"""Customers without a collector are on the agenda of who alone works on their portfolio, its manager too."""

from odoo.tools import SQL


def migrate(cr, version):
    """Work out anew whose they are, where nobody was named: Odoo does so for new columns only."""
    cr.execute(
        SQL(
            """
            WITH worker AS (
                SELECT rel.credit_portfolio_id AS portfolio_id, rel.res_users_id AS user_id
                  FROM credit_portfolio_res_users_rel rel
                  JOIN res_users ON res_users.id = rel.res_users_id AND res_users.active
            ), keeper AS (
                SELECT portfolio_id, MIN(user_id) AS user_id FROM worker GROUP BY portfolio_id HAVING COUNT(*) = 1
                 UNION ALL
                SELECT portfolio.id, portfolio.manager_id
                  FROM credit_portfolio portfolio
                  JOIN res_users ON res_users.id = portfolio.manager_id AND res_users.active
                 WHERE portfolio.id NOT IN (SELECT portfolio_id FROM worker)
            )
            UPDATE credit_debtor debtor
               SET agenda_user_id = keeper.user_id
              FROM keeper
             WHERE keeper.portfolio_id = debtor.portfolio_id AND debtor.agenda_user_id IS NULL
            """
        )
    )
