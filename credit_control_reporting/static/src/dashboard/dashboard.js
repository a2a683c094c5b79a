import {Component, onMounted, onWillStart, useState} from "@odoo/owl";
import {Layout} from "@web/search/layout";
import {ReportChart} from "../report/report_chart";
import {ReportTable} from "../report/report_table";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {useReportCalls} from "../report/report_calls";
import {writeValue} from "../report/report_words";

const MODEL = "credit.report.dashboard";
// What the list of the largest customers is the beginning of.
const OVERDUE = {measure: "overdue"};

// As many boxes stand where the tiles will be.
const TILES = 8;

/**
 * The credit manager's page: the page at once, then its figures, then the charts as they come; each opens its report.
 * What isn't there yet is a grey box of the same size, so that nothing moves when it comes.
 */
export class CreditDashboard extends Component {
    static template = "credit_control_reporting.Dashboard";
    static components = {Layout, ReportChart, ReportTable};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.concentration = useReportCalls("credit.report.concentration");
        this.waiting = Array.from({length: TILES}, (_, place) => place);
        this.state = useState({page: null, tiles: null, blocks: {}, failed: {}, favourites: []});
        onWillStart(() => this.load());
        onMounted(() => this.loadFigures());
    }

    get display() {
        return {controlPanel: {}};
    }

    async load() {
        const page = await this.orm.call(MODEL, "get_dashboard", []);
        Object.assign(this.state, {page, favourites: page.favourites});
    }

    /** The figures go first: the server isn't busy with charts meanwhile. */
    async loadFigures() {
        try {
            const {tiles, blocks} = await this.orm.silent.call(MODEL, "get_figures", []);
            Object.assign(this.state, {tiles, blocks});
        } catch (error) {
            this.state.tiles = [];
            this.fail(["tiles", ...this.getCodes(true)], error);
        }
        for (const code of this.getCodes(false)) {
            this.loadBlock(code);
        }
    }

    /** A block that fails doesn't keep the others from being seen. */
    async loadBlock(code) {
        try {
            this.state.blocks[code] = await this.orm.silent.call(MODEL, "get_block", [code]);
        } catch (error) {
            this.fail([code], error);
        }
    }

    getCodes(withFigures) {
        const blocks = this.state.page.blocks.filter((block) => block.with_figures === withFigures);
        return blocks.map((block) => block.code);
    }

    fail(codes, error) {
        for (const code of codes) {
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

    get reached() {
        return _t("Target reached");
    }

    get missed() {
        return _t("Target not reached");
    }

    getTrendClass({tone}) {
        return {"text-success": tone === "green", "text-danger": tone === "red", "text-muted": !tone};
    }

    open(action) {
        this.action.doAction(action);
    }

    openFavourite(favourite) {
        this.action.doAction({
            type: "ir.actions.client",
            tag: favourite.tag,
            name: favourite.name,
            params: {model: favourite.model, values: favourite.values},
        });
    }

    async forget(favourite) {
        await this.orm.unlink("ir.filters", [favourite.id]);
        this.state.favourites = this.state.favourites.filter((one) => one.id !== favourite.id);
    }

    openRow(key, column) {
        return this.concentration.open("action_open", [OVERDUE, "customers", key, column]);
    }

    openCustomers(key) {
        return this.concentration.open("action_open_customers", [OVERDUE, "customers", key]);
    }
}

registry.category("actions").add("credit_dashboard", CreditDashboard);
