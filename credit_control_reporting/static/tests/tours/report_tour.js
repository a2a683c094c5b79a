import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("credit_control_aged_balance", {
    steps: () => [
        {content: "All that is open", trigger: ".o_credit_aged_table tfoot:contains('1,250.00')"},
        {content: "It is the ledger's", trigger: "tfoot .text-success:contains('equals the receivable accounts')"},
        {
            content: "By portfolio",
            trigger: ".o_credit_aged_options label:contains('By'):first select",
            run: "select portfolio",
        },
        {
            content: "The customers without one stand in a line of their own",
            trigger: ".o_credit_aged_table tbody:contains('North'):contains('(none)')",
        },
        {
            content: "Then by customer",
            trigger: ".o_credit_aged_options label:contains('Then by') select",
            run: "select customer",
        },
        {content: "Unfold a portfolio", trigger: "button[aria-expanded='false']:contains('North')", run: "click"},
        {content: "Its customer", trigger: ".o_credit_aged_table td.ps-5:contains('Atelier Nord')"},
        {content: "With the DSO", trigger: ".o_credit_aged_options label:contains('DSO') input", run: "click"},
        {content: "It stands behind the amounts", trigger: ".o_credit_aged_table th:contains('DSO')"},
        {content: "Favourites", trigger: ".o_credit_aged_options button:contains('Favourites')", run: "click"},
        {content: "Name one", trigger: ".o_credit_aged_favourite input[type=text]", run: "edit Every Monday"},
        {content: "Keep it", trigger: ".o_credit_aged_favourite button:contains('Save'):enabled", run: "click"},
        {content: "It is there", trigger: ".o-dropdown-item:contains('Every Monday')"},
        {content: "Unfold again", trigger: "button[aria-expanded='false']:contains('North')", run: "click"},
        {
            content: "Open what a figure is made of",
            trigger: "tr:has(td.ps-5:contains('Atelier Nord')) .o_credit_aged_amount:contains('250.00'):first",
            run: "click",
        },
        {content: "It is the one item", trigger: ".o_list_view .o_data_row:only-child:contains('250.00')"},
        {content: "Back", trigger: ".o_breadcrumb .breadcrumb-item a:contains('Aged balance')", run: "click"},
        {content: "As it was asked", trigger: ".o_credit_aged_table th:contains('DSO')"},
    ],
});

registry.category("web_tour.tours").add("credit_control_dashboard", {
    steps: () => [
        {
            content: "What is outstanding",
            trigger: ".o_credit_dashboard_tile:contains('Outstanding'):contains('1,250.00')",
        },
        {content: "Its target", trigger: ".o_credit_dashboard_tile:contains('target: 15.0 %') .fa-flag-o"},
        {content: "A chart", trigger: ".o_credit_dashboard_blocks section:contains('Overdue by age') canvas"},
        {content: "Portfolios against their target", trigger: "section:contains('Portfolios') .o_credit_report_gauge"},
        {content: "The largest", trigger: "section:contains('Largest overdue') tbody tr:contains('Atelier Nord')"},
        {
            content: "The report behind a chart",
            trigger: "section:contains('Receipts by week') button:contains('Open the report')",
            run: "click",
        },
        {
            content: "By due date",
            trigger: ".o_credit_report label:contains('Calendar') select",
            run: "select due",
        },
        {content: "The calendar follows", trigger: "figcaption:contains('Calendar: By due date')"},
        {content: "Keep what was asked", trigger: "button[title='Keep as a favourite']", run: "click"},
        {content: "Under a name", trigger: "input[placeholder='Name of the favourite']", run: "edit Each week"},
        {content: "Keep it", trigger: "form button[type=submit]:contains('Keep')", run: "click"},
        {content: "It is said", trigger: ".o_notification:contains('dashboard')"},
        {content: "Back", trigger: ".o_breadcrumb .breadcrumb-item a:contains('Dashboard')", run: "click"},
        {content: "It stands on the page", trigger: ".badge button:contains('Each week')"},
        {
            content: "A tile opens its report",
            trigger: ".o_credit_dashboard_tile:contains('Outstanding'):contains('1,250.00')",
            run: "click",
        },
        {content: "The aged balance", trigger: ".o_credit_aged_table tfoot:contains('1,250.00')"},
    ],
});
