import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * What a customer owes by age, as a bar of coloured segments with their words.
 *
 * Reads a list of {code, label, tone, amount}; a click opens the items behind a segment.
 */
export class AgeingBar extends Component {
    static template = "credit_control.AgeingBar";
    static props = {...standardFieldProps, compact: {type: Boolean, optional: true}};

    setup() {
        this.action = useService("action");
    }

    get buckets() {
        const buckets = this.props.record.data[this.props.name] || [];
        const total = buckets.reduce((sum, bucket) => sum + bucket.amount, 0);
        return buckets.map((bucket) => ({
            ...bucket,
            text: this.format(bucket.amount),
            share: total > 0 ? (100 * bucket.amount) / total : 0,
        }));
    }

    get isEmpty() {
        return this.buckets.every((bucket) => !bucket.amount);
    }

    format(amount) {
        return formatMonetary(amount, {currencyId: this.props.record.data.currency_id?.id});
    }

    async open(bucket) {
        const {resModel, resId} = this.props.record;
        await this.action.doActionButton({
            type: "object",
            name: "action_open_items",
            resModel,
            resId,
            resIds: [resId],
            context: {credit_bucket: bucket.code},
        });
    }
}

registry.category("fields").add("credit_ageing_bar", {
    component: AgeingBar,
    supportedTypes: ["json"],
    extractProps: ({options}) => ({compact: Boolean(options.compact)}),
});
