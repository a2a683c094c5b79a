import {Component, onWillStart, useState} from "@odoo/owl";
import {Layout} from "@web/search/layout";
import {ReportChart} from "../report/report_chart";
import {ReportTable} from "../report/report_table";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {writeValue} from "../report/report_words";

const MODEL = "credit.report.dashboard";

/** The credit manager's page: tiles at once, charts as they come; each opens its report. */
export class CreditDashboard extends Component {
    static template = "credit_control_reporting.Dashboard";
    static components = {Layout, ReportChart, ReportTable};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({page: null, blocks: {}, failed: {}, favourites: []});
        onWillStart(() => this.load());
    }

    get display() {
        return {controlPanel: {}};
    }

    async load() {
        const page = await this.orm.call(MODEL, "get_dashboard", []);
        Object.assign(this.state, {page, favourites: page.favourites});
        for (const {code} of page.blocks) {
            this.loadBlock(code);
        }
    }

    /** A block that fails doesn't keep the others from being seen. */
    async loadBlock(code) {
        try {
            this.state.blocks[code] = await this.orm.silent.call(MODEL, "get_block", [code]);
        } catch (error) {
            this.state.failed[code] = error.data?.message || _t("It can't be shown.");
        }
    }

    write(tile) {
        const currencyId = this.state.page.currency_id;
        if (tile.kind === "amount") {
            return formatMonetary(tile.value, {currencyId, humanReadable: Math.abs(tile.value) >= 1e6});
        }
        return writeValue(tile.kind, tile.value, currencyId);
    }

    open(action) {
        this.action.doAction(action);
    }

    openFavourite(favourite) {
        this.action.doAction({
            type: "ir.actions.client",
            tag: "credit_report",
            name: favourite.name,
            params: {model: favourite.model, values: favourite.values},
        });
    }

    async forget(favourite) {
        await this.orm.unlink("ir.filters", [favourite.id]);
        this.state.favourites = this.state.favourites.filter((one) => one.id !== favourite.id);
    }

    async openRow(code, key, column) {
        const block = {largest: ["credit.report.concentration", {measure: "overdue"}]}[code];
        if (block) {
            const [model, values] = block;
            this.action.doAction(await this.orm.call(model, "action_open", [values, "customers", key, column]));
        }
    }

    async openCustomers(code, key) {
        this.action.doAction(
            await this.orm.call("credit.report.concentration", "action_open_customers", [
                {measure: "overdue"},
                "customers",
                key,
            ])
        );
    }
}

registry.category("actions").add("credit_dashboard", CreditDashboard);
