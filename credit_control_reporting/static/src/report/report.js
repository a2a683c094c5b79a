import {Component, onWillStart, useState} from "@odoo/owl";
import {Layout} from "@web/search/layout";
import {ReportChart} from "./report_chart";
import {ReportTable} from "./report_table";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useReportCalls} from "./report_calls";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

/**
 * Any report on receivables: its questions on top, then charts and tables.
 * The parameter `model` says which; figures and words come from the server, nothing is added up here.
 */
export class CreditReport extends Component {
    static template = "credit_control_reporting.Report";
    static components = {Layout, ReportChart, ReportTable};
    static props = {...standardActionServiceProps};

    setup() {
        this.notification = useService("notification");
        const {params} = this.props.action;
        this.calls = useReportCalls(params.model);
        const kept = this.props.state || {};
        this.state = useState({
            values: kept.values || {...(params.values || {})},
            report: null,
            busy: false,
            version: 0,
            name: null,
        });
        useSetupAction({getLocalState: () => ({values: this.state.values})});
        onWillStart(() => this.load());
    }

    get display() {
        return {controlPanel: {}};
    }

    async load(limit) {
        this.state.busy = true;
        try {
            const args = limit ? [this.state.values, limit] : [this.state.values];
            this.state.report = await this.calls.call("get_screen", args);
            this.state.version += 1;
        } finally {
            this.state.busy = false;
        }
    }

    async answer(question, target) {
        const answer = question.kind === "check" ? target.checked : target.value;
        if (answer === "" || !target.checkValidity()) {
            target.reportValidity();
            return;
        }
        this.state.values = {...this.state.values, [question.name]: answer};
        await this.load();
    }

    /** Keep the answers under a name: favourites stand on the dashboard. */
    async keep() {
        const {name, report} = this.state;
        // Days aren't kept: a favourite is of the day on which it is looked at.
        const kept = report.questions.filter((question) => question.kind !== "date");
        const values = Object.fromEntries(kept.map((question) => [question.name, question.answer]));
        await this.calls.keep(name, values);
        this.state.name = null;
        this.notification.add(_t("Kept: you find it on the dashboard."), {type: "success"});
    }

    open(table, key, column) {
        return this.calls.open("action_open", [this.state.values, table, key, column || null]);
    }

    openCustomers(table, key) {
        return this.calls.open("action_open_customers", [this.state.values, table, key]);
    }
}

registry.category("actions").add("credit_report", CreditReport);
