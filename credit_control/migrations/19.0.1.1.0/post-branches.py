"""What a limit of zero means, and in which companies limits are compared, is the same in a company and its branches."""


def migrate(cr, version):
    """Give the branches the settings of the company that they belong to."""
    cr.execute(
        """
        UPDATE res_company branch
           SET credit_limit_zero = root.credit_limit_zero,
               credit_limit_scope = root.credit_limit_scope
          FROM res_company root
         WHERE branch.parent_id IS NOT NULL
           AND root.id = SPLIT_PART(branch.parent_path, '/', 1)::int
        """
    )
