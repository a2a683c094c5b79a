from odoo.tools import SQL, Query


def join_per_customer(query: Query, alias: str, name: str, figures: SQL) -> str:
    """Join ``figures`` to a query over customers' cards, once whatever asks for it.

    :param alias: of the table in ``query`` that has ``partner_id`` and ``company_id``
    :param name: what the figures are
    :param figures: a query with a row for each (``partner_id``, ``company_id``)
    :return: the alias under which the figures' columns are found
    """
    joined = f"{alias}__{name}"
    if joined not in query._joins:
        condition = SQL(" AND ").join(
            SQL("%s = %s", SQL.identifier(joined, column), SQL.identifier(alias, column))
            for column in ("partner_id", "company_id")
        )
        query.add_join("LEFT JOIN", joined, SQL("(%s)", figures), condition)
    return joined
