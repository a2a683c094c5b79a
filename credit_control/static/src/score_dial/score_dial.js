import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const RADIUS = 20;
const LENGTH = 2 * Math.PI * RADIUS;

/**
 * The trust score as a dial with its grade, its change and the way to its explanation.
 *
 * Reads {label, state, value, grade, delta}; where there is no figure it shows the label's words.
 */
export class ScoreDial extends Component {
    static template = "credit_control.ScoreDial";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get score() {
        return this.props.record.data[this.props.name] || {};
    }

    get hasFigure() {
        return this.score.state === "scored";
    }

    get dash() {
        return `${(LENGTH * (this.score.value || 0)) / 100} ${LENGTH}`;
    }

    get tone() {
        return `o_credit_grade_${(this.score.grade || "none").toLowerCase()}`;
    }

    get change() {
        const {delta} = this.score;
        if (delta === null || delta === undefined) {
            return "";
        }
        return delta === 0 ? "=" : `${delta > 0 ? "▲" : "▼"} ${Math.abs(delta)}`;
    }

    async explain() {
        const {resModel, resId} = this.props.record;
        await this.action.doActionButton({
            type: "object",
            name: "action_explain_score",
            resModel,
            resId,
            resIds: [resId],
        });
    }
}

registry.category("fields").add("credit_score_dial", {
    component: ScoreDial,
    supportedTypes: ["json"],
});
