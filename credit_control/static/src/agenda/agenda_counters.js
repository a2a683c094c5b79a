import {Component, onMounted, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {listView} from "@web/views/list/list_view";
import {ListController} from "@web/views/list/list_controller";

/** Filters of the search view that stand behind the counters; one of them at a time. */
const FILTERS = ["due", "late", "today", "week", "done"];

/**
 * What is on the user's agenda: late, today, this week, and what was done today. A click shows just that. Below it what
 * may be missing in the books, with the way to mend it first.
 */
export class AgendaCounters extends Component {
    static template = "credit_control.AgendaCounters";
    static props = {list: {type: Object, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({counts: {}, guards: []});
        onWillStart(() => this.load());
        onWillUpdateProps(() => this.load());
        // Nobody waits for it: the list is there before.
        onMounted(async () => {
            this.state.guards = await this.orm.call("credit.debtor", "action_read_guards", []);
        });
    }

    async mend(guard) {
        await this.action.doAction(await this.orm.call("credit.debtor", guard.method, []));
    }

    async load() {
        this.state.counts = await this.orm.call("credit.debtor", "action_count_agenda", []);
    }

    get counters() {
        const labels = {
            late: _t("Late"),
            today: _t("Today"),
            week: _t("In 7 days"),
            done: _t("Done today"),
        };
        return Object.entries(labels).map(([name, label]) => ({name, label, count: this.state.counts[name] || 0}));
    }

    get items() {
        return this.env.searchModel.getSearchItems((item) => item.type === "filter" && FILTERS.includes(item.name));
    }

    isActive(name) {
        return this.items.some((item) => item.name === name && item.isActive);
    }

    show(name) {
        const wanted = this.isActive(name) ? "due" : name;
        for (const item of this.items) {
            if (Boolean(item.isActive) !== (item.name === wanted)) {
                this.env.searchModel.toggleSearchItem(item.id);
            }
        }
    }
}

export class AgendaListController extends ListController {
    static template = "credit_control.AgendaListView";
    static components = {...ListController.components, AgendaCounters};
}

export class AgendaKanbanController extends KanbanController {
    static template = "credit_control.AgendaKanbanView";
    static components = {...KanbanController.components, AgendaCounters};
}

registry.category("views").add("credit_agenda_list", {...listView, Controller: AgendaListController});
registry.category("views").add("credit_agenda_kanban", {...kanbanView, Controller: AgendaKanbanController});

/** Show the next customer in place of this one, so that the way back leads to the agenda. */
async function showNext(env, {params}) {
    const {action} = env.services;
    const next = params.action;
    // The dialog of the call, where there is one.
    await action.doAction({type: "ir.actions.act_window_close"});
    const current = action.currentController;
    if (current?.action.res_model !== next.res_model) {
        return next;
    }
    const {resIds} = current.props || {};
    const props = resIds?.includes(next.res_id) ? {resIds} : {};
    await action.switchView("form", {...props, resId: next.res_id});
}

registry.category("actions").add("credit_agenda_next", showNext);
