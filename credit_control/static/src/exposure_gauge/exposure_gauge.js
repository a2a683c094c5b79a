import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * What is risked with a customer beside its limit: one coloured part a source, and a mark where the limit is.
 *
 * Reads {words, is_over, limit, scale, sources: [{code, label, tone, amount}]}; a click opens the rows behind a source.
 */
export class ExposureGauge extends Component {
    static template = "credit_control.ExposureGauge";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get gauge() {
        return this.props.record.data[this.props.name] || {sources: []};
    }

    get sources() {
        const {scale, sources} = this.gauge;
        return sources.map((source) => ({
            ...source,
            text: formatMonetary(source.amount, {currencyId: this.props.record.data.currency_id?.id}),
            share: scale > 0 ? Math.max(0, (100 * source.amount) / scale) : 0,
        }));
    }

    get limitAt() {
        const {limit, scale} = this.gauge;
        return limit && scale > 0 ? (100 * limit) / scale : null;
    }

    async open(source) {
        const {resModel, resId} = this.props.record;
        await this.action.doActionButton({
            type: "object",
            name: "action_open_exposure",
            resModel,
            resId,
            resIds: [resId],
            context: source ? {credit_source: source.code} : {},
        });
    }
}

registry.category("fields").add("credit_exposure_gauge", {
    component: ExposureGauge,
    supportedTypes: ["json"],
});
