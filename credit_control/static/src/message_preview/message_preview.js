import {Component, useRef} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const FRAME = `<base target="_blank"><style>
    body { margin: 0; padding: 12px; font-family: sans-serif; color: #212529; }
    img { max-width: 100%; }
</style>`;

/**
 * A message as the customer will see it, in a frame of its own: neither the styles of the
 * web client nor those of the message reach the other, and nothing in it can run.
 */
export class MessagePreview extends Component {
    static template = "credit_control.MessagePreview";
    static props = {...standardFieldProps};

    setup() {
        this.frame = useRef("frame");
        // The page that holds the frame may be laid out after the message was loaded.
        this.observer = new ResizeObserver(() => this.fit());
        onWillUnmount(() => this.observer.disconnect());
    }

    watch() {
        this.observer.disconnect();
        this.observer.observe(this.frame.el.contentDocument.body);
        this.fit();
    }

    get document() {
        return FRAME + String(this.props.record.data[this.props.name] || "");
    }

    /** Let the frame be as tall as the message. */
    fit() {
        const body = this.frame.el?.contentDocument?.body;
        if (body?.scrollHeight) {
            this.frame.el.style.height = `${Math.max(160, body.scrollHeight + 8)}px`;
        }
    }
}

registry.category("fields").add("credit_message_preview", {
    component: MessagePreview,
    supportedTypes: ["html", "text"],
});
