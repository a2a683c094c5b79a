import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {formatFloat, formatMonetary} from "@web/views/fields/formatters";

/** Return the colour of a tone, as `tones.scss` has it; "" where there is none. */
export function getTone(tone) {
    return tone ? getComputedStyle(document.documentElement).getPropertyValue(`--credit-tone-${tone}`).trim() : "";
}

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
    const text = formatFloat(value, {digits: [16, ["count", "gauge", "goal"].includes(kind) ? 0 : 1]});
    return ["percent", "gauge", "goal"].includes(kind) ? `${text} %` : text;
}
