/* global Chart */
import {Component, onMounted, onPatched, onWillStart, onWillUnmount, useRef} from "@odoo/owl";
import {getTone, writeValue} from "./report_words";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {loadBundle} from "@web/core/assets";
import {user} from "@web/core/user";

const LABEL_LENGTH = 24;
const OTHERS = ["#2563eb", "#7c3aed", "#f59e0b", "#0e7490", "#b91c1c", "#15803d"];

/** A chart of a report: bars, lines and maps by the web client's own chart library, calendars as a table. */
export class ReportChart extends Component {
    static template = "credit_control_reporting.ReportChart";
    static props = {
        chart: Object,
        currencyId: Number,
        onOpen: Function,
        height: {type: Number, optional: true},
        hasTitle: {type: Boolean, optional: true},
    };
    static defaultProps = {height: 260, hasTitle: true};

    setup() {
        this.canvas = useRef("canvas");
        this.drawn = null;
        onWillStart(() => this.isCalendar || loadBundle("web.chartjs_lib"));
        onMounted(() => this.draw());
        onPatched(() => this.draw());
        onWillUnmount(() => this.drawn && this.drawn.destroy());
    }

    get isCalendar() {
        return this.props.chart.kind === "calendar";
    }

    write(value) {
        return writeValue(this.props.chart.unit, value, this.props.currencyId);
    }

    // -- calendars ------------------------------------------------------------------------

    get weekdays() {
        return this.weeks.length ? this.weeks[0].map((day) => day.date.toFormat("ccc")) : [];
    }

    /** Weeks of seven days: the labels of a calendar start on the first day of a week. */
    get weeks() {
        const {labels, series} = this.props.chart;
        const most = Math.max(1, ...series[0].values);
        const days = labels.map((label, place) => ({
            iso: label,
            date: deserializeDate(label),
            title: formatDate(deserializeDate(label)),
            value: series[0].values[place],
            share: series[0].values[place] / most,
        }));
        return Array.from({length: Math.ceil(days.length / 7)}, (_, week) => days.slice(7 * week, 7 * week + 7));
    }

    // -- charts -----------------------------------------------------------------------------

    draw() {
        if (this.isCalendar || !this.canvas.el) {
            return;
        }
        if (this.drawn) {
            this.drawn.destroy();
        }
        this.drawn = new Chart(this.canvas.el, this.props.chart.kind === "map" ? this.getMap() : this.getBars());
    }

    getColor(series, place) {
        const color = getTone(series.tone) || OTHERS[place % OTHERS.length];
        const before = this.props.chart.series.slice(0, place);
        return series.tone && before.some((other) => other.tone === series.tone) ? darken(color) : color;
    }

    getBars() {
        const {chart} = this.props;
        const isStacked = chart.kind === "stack";
        return {
            type: chart.kind === "line" ? "line" : "bar",
            data: {
                labels: chart.labels,
                datasets: chart.series.map((series, place) => ({
                    label: series.label,
                    data: series.values,
                    type: series.kind || undefined,
                    yAxisID: series.kind === "line" && chart.kind !== "line" ? "share" : "y",
                    order: series.kind === "line" ? 0 : 1,
                    backgroundColor: this.getColor(series, place),
                    borderColor: this.getColor(series, place),
                    tension: 0.2,
                    pointRadius: 2,
                })),
            },
            options: {
                ...this.getCommon(),
                scales: {
                    x: {
                        stacked: isStacked,
                        grid: {display: false},
                        ticks: {
                            callback(value) {
                                return abridge(this.getLabelForValue(value));
                            },
                        },
                    },
                    y: {stacked: isStacked, beginAtZero: true, ticks: {callback: (value) => shorten(value)}},
                    ...(chart.series.some((series) => series.kind === "line") && chart.kind !== "line"
                        ? {share: {position: "right", min: 0, max: 100, grid: {display: false}}}
                        : {}),
                },
                onClick: (_event, hits) => hits.length && this.openBar(hits[0]),
            },
        };
    }

    getMap() {
        const {chart} = this.props;
        return {
            type: "bubble",
            data: {
                datasets: chart.series.map((series, place) => ({
                    label: series.label,
                    data: series.values.map(([x, y, size, text]) => ({x, y, r: size, text})),
                    backgroundColor: `${this.getColor(series, place)}99`,
                    borderColor: this.getColor(series, place),
                })),
            },
            options: {
                ...this.getCommon((context) => `${context.raw.text}: ${this.write(context.raw.y)} (${context.raw.x})`),
                scales: {
                    x: {min: 0, max: 100, title: {display: true, text: chart.axes[0]}},
                    y: {
                        beginAtZero: true,
                        title: {display: true, text: chart.axes[1]},
                        ticks: {callback: (value) => shorten(value)},
                    },
                },
                onClick: (_event, hits) => hits.length && this.openDot(hits[0]),
            },
        };
    }

    getCommon(label) {
        const write = (context) => `${context.dataset.label}: ${this.write(context.parsed.y)}`;
        return {
            animation: false,
            maintainAspectRatio: false,
            plugins: {
                legend: {position: "bottom", labels: {boxWidth: 12}},
                tooltip: {callbacks: {label: label || write}},
            },
        };
    }

    openBar({index, datasetIndex}) {
        const {chart} = this.props;
        if (!chart.table || chart.keys[index] !== undefined) {
            this.props.onOpen(chart.table, chart.keys[index], chart.series[datasetIndex].key);
        }
    }

    openDot({index, datasetIndex}) {
        const {chart} = this.props;
        const key = chart.series[datasetIndex].values[index][4];
        if (chart.table && key !== undefined) {
            this.props.onOpen(chart.table, key, null);
        }
    }
}

function shorten(value) {
    return Intl.NumberFormat(user.lang, {notation: "compact"}).format(value);
}

/** Return a label as there is room for it under a chart; the tooltip has all of it. */
function abridge(label) {
    return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label;
}

/** Return a darker shade of a colour: the second series of a tone can be told from the first. */
function darken(color) {
    const parts = color.match(/^#(..)(..)(..)$/);
    const shades = parts ? parts.slice(1).map((part) => Math.round(parseInt(part, 16) * 0.55)) : null;
    return shades ? `rgb(${shades.join(", ")})` : color;
}
