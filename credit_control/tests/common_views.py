"""Reading records as the web client reads them for a screen."""

from lxml import etree

KINDS = ("list", "kanban", "form")


def read_views(model, limit=10):
    """Read what each list, card and form of ``model`` shows, as its user; raise what the client would show.

    :param model: an empty recordset with the user's environment
    """
    views = model.get_views([(False, kind) for kind in KINDS if _has_view(model, kind)])["views"]
    for kind in views:
        specification = _get_specification(model, etree.fromstring(views[kind]["arch"]))
        # What another screen has read mustn't hide that this one can't.
        model.env.invalidate_all()
        model.search([], limit=limit).web_read(specification)


def _has_view(model, kind):
    return bool(
        model.env["ir.ui.view"].sudo().search_count([("model", "=", model._name), ("type", "=", kind)], limit=1)
    )


def _get_specification(model, node):
    """Return what the client asks for: the fields of ``node``, with those of the lists within."""
    return {
        field.get("name"): _get_detail(model._fields[field.get("name")], model, field)
        for field in node.xpath(".//field[not(ancestor::field)]")
        if field.get("name") in model._fields
    }


def _get_detail(field, model, node):
    if field.type == "many2one":
        return {"fields": {"display_name": {}}}
    if field.type not in ("one2many", "many2many"):
        return {}
    inner = next((child for child in node if child.tag in KINDS), None)
    if inner is None:
        return {"fields": {"display_name": {}}}
    return {"fields": _get_specification(model.env[field.comodel_name], etree.fromstring(etree.tostring(inner)))}
