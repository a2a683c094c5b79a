import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

/**
 * What the screens of all reports ask the server for: figures, files, mails, favourites.
 *
 * @param {String} model the report
 */
export function useReportCalls(model) {
    const orm = useService("orm");
    const action = useService("action");
    const open = async (method, args) => action.doAction(await orm.call(model, method, args));
    return {
        open,
        call: (method, args) => orm.call(model, method, args),
        mail: (values) => open("action_schedule", [values]),

        /** Take the report along as a file of this kind. */
        download(kind, values) {
            const query = new URLSearchParams({
                options: JSON.stringify(values),
                company_ids: user.activeCompanies.map((company) => company.id).join(","),
            });
            action.doAction({
                type: "ir.actions.act_url",
                url: `/credit_control/report/${model}.${kind}?${query}`,
                target: "download",
            });
        },

        /** Keep what is asked under a name, for this user. Days aren't among it: a favourite is of the day it is opened on. */
        keep: (name, values, isDefault = false) =>
            orm.call("ir.filters", "create_filter", [
                {
                    name,
                    model_id: model,
                    context: JSON.stringify({options: JSON.stringify(values)}),
                    is_default: isDefault,
                    user_ids: [[6, 0, [user.userId]]],
                },
            ]),
    };
}
