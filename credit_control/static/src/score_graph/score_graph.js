import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const WIDTH = 800;
const HEIGHT = 160;

/**
 * The history of a score, always on the scale of 0 to 100, with the lines at which the grades begin.
 *
 * Reads {points: [{x, y, label}], bands: [{grade, minimum}], from, to}; x runs from 0 to 1, y is the figure.
 */
export class ScoreGraph extends Component {
    static template = "credit_control.ScoreGraph";
    static props = {...standardFieldProps};

    get graph() {
        return this.props.record.data[this.props.name];
    }

    get viewBox() {
        return `0 0 ${WIDTH} ${HEIGHT}`;
    }

    get points() {
        return this.graph.points.map((point) => ({...point, cx: point.x * WIDTH, cy: this.height(point.y)}));
    }

    get line() {
        return this.points.map((point) => `${point.cx},${point.cy}`).join(" ");
    }

    height(value) {
        return HEIGHT - (HEIGHT * value) / 100;
    }
}

registry.category("fields").add("credit_score_graph", {
    component: ScoreGraph,
    supportedTypes: ["json"],
});
