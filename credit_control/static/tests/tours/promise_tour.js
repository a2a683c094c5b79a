import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("credit_control_promise", {
    steps: () => [
        {content: "The customer promises", trigger: "button[name=action_promise]", run: "click"},
        {
            content: "What is overdue is proposed",
            trigger: ".modal .o_field_widget[name=item_ids] .o_data_row:contains('2,000.00')",
        },
        {content: "A part of it", trigger: ".modal .o_field_widget[name=amount] input", run: "edit 500"},
        {
            content: "How it will be paid",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit By transfer",
        },
        {content: "Record it", trigger: ".modal button[name=action_record]", run: "click"},
        {
            content: "What isn't done every day is in the menu",
            trigger: "body:not(:has(.modal)) .o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "The rest in instalments",
            trigger: ".o-dropdown--menu .o_menu_item:contains('Payment plan')",
            run: "click",
        },
        {
            content: "What isn't promised yet is proposed",
            trigger: ".o_form_view .o_field_widget[name=amount] input:value('1,500.00')",
        },
        {content: "Make the instalments", trigger: "button[name=action_schedule]", run: "click"},
        {
            content: "Three equal parts",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('500.00')",
        },
        {content: "Agree", trigger: "button[name=action_agree]", run: "click"},
        {
            content: "It runs",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Open')",
        },
        {content: "Done", trigger: "button[name=action_send]"},
    ],
});
