import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("credit_control_run", {
    steps: () => [
        {content: "Make a run", trigger: ".o_list_button_add", run: "click"},
        {content: "Plan it", trigger: "button[name=action_plan]", run: "click"},
        {
            content: "One message waits for approval",
            trigger: ".o_credit_summary tr[data-group=to_approve]:contains('300.00')",
        },
        {
            content: "The paused customer is held back, and the sum ties to the ledger",
            trigger: ".o_credit_summary tr[data-reason=paused]:contains('1,000.00')",
        },
        {content: "The overdue of the ledger", trigger: ".o_credit_sum:contains('1,300.00')"},
        {
            content: "Look at the message",
            trigger: ".o_field_widget[name=notice_ids] .o_data_row:contains('Atelier Nord') .o_data_cell:first",
            run: "click",
        },
        {
            content: "It asks for the amount, as it will leave",
            trigger: ".modal .o_credit_message_preview:iframe body:contains('300.00')",
        },
        {content: "Back to the run", trigger: ".modal .o_form_button_cancel, .modal .btn-close", run: "click"},
        {content: "Approve", trigger: "body:not(:has(.modal)) button[name=action_open_approval]", run: "click"},
        {content: "After the last look", trigger: ".modal button[name=action_approve]", run: "click"},
        {content: "Send", trigger: "body:not(:has(.modal)) button[name=action_send]", run: "click"},
        {
            content: "It is sent",
            trigger: ".o_credit_summary tr[data-group=left]:contains('300.00')",
        },
    ],
});
