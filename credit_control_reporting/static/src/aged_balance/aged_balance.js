import {Component, onWillStart, useRef, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {Layout} from "@web/search/layout";
import {formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useReportCalls} from "../report/report_calls";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

const MODEL = "credit.aged.balance";
// Where an arrow key leads: rows and cells further.
const ARROWS = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

/**
 * The aged balance: options on top, lines that unfold, amounts that open their entries.
 * All figures come from the server; nothing is added up here.
 */
export class AgedBalance extends Component {
    static template = "credit_control_reporting.AgedBalance";
    static components = {Dropdown, DropdownItem, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.calls = useReportCalls(MODEL);
        this.table = useRef("table");
        const kept = this.props.state || {};
        this.state = useState({
            values: kept.values || this.props.action.params?.values || null,
            report: null,
            unfolded: {},
            favourites: [],
            newName: "",
            newIsDefault: false,
            busy: false,
        });
        useSetupAction({getLocalState: () => ({values: this.state.values})});
        onWillStart(() => this.start());
    }

    get display() {
        return {controlPanel: {}};
    }

    async start() {
        await this.loadFavourites();
        if (!this.state.values) {
            const usual = this.state.favourites.find((favourite) => favourite.isDefault);
            this.state.values = usual ? usual.values : {axes: ["customer"]};
        }
        await this.load();
    }

    async load(limit) {
        this.state.busy = true;
        try {
            const args = limit ? [this.state.values, limit] : [this.state.values];
            const report = await this.calls.call("get_screen", args);
            Object.assign(this.state, {report, unfolded: {}, values: report.options});
        } catch (error) {
            // What was typed can't be read: the server says why, and the screen stays as it was.
            if (this.state.report) {
                this.state.values = {...this.state.report.options};
            }
            throw error;
        } finally {
            this.state.busy = false;
        }
    }

    async change(changes) {
        this.state.values = {...this.state.values, ...changes};
        await this.load();
    }

    setAxis(place, code) {
        const axes = [...this.state.values.axes];
        axes.splice(place, 1, ...(code ? [code] : []));
        return this.change({axes});
    }

    showAll() {
        return this.load(this.state.report.count);
    }

    // -- favourites: options under a name, of this user -----------------------------

    async loadFavourites() {
        const found = await this.orm.call("ir.filters", "get_filters", [MODEL]);
        this.state.favourites = found.flatMap((filter) => {
            try {
                return [
                    {
                        id: filter.id,
                        name: filter.name,
                        isDefault: filter.is_default,
                        values: JSON.parse(JSON.parse(filter.context).options),
                    },
                ];
            } catch {
                return [];
            }
        });
    }

    async saveFavourite() {
        const name = this.state.newName.trim();
        if (!name) {
            return;
        }
        const options = {...this.state.values, as_of: undefined};
        await this.calls.keep(name, options, this.state.newIsDefault);
        Object.assign(this.state, {newName: "", newIsDefault: false});
        await this.loadFavourites();
    }

    async removeFavourite(favourite) {
        await this.orm.unlink("ir.filters", [favourite.id]);
        await this.loadFavourites();
    }

    // -- lines ----------------------------------------------------------------------

    async toggle(line) {
        const {unfolded} = this.state;
        const id = String(line.key);
        if (unfolded[id]) {
            delete unfolded[id];
        } else if (line.folds) {
            unfolded[id] = await this.calls.call("get_lines", [this.state.values, [line.key]]);
        }
    }

    parts(line) {
        return this.state.unfolded[String(line.key)] || [];
    }

    open(keys, column = "total") {
        return this.calls.open("action_open", [this.state.values, keys, column]);
    }

    openCustomers(keys) {
        return this.calls.open("action_open_customers", [this.state.values, keys]);
    }

    /**
     * Walk through the table by the arrow keys, from figure to figure.
     *
     * @param {KeyboardEvent} event
     */
    onKeydown(event) {
        const step = ARROWS[event.key];
        const cell = event.target.closest("td");
        if (!step || !cell) {
            return;
        }
        event.preventDefault();
        const rows = [...this.table.el.querySelectorAll("tbody tr, tfoot tr")];
        let row = rows.indexOf(cell.parentElement);
        let place = cell.cellIndex;
        let button;
        do {
            row += step[0];
            place += step[1];
            const next = rows[row]?.cells[place];
            if (!next) {
                return;
            }
            button = next.querySelector("button");
        } while (!button);
        button.focus();
    }

    // -- words ----------------------------------------------------------------------

    /** Return what stands behind the amounts of a line: the DSO, a dash where nothing can be said. */
    getTail(row, place) {
        return row.details[this.state.report.details.length + place] ?? "–";
    }

    format(amount) {
        return formatMonetary(amount, {currencyId: this.state.report.currency_id, noSymbol: true});
    }
}

registry.category("actions").add("credit_aged_balance", AgedBalance);
