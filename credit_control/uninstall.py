"""What Odoo leaves behind, or stumbles over, when an addon is uninstalled: for the ``uninstall_hook`` of each."""

from odoo.fields import Command, Domain
from odoo.tools import SQL

UNSENT = ("draft", "to_approve", "queued")


def forget_models(env, addon):
    """Clear the way for the models of ``addon`` to go.

    Filters and lists of exported fields that people kept for them name their model by text and would outlive it: a
    filter of a model that is no more breaks the screen of filters. Keys to their tables would keep Odoo from deleting
    row by row what it drops as a whole afterwards; it gets there all the same, with an error in the log for each.
    And it keeps what bears the name of another addon, too: the choices of fields that one brings into our models (the
    states of activities), what our models inherit from a model that one extends. What it notes of the keys of our
    fields to other models has no external id by which it would find it again.
    """
    data = env["ir.model.data"].search([("model", "=", "ir.model"), ("module", "=", addon)])
    models = env["ir.model"].browse(data.mapped("res_id"))
    own = [env[model.model] for model in models if env[model.model]._original_module == addon]
    names = [model._name for model in own]
    env["ir.filters"].with_context(active_test=False).search(Domain("model_id", "in", names)).unlink()
    env["ir.exports"].search(Domain("resource", "in", names)).unlink()
    for kind, path in (("ir.model.fields.selection", "field_id.model"), ("ir.model.inherit", "model_id.model")):
        rows = env[kind].search(Domain(path, "in", names))
        of_others = Domain("model", "=", kind) & Domain("module", "!=", addon)
        env["ir.model.data"].search(of_others & Domain("res_id", "in", rows.ids)).unlink()
    _drop_keys(env, [model._table for model in own if model._auto and not model._abstract])
    keys = Domain("module.name", "=", addon) & Domain("type", "=", "f")
    env["ir.model.constraint"].search(keys & Domain("model.model", "not in", names)).unlink()


def _drop_keys(env, tables):
    env.flush_all()
    keys = env.execute_query(
        SQL(
            """
            SELECT child.relname, key.conname FROM pg_constraint key
              JOIN pg_class child ON child.oid = key.conrelid
              JOIN pg_class parent ON parent.oid = key.confrelid
             WHERE key.contype = 'f' AND parent.relname = ANY(%s)
               AND parent.relnamespace = current_schema::regnamespace
            """,
            tables,
        )
    )
    for table, name in keys:
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name)))


def retire_channel(env, xmlid):
    """Let nothing leave through the channel of an addon that goes; what left through it keeps its name.

    Steps go on by its fallback, else by e-mail. Where messages left through it, it stays archived, served by nobody.
    """
    channel = env.ref(xmlid, raise_if_not_found=False)
    if not channel:
        return
    notices = env["credit.dunning.notice"].sudo().search(Domain("channel_id", "=", channel.id))
    notices.filtered(lambda notice: notice.state in UNSENT)._record_outcome("cancelled", "skipped")
    _replace_channel(env, channel)
    if notices:
        env["ir.model.data"].search(Domain("model", "=", channel._name) & Domain("res_id", "=", channel.id)).unlink()
        # A code for each: installed again, the addon brings its channel anew. By hand: no sender looks at it.
        gone = {"active": False, "code": f"{channel.code}-{channel.id}", "is_manual": True, "fallback_id": False}
        channel.write({**gone, "handler": "credit.channel.phone"})


def _replace_channel(env, channel):
    """Take it from steps, customers and other channels."""
    instead = channel.fallback_id or env.ref("credit_control.channel_email")
    steps = env["credit.dunning.step"].with_context(active_test=False).search([("channel_ids", "in", channel.ids)])
    for step in steps:
        kept = (step.channel_ids - channel) or instead
        step.channel_ids = [Command.set(kept.ids)]
    env["credit.debtor"].search([("preferred_channel_id", "=", channel.id)]).preferred_channel_id = False
    channels = env["credit.channel"].with_context(active_test=False)
    channels.search([("fallback_id", "=", channel.id)]).fallback_id = False
