import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("credit_control_agenda", {
    steps: () => [
        {
            content: "The most urgent customer comes first, with the reason",
            trigger: ".o_list_view .o_data_row:first:contains('Boulangerie Exemple'):contains('days late (+')",
        },
        {
            content: "Three are for today",
            trigger: ".o_credit_agenda button[data-counter=today]:contains('3')",
        },
        {content: "The same by day", trigger: ".o_switch_view.o_kanban", run: "click"},
        {
            content: "Cards of a day, with the reason",
            trigger: ".o_kanban_group .o_kanban_record:contains('Boulangerie Exemple'):contains('days late (+')",
        },
        {content: "And as a calendar", trigger: ".o_switch_view.o_calendar", run: "click"},
        {content: "On its day", trigger: ".o_calendar_view .fc-event:contains('Boulangerie Exemple')"},
        {content: "Back to the list", trigger: ".o_switch_view.o_list", run: "click"},
        {
            content: "Open the first",
            trigger: ".o_data_row:first td[name=partner_id]",
            run: "click",
        },
        {content: "What is to be done is said", trigger: ".o_form_view div[name=agenda]:contains('Call')"},
        {content: "How old it is", trigger: ".o_credit_ageing button:contains('2,000.00')"},
        {content: "What happened", trigger: ".o_notebook a[name=timeline]", run: "click"},
        {content: "All in one order", trigger: ".o_credit_timeline .o_credit_event[data-kind=call]"},
        {
            content: "Invoices alone",
            trigger: ".o_credit_timeline button[data-filter=invoices]",
            run: "click",
        },
        {
            content: "No call among them",
            trigger:
                ".o_credit_timeline:not(:has([data-kind=call])) .o_credit_event[data-kind=invoice]:contains('2,000.00')",
        },
        {content: "Call them, by the keyboard", trigger: "button[name=action_agenda_call]", run: "press alt+c"},
        {
            content: "The number can be dialled",
            trigger: ".modal .o_field_widget[name=phone] a[href='tel:+33123456789']",
        },
        {content: "What to say", trigger: ".modal .o_field_widget[name=script]:contains('You owe')"},
        {
            content: "They promise to pay",
            trigger: ".modal .o_field_widget[name=outcome] .o_selection_badge:contains('Promises to pay')",
            run: "click",
        },
        {
            content: "A part of it",
            trigger: ".modal .o_field_widget[name=promise_amount] input",
            run: "edit 500",
        },
        {
            content: "What was said",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit The rest next month",
        },
        {content: "Record, and go on", trigger: ".modal button[name=action_record_next]", run: "click"},
        {
            content: "The next customer is open",
            trigger: "body:not(:has(.modal)) .o_form_view .oe_title:contains('Atelier Nord')",
        },
        {content: "Not now: the next, by the keyboard", trigger: "button[name=action_agenda_next]", run: "press alt+g"},
        {
            content: "The third",
            trigger: ".o_form_view .oe_title:contains('Garage Sud')",
        },
        {content: "After the last the first again", trigger: "button[name=action_agenda_next]", run: "press alt+g"},
        {
            content: "Who was passed over",
            trigger: ".o_form_view .oe_title:contains('Atelier Nord')",
        },
        {content: "Nothing more to do for them", trigger: "button[name=action_agenda_done]", run: "click"},
        {
            content: "Back to the agenda by the way one came",
            trigger: ".o_breadcrumb .o_back_button a, .o_breadcrumb .breadcrumb-item a",
            run: "click",
        },
        {
            content: "Two are done",
            trigger: ".o_credit_agenda button[data-counter=done]:contains('2')",
            run: "click",
        },
        {
            content: "They are listed",
            trigger: ".o_list_view .o_data_row:contains('Atelier Nord')",
        },
    ],
});
