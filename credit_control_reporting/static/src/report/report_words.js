import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {formatFloat, formatMonetary} from "@web/views/fields/formatters";

export const TONES = {
    grey: "#9ca3af",
    amber: "#f59e0b",
    orange: "#ea580c",
    red: "#b91c1c",
    violet: "#7c3aed",
    blue: "#2563eb",
    green: "#15803d",
};

/** Write a value of a report as people read it; what nothing can be said of is a dash. */
export function writeValue(kind, value, currencyId) {
    if (value === null || value === false || value === undefined) {
        return kind === "text" ? "" : "–";
    }
    if (kind === "date") {
        return formatDate(deserializeDate(value));
    }
    if (kind === "text" || typeof value === "string") {
        return value;
    }
    if (kind === "amount") {
        return formatMonetary(value, {currencyId, noSymbol: true});
    }
    const text = formatFloat(value, {digits: [16, kind === "count" ? 0 : 1]});
    return kind === "percent" ? `${text} %` : text;
}
