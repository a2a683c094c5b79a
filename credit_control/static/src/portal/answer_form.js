import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** The form of an answer: the amount follows the invoices that are ticked, and it is sent once. */
export class CreditAnswerForm extends Interaction {
    static selector = ".o_credit_portal_form";
    dynamicContent = {
        "input[name=item]": {"t-on-change": this.suggestAmount},
        "input[name=amount]": {"t-on-input": () => (this.isTyped = true)},
        _root: {"t-on-submit": this.lockButton},
    };

    setup() {
        this.isTyped = false;
    }

    /** Suggest what is open on the ticked invoices, until somebody writes an amount of their own. */
    suggestAmount() {
        const amount = this.el.querySelector("input[name=amount]");
        if (!amount || this.isTyped) {
            return;
        }
        const ticked = [...this.el.querySelectorAll("input[name=item]:checked")];
        const total = ticked.reduce((sum, input) => sum + Number(input.dataset.amount), 0);
        amount.value = total ? total.toFixed(2) : "";
    }

    lockButton() {
        // Not before the browser has gathered what is sent.
        this.waitForTimeout(() => {
            this.el.querySelector("button[type=submit]").disabled = true;
        }, 0);
    }
}

registry.category("public.interactions").add("credit_control.answer_form", CreditAnswerForm);
