import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("credit_control_dispute_owner", {
    steps: () => [
        {
            content: "Only the own dispute is there: open it",
            trigger: ".o_list_view .o_data_row:only-child:contains('Boulangerie Exemple') .o_data_cell:first",
            run: "click",
        },
        {content: "It is about the disputed part", trigger: ".o_field_widget[name=amount_total]:contains('400.00')"},
        {content: "The items, as text", trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('400.00')"},
        {content: "What was invoiced", trigger: ".o_notebook .nav-link[name=documents]", run: "click"},
        {content: "The lines of the invoice", trigger: ".o_field_widget[name=documents]:contains('Flour')"},
        {content: "What is to be done", trigger: ".o_notebook .nav-link[name=steps]", run: "click"},
        {
            content: "Tick the first step off",
            trigger: ".o_field_widget[name=step_ids] .o_data_row:first .o_boolean_toggle input",
            run: "click",
        },
        {content: "Keep it", trigger: ".o_form_button_save", run: "click"},
        {
            content: "It is kept",
            trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))",
        },
        {content: "Answer", trigger: "button.o-mail-Chatter-logNote", run: "click"},
        {
            content: "Say what was found",
            trigger: ".o-mail-Composer-input",
            run: "edit The pallet was complete: see the signed note",
        },
        {content: "Log it", trigger: ".o-mail-Composer-send:enabled", run: "click"},
        {content: "It stands in the thread", trigger: ".o-mail-Message:contains('The pallet was complete')"},
        {content: "Decide", trigger: "button[name=action_close_unjustified]", run: "click"},
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=explanation] textarea",
            run: "edit Everything was delivered",
        },
        {content: "Decide it", trigger: ".modal button[name=action_close]", run: "click"},
        {
            content: "It is closed, and by whom is said",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=explanation]:contains('Everything was delivered')",
        },
    ],
});
