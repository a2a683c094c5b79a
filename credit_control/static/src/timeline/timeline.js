import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const ICONS = {
    message: "fa-envelope-o",
    call: "fa-phone",
    mail: "fa-comment-o",
    payment: "fa-money",
    invoice: "fa-file-text-o",
    dispute: "fa-gavel",
    promise: "fa-calendar-check-o",
    pause: "fa-pause",
    warning: "fa-bell-o",
    hold: "fa-lock",
};

/** Everything that happened with a debtor, the latest first, with filters; read when its page is opened. */
export class CreditTimeline extends Component {
    static template = "credit_control.Timeline";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({rows: [], hasMore: false, filter: "all"});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((next) => next.record.resId !== this.props.record.resId && this.load(next));
    }

    get filters() {
        return [
            {name: "all", label: _t("All"), kinds: []},
            {name: "messages", label: _t("Messages"), kinds: ["message", "mail"]},
            {name: "calls", label: _t("Calls"), kinds: ["call"]},
            {name: "payments", label: _t("Payments"), kinds: ["payment"]},
            {name: "invoices", label: _t("Invoices"), kinds: ["invoice"]},
            {name: "disputes", label: _t("Disputes"), kinds: ["dispute"]},
            {name: "promises", label: _t("Promises"), kinds: ["promise", "pause"]},
            {name: "warnings", label: _t("Warnings"), kinds: ["warning", "hold"]},
        ];
    }

    icon(row) {
        return ICONS[row.kind] || "fa-circle-o";
    }

    /** What stands behind the icon, in words. */
    label(row) {
        return this.filters.find((filter) => filter.kinds.includes(row.kind))?.label;
    }

    async load(props, offset = 0) {
        const {kinds} = this.filters.find((filter) => filter.name === this.state.filter);
        const {resModel, resId} = props.record;
        const page = await this.orm.call(resModel, "action_read_timeline", [[resId]], {kinds, offset});
        this.state.rows = offset ? [...this.state.rows, ...page.rows] : page.rows;
        this.state.hasMore = page.has_more;
    }

    async choose(name) {
        this.state.filter = name;
        await this.load(this.props);
    }

    async more() {
        await this.load(this.props, this.state.rows.length);
    }

    async open(row) {
        if (row.model === "mail.message") {
            return;
        }
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: row.model,
            res_id: row.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("credit_timeline", {component: CreditTimeline});
