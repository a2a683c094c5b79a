import {registry} from "@web/core/registry";
import {formView} from "@web/views/form/form_view";
import {FormController} from "@web/views/form/form_controller";

/** After “Approve & next” the form goes on to the next notice of the list it was opened from. */
export class NoticeFormController extends FormController {
    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        if (clickParams.name !== "action_approve_next") {
            return;
        }
        const {resIds, resId} = this.model.root;
        const next = resIds[resIds.indexOf(resId) + 1];
        if (next) {
            await this.model.load({resId: next});
        } else {
            this.env.config.historyBack();
        }
    }
}

registry.category("views").add("credit_notice_form", {...formView, Controller: NoticeFormController});
