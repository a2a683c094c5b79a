import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {Layout} from "@web/search/layout";
import {formatMonetary} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {user} from "@web/core/user";

const MODEL = "credit.aged.balance";

/**
 * The aged balance: options on top, lines that unfold, amounts that open their entries.
 * All figures come from the server; nothing is added up here.
 */
export class AgedBalance extends Component {
    static template = "credit_control_reporting.AgedBalance";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const kept = this.props.state || {};
        this.state = useState({
            values: kept.values || {axes: ["customer"], only_overdue: false},
            report: null,
            unfolded: {},
            busy: false,
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
            const report = await this.orm.call(MODEL, "get_screen", args);
            Object.assign(this.state, {report, unfolded: {}, values: report.options});
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

    async toggle(line) {
        const {unfolded} = this.state;
        const id = String(line.key);
        if (unfolded[id]) {
            delete unfolded[id];
        } else if (line.folds) {
            unfolded[id] = await this.orm.call(MODEL, "get_lines", [this.state.values, [line.key]]);
        }
    }

    parts(line) {
        return this.state.unfolded[String(line.key)] || [];
    }

    async open(keys) {
        this.action.doAction(await this.orm.call(MODEL, "action_open", [this.state.values, keys]));
    }

    download(kind) {
        const query = new URLSearchParams({
            options: JSON.stringify(this.state.values),
            company_ids: user.activeCompanies.map((company) => company.id).join(","),
        });
        this.action.doAction({
            type: "ir.actions.act_url",
            url: `/credit_control/aged_balance.${kind}?${query}`,
            target: "download",
        });
    }

    format(amount) {
        return amount ? formatMonetary(amount, {currencyId: this.state.report.currency_id, noSymbol: true}) : "–";
    }

    get ledgerText() {
        const {ledger} = this.state.report;
        const amount = formatMonetary(ledger.amount, {currencyId: this.state.report.currency_id});
        return ledger.ties
            ? _t("equals the receivable accounts: %s", amount)
            : _t("the receivable accounts say %s", amount);
    }
}

registry.category("actions").add("credit_aged_balance", AgedBalance);
