"""What is pictured: one line each."""

from dataclasses import dataclass

DESK, PHONE = (1366, 768), (390, 844)
LISTED = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"
FORM = ".o_form_view .o_form_sheet, .o_form_view form"
REPORT = ".o_credit_report_table tbody tr, .o_credit_report svg, .o_credit_report canvas"


@dataclass(frozen=True)
class Picture:
    """A screen: its name, its address, as whom, and what is clicked before it is pictured.

    ``wanted`` is the selector of what must be drawn, ``clicks`` pairs of what is clicked and what must be drawn then;
    ``shown`` is brought to the top of a picture of a desk. ``phone`` lets ``--phone`` picture it on a phone's width
    too. An address that begins with ``/`` is one of the portal; ``{debtor}`` in it is the customer of whom most is
    asked. What the guide shows has ``guide``; the others are there to be looked at by their names.
    """

    name: str
    path: str
    wanted: str = LISTED
    clicks: tuple[tuple[str, str], ...] = ()
    shown: str = ""
    login: str = "collector"
    phone: bool = True
    guide: bool = True


# Of a list or of its cards, as a phone shows them.
FIRST = ".o_data_row td[name=partner_id], .o_kanban_record:not(.o_kanban_ghost)"
# A row is opened by its cells, though not by the handle with which it is moved.
CELL = ".o_data_row .o_data_cell:not(.o_handle_cell), .o_kanban_record:not(.o_kanban_ghost)"
OPEN = ((CELL, FORM),)
CARD = ((FIRST, FORM),)
PAGE = ".o_notebook"
CALL = (("button[name=action_agenda_call]", ".modal .o_field_widget[name=outcome]"),)
TIMELINE = (*CARD, (".o_notebook a[name=timeline]", ".o_credit_event"))
SELECT = (".o_list_view thead .o_list_record_selector input", ".o_selection_box")
POSTPONE = (SELECT, (".o_control_panel button[name=action_agenda_postpone]", ".modal .o_field_widget[name=date]"))
GIVE = (SELECT, (".o_control_panel button[name=action_agenda_reassign]", ".modal .o_field_widget[name=user_id]"))
RULES = "action-credit_control.credit_priority_rule_action"
KINDS = "action-credit_control.credit_signal_rule_action"
SETTINGS = "action-credit_control.credit_settings_action"
CALENDAR = "credit-my-agenda?view_type=calendar"
CREDIT_RULES = "action-credit_control.credit_rule_action"
# Without the filter that an action begins with.
ALL = ((".o_facet_remove", LISTED),)
CHART = (*OPEN, ("button[name=action_open_lines]", ".o_graph_renderer canvas"))


def of_card(page: str) -> tuple[tuple[str, str], ...]:
    """The clicks that lead to a page of the first customer's card."""
    return *CARD, (f".o_notebook a[name={page}]", f".o_notebook a[name={page}].active")


PICTURES = (
    Picture("agenda", "credit-my-agenda"),
    Picture("agenda-cards", "credit-my-agenda?view_type=kanban", ".o_kanban_record", guide=False),
    Picture("agenda-calendar", CALENDAR, ".o_calendar_view .fc-event", phone=False, guide=False),
    Picture("postpone", "credit-my-agenda", clicks=POSTPONE, phone=False, guide=False),
    Picture("give", "credit-my-agenda", clicks=GIVE, phone=False, guide=False),
    Picture("call", "credit-my-agenda", clicks=CALL),
    Picture("customers", "credit-customers", guide=False),
    Picture("debtor", "credit-my-agenda", clicks=CARD),
    Picture("timeline", "credit-my-agenda", clicks=TIMELINE, shown=PAGE),
    Picture("warnings", "credit-warnings"),
    Picture("matching", "credit-matching", ".o_list_view, .o_kanban_view"),
    Picture("data-quality", "credit-data-quality"),
    Picture("questions", "credit-questions", ".o_list_view, .o_kanban_view", guide=False),
    Picture("waiting", "credit-waiting", ".o_list_view, .o_kanban_view", guide=False),
    Picture("simulation", "credit-simulations", clicks=OPEN, login="admin"),
    Picture("simulation-chart", "credit-simulations", clicks=CHART, login="admin", phone=False),
    Picture("agenda-rules", RULES, login="admin", phone=False, guide=False),
    Picture("warning-kinds", KINDS, login="admin", phone=False, guide=False),
    Picture("terms", "credit-terms-proposals", clicks=OPEN, login="admin", guide=False),
    Picture("run", "credit-runs", clicks=OPEN, phone=False),
    Picture("policy", "credit-policies", clicks=OPEN, login="admin", phone=False),
    Picture("interest", "credit-my-agenda", clicks=of_card("charges"), shown=PAGE, phone=False),
    Picture("trust", "credit-my-agenda", clicks=of_card("trust"), shown=PAGE, phone=False),
    Picture("payment-behaviour", "credit-payment-behaviour", phone=False),
    Picture("setup", "credit-setup", FORM, login="admin", phone=False),
    Picture("settings", SETTINGS, ".o_setting_box", login="admin", phone=False, guide=False),
    Picture("disputes", "credit-disputes"),
    Picture("promises", "credit-promises"),
    Picture("litigation", "credit-litigation", ".o_kanban_record, .o_data_row", phone=False),
    Picture("exposure", "credit-exposure", ".o_group_header, .o_data_row", phone=False),
    Picture("holds", "credit-holds", login="manager"),
    Picture("hold", "credit-holds", clicks=OPEN, login="manager", phone=False, guide=False),
    Picture("limits", "credit-limits", clicks=ALL, login="manager", phone=False),
    Picture("credit-rules", CREDIT_RULES, login="manager", phone=False),
    Picture("sms", "credit-sms", phone=False),
    Picture("sms-gateway", "credit-sms-gateways", clicks=OPEN, login="admin", phone=False),
    Picture("aged-balance", "credit-aged-balance", ".o_credit_aged_table tbody tr"),
    Picture("indicators", "credit-indicators", REPORT, phone=False),
    Picture("dashboard", "credit-dashboard", ".o_credit_dashboard_tiles[aria-busy=false]", login="admin"),
    Picture("portal", "/my/credit/preview/{debtor}", "main table, main form"),
)
