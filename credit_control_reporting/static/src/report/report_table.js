import {Component, useState} from "@odoo/owl";
import {writeValue} from "./report_words";

/** A table of a report: sorts by a click on a heading, its cells open what they are made of. */
export class ReportTable extends Component {
    static template = "credit_control_reporting.ReportTable";
    static props = {
        table: Object,
        currencyId: Number,
        isOnly: Boolean,
        onOpen: Function,
        onCustomers: Function,
        onMore: Function,
    };

    setup() {
        this.state = useState({column: null, down: true});
    }

    get sorts() {
        return !this.props.table.rows.some((row) => row.is_head);
    }

    get rows() {
        const {rows} = this.props.table;
        const {column, down} = this.state;
        if (column === null) {
            return rows;
        }
        const sign = down ? -1 : 1;
        return [...rows].sort((one, other) => sign * compare(one.cells[column], other.cells[column]));
    }

    sort(column) {
        if (this.sorts) {
            const isSame = this.state.column === column;
            Object.assign(this.state, {column, down: isSame ? !this.state.down : true});
        }
    }

    isFigure(column) {
        return column.kind !== "text" && column.kind !== "date";
    }

    /** Return the colour of a bar: more than a gauge allows is too much; a goal may still be reached. */
    getGaugeClass(column, value) {
        if (column.kind === "goal") {
            return value >= 100 ? "bg-success" : "bg-info";
        }
        return value > 100 ? "bg-danger" : "bg-success";
    }

    write(row, column, value) {
        if (row.is_head && value === null) {
            return "";
        }
        const kind = row.kind && this.isFigure(column) ? row.kind : column.kind;
        return writeValue(kind, value, this.props.currencyId);
    }

    opens(row, column, value) {
        return column.opens && !row.is_head && value !== null && value !== 0 && value !== false;
    }
}

function compare(one, other) {
    if (one === null || other === null) {
        return (one === null ? 0 : 1) - (other === null ? 0 : 1);
    }
    return typeof one === "string" ? one.localeCompare(other) : one - other;
}
