/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/base/messages.h"
#include "daemon/base/strv.h"
#include "daemon/service.h"

#define DESKTOP "desktop"
#define MANAGER "pm"
/* Who looks at the pane now may look elsewhere soon. */
#define SEEN_USEC (10 * USEC_PER_SEC)
#define LATER_USEC (10 * USEC_PER_MINUTE)
/* Of plugins that are told as well when a notice is over. */
#define TAG_TAKES_BACK "takes-back"
#define BUTTON_LATER "later"
#define BUTTON_KNOWN "known"
#define BUTTON_SHOW "show"
/* What a click beside the buttons means. */
#define BUTTON_CLICK "default"
#define BUTTON_APPROVE "approve"
#define BUTTON_DENY "deny"

/* By one plugin. */
typedef struct PluginTelling {
        Service *service;
        char channel[];
} PluginTelling;

/* A notice on its way: the owner's watcher is asked first, for it knows who sees what. */
typedef struct NoticeTask {
        Service *service;
        char *id;
        EpisodeDue what;
        WatchersQuestion *question;
        struct NoticeTask *prev, *next;
} NoticeTask;

static const char *const words[] = {
                [EPISODE_NOTHING] = "over",
                [EPISODE_TELL] = "tell",
                [EPISODE_REMIND] = "remind",
                [EPISODE_ESCALATE] = "escalate",
};

static void task_free(NoticeTask *t) {
        if (!t)
                return;
        if (t->service)
                DL_DELETE(t->service->notice_tasks, t);
        watchers_question_drop(t->question);
        free(t->id);
        free(t);
}

static int task_new(Service *s, const Episode *e, EpisodeDue what, NoticeTask **ret) {
        NoticeTask *t = calloc(1, sizeof(*t));

        if (!t)
                return -ENOMEM;
        t->what = what;
        t->id = strdup(e->id);
        if (!t->id) {
                task_free(t);
                return -ENOMEM;
        }
        t->service = s;
        DL_APPEND(s->notice_tasks, t);
        *ret = t;
        return 0;
}

static bool is_wanted(const Service *s, const char *channel, EpisodeDue what) {
        const typeof(s->config.config.notify) *c = &s->config.config.notify;

        return strv_contains(c->channels, channel) ||
                        (what == EPISODE_ESCALATE && strv_contains(c->escalation, channel));
}

static const char *severity_of(const Episode *e, EpisodeDue what) {
        if (what == EPISODE_ESCALATE || e->cause == EPISODE_CRASHED ||
                        e->cause == EPISODE_OOM_KILLED)
                return "critical";
        return e->cause == EPISODE_IDLE ? "info" : "warning";
}

static int make_notice(const Service *s, const Episode *e, EpisodeDue what, json_object **ret) {
        const Agent *a = registry_find_agent(s->registry, e->agent);
        _cleanup_json_ json_object *o = json_object_new_object();
        _cleanup_free_ char *summary = NULL;
        int r = o ? episode_describe(e, &summary) : -ENOMEM;

        if (r >= 0)
                r = json_set_string(o, "summary", summary);
        if (r >= 0)
                r = json_set_string(o, "severity", severity_of(e, what));
        if (r >= 0)
                r = json_set_string(o, "agent", e->agent);
        if (r >= 0)
                r = json_set_string(o, "state", episode_cause_to_string(e->cause));
        if (r >= 0)
                r = json_set_string(o, "target", e->target);
        if (r >= 0)
                r = json_set_string(o, "episode", e->id);
        if (r >= 0 && a && a->last.end_reason[0])
                r = json_set_string(o, "reason", a->last.end_reason);
        if (r >= 0 && a && a->last.advice[0])
                r = json_set_string(o, "advice", a->last.advice);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

/* A word for us and one for people each. */
static int add_buttons(json_object *o, const Episode *e) {
        static const char *const answers[] = {BUTTON_APPROVE, "Approve", BUTTON_DENY, "Deny"};
        static const char *const always[] = {BUTTON_SHOW, "Show", BUTTON_KNOWN, "I know",
                        BUTTON_LATER, "Later", BUTTON_CLICK, "Show the pane"};
        json_object *list = json_object_new_array();
        int r = json_set(o, "buttons", list);

        if (e->cause == EPISODE_WAITING && e->attention == ATTENTION_PERMISSION)
                FOREACH_ELEMENT (word, answers)
                        if (r >= 0)
                                r = json_append_string(list, *word);
        FOREACH_ELEMENT (word, always)
                if (r >= 0)
                        r = json_append_string(list, *word);
        return r;
}

/* What the owner's watcher makes of it. */
static int make_desktop_notice(const Service *s, const Agent *a, const Episode *e, EpisodeDue what,
                json_object **ret) {
        _cleanup_json_ json_object *o = NULL;
        const char *body = a->last.advice[0] ? a->last.advice : a->last.title;
        int r = make_notice(s, e, what, &o);

        if (r >= 0)
                r = json_set_string(o, "id", e->id);
        if (r >= 0)
                r = json_set_string(o, "body", body);
        if (r >= 0)
                r = json_set_bool(o, "critical", strcmp(severity_of(e, what), "critical") == 0);
        if (r >= 0)
                r = json_set_bool(o, "desktop", is_wanted(s, DESKTOP, what));
        if (r >= 0)
                r = add_buttons(o, e);
        if (r >= 0)
                *ret = TAKE_PTR(o);
        return r;
}

static void tell_journal(const Episode *e, EpisodeDue what) {
        _cleanup_free_ char *text = NULL;
        bool over = what == EPISODE_NOTHING;

        if (episode_describe(e, &text) < 0)
                return;
        log_full(over ? LOG_INFO : LOG_NOTICE, over ? MESSAGE_NOTICE_OVER : MESSAGE_NOTICE_TOLD,
                        LOG_FIELDS({LOG_FIELD_AGENT, e->agent}, {LOG_FIELD_ACTION, words[what]},
                                        {LOG_FIELD_STATE, episode_cause_to_string(e->cause)},
                                        {LOG_FIELD_COMPONENT, "notifier"}),
                        "%s%s", over ? "over: " : "", text);
}

static void on_plugin_done(void *userdata, int error, const char *sentence, json_object *output,
                const ExecInfo *info) {
        _cleanup_free_ PluginTelling *telling = userdata;
        Service *s = telling->service;

        if (error < 0)
                service_notices_note_trouble(s, telling->channel, sentence ?: strerror(-error));
        else
                service_notices_forget_trouble(s, telling->channel);
}

static void tell_plugin(Service *s, const char *name, json_object *notice) {
        ExecRequest request = {.name = name, .input = notice, .caller = {.uid = UID_INVALID}};
        _cleanup_free_ PluginTelling *telling = malloc(sizeof(*telling) + strlen(name) + 1);
        _cleanup_free_ char *sentence = NULL;
        Execution *execution;
        int r = -ENOMEM;

        if (telling) {
                telling->service = s;
                (void)strcpy(telling->channel, name);
                r = plugins_execute(s->plugins, &request, on_plugin_done, telling, &execution,
                                &sentence);
        }
        if (r >= 0)
                TAKE_PTR(telling);
        else
                service_notices_note_trouble(s, name, sentence ?: strerror(-r));
        if (r < 0)
                log_full(LOG_WARNING, NULL,
                                LOG_FIELDS({LOG_FIELD_PLUGIN, name},
                                                {LOG_FIELD_COMPONENT, "notifier"}),
                                "cannot tell by plugin %s: %s", name, sentence ?: strerror(-r));
}

bool service_notices_is_plugin(const char *channel) {
        return strcmp(channel, DESKTOP) != 0 && strcmp(channel, MANAGER) != 0;
}

/* Most can only say more; one that opens tickets would open another. */
static bool takes_back(const Service *s, const char *name) {
        const Plugin *p = plugins_find(s->plugins, name);

        return p && p->manifest && strv_contains(p->manifest->tags, TAG_TAKES_BACK);
}

static void tell_plugins(Service *s, const Episode *e, EpisodeDue what, bool escalated) {
        const typeof(s->config.config.notify) *c = &s->config.config.notify;
        bool over = what == EPISODE_NOTHING;
        _cleanup_json_ json_object *notice = NULL;

        if (make_notice(s, e, what, &notice) < 0 ||
                        (over && json_set_bool(notice, "over", true) < 0))
                return;
        STRV_FOREACH (channel, c->channels)
                if (service_notices_is_plugin(*channel) && (!over || takes_back(s, *channel)))
                        tell_plugin(s, *channel, notice);
        STRV_FOREACH (channel, c->escalation)
                if (escalated && service_notices_is_plugin(*channel) &&
                                !strv_contains(c->channels, *channel) &&
                                (!over || takes_back(s, *channel)))
                        tell_plugin(s, *channel, notice);
}

/* It is told: that is remembered first, for what is told twice is worse than what is told late. */
static void tell(Service *s, const Episode *e, EpisodeDue what) {
        notices_told(s->notices, e->id, what, now_realtime());
        if (is_wanted(s, MANAGER, what))
                service_notices_tell_manager(s, e);
        s->state_changed = true;
        service_state_save(s);
        tell_journal(e, what);
        bus_service_notice(s->bus, e, words[what]);
        tell_plugins(s, e, what, what == EPISODE_ESCALATE);
}

static void on_watcher_answered(void *userdata, int error, json_object *result) {
        NoticeTask *t = userdata;
        Service *s = t->service;
        const Episode *e = notices_find(s->notices, t->id);

        t->question = NULL;
        if (e && json_get_string(result, "token"))
                notices_set_token(s->notices, e->id, json_get_string(result, "token"));
        if (e && error >= 0 && json_get_bool(result, "seen", false))
                notices_postpone(s->notices, e->id, now_realtime() + SEEN_USEC);
        else if (e)
                tell(s, e, t->what);
        task_free(t);
}

/* Whether the owner's watcher was asked; it answers later. */
static bool ask_watcher(Service *s, const Episode *e, EpisodeDue what) {
        const Agent *a = registry_find_agent(s->registry, e->agent);
        _cleanup_json_ json_object *notice = NULL;
        NoticeTask *t;

        if (!a || make_desktop_notice(s, a, e, what, &notice) < 0 || task_new(s, e, what, &t) < 0)
                return false;
        if (watchers_show_notice(s->watchers, a, notice, on_watcher_answered, t, &t->question) >= 0)
                return true;
        task_free(t);
        return false;
}

static void on_due(void *userdata, const Episode *e, EpisodeDue what) {
        Service *s = userdata;

        /* The instance that has the name tells it; should ours be next, it goes on from there. */
        if (bus_service_looks_on(s->bus)) {
                notices_told(s->notices, e->id, what, now_realtime());
                return;
        }
        if (!ask_watcher(s, e, what))
                tell(s, e, what);
}

static void on_ended(void *userdata, const Episode *e) {
        Service *s = userdata;

        s->state_changed = true;
        if (s->watchers)
                watchers_close_notice(s->watchers, e->uid, e->id);
        if (e->n_told == 0)
                return;
        tell_journal(e, EPISODE_NOTHING);
        bus_service_notice(s->bus, e, words[EPISODE_NOTHING]);
        if (!bus_service_looks_on(s->bus))
                tell_plugins(s, e, EPISODE_NOTHING, e->escalated_usec > 0);
}

static const NoticesEvents events = {.due = on_due, .ended = on_ended};

static void on_acted(void *userdata, int error, const ActOutcome *outcome) {
        /* The journal has it, whatever came of it. */
}

/* As safe as any other typing: of the screen that was told of, or not at all. */
static void answer(Service *s, const Episode *e, ActKind kind) {
        const Agent *a = registry_find_agent(s->registry, e->agent);
        ActCause cause = {.why = "notice", .uid = e->uid};
        ActOrder order = {.kind = kind};

        if (!a || (!e->token && kind != ACT_KIND_SHOW))
                return;
        if (kind != ACT_KIND_SHOW) {
                order.pid = a->last.pid;
                (void)snprintf(order.token, sizeof(order.token), "%s", e->token);
        }
        if (acts_do(s->acts, a, &order, &cause, on_acted, NULL, NULL) < 0)
                log_warning("%s cannot be answered now: too much is being done", e->agent);
}

static void on_pressed(void *userdata, uid_t uid, const char *id, const char *button) {
        Service *s = userdata;
        const Episode *e = notices_find(s->notices, id);

        if (!e || e->uid != uid)
                return; /* it is over, or none of this user's */
        if (strcmp(button, BUTTON_KNOWN) == 0)
                (void)notices_acknowledge(s->notices, e->agent);
        else if (strcmp(button, BUTTON_LATER) == 0)
                (void)notices_snooze(s->notices, e->agent, now_realtime() + LATER_USEC);
        else if (strcmp(button, BUTTON_SHOW) == 0 || strcmp(button, BUTTON_CLICK) == 0)
                answer(s, e, ACT_KIND_SHOW);
        else if (strcmp(button, BUTTON_APPROVE) == 0)
                answer(s, e, ACT_KIND_APPROVE);
        else if (strcmp(button, BUTTON_DENY) == 0)
                answer(s, e, ACT_KIND_DENY);
        s->state_changed = true;
}

/* Observers are told apart by their userdata, and others of the service's have the service. */
static Service *service_of(void *userdata) {
        return CONTAINER_OF((Notices **)userdata, Service, notices);
}

static void note_agent(void *userdata, const Agent *a) {
        Service *s = service_of(userdata);
        const NoticeSubject subject = {
                        .agent = a->id,
                        .type = a->last.type,
                        .target = a->target,
                        .uid = a->server->uid,
                        .state = a->last.state,
                        .attention = a->last.attention,
                        .attributes = a->last.attributes,
                        .since_usec = a->since_usec,
        };

        if (notices_update(s->notices, &subject, now_realtime()) < 0)
                log_warning("out of memory: %s may need somebody, and nobody is told", a->id);
}

static void note_agent_change(void *userdata, const Agent *a, AgentState old) {
        note_agent(userdata, a);
}

static void note_agent_gone(void *userdata, const Agent *a) {
        Service *s = service_of(userdata);

        notices_forget(s->notices, a->id);
}

static const RegistryObserver observer = {
                .agent_added = note_agent,
                .agent_changed = note_agent_change,
                .agent_removed = note_agent_gone,
};

void service_notices_reload(Service *s) {
        const typeof(s->config.config.notify) *c = &s->config.config.notify;
        EpisodePolicy policy = {
                        .delay_usec = c->delay_usec,
                        .cooldown_usec = c->cooldown_usec,
                        .remind_usec = c->remind_usec,
                        .escalate_usec = c->escalate_usec,
        };
        const Agent *a = NULL;

        STRV_FOREACH (cause, c->causes) {
                EpisodeCause value = episode_cause_from_string(*cause);

                if (value >= 0)
                        policy.causes |= 1U << value;
        }
        (void)config_parse_hours(c->quiet_hours, &policy.quiet_from, &policy.quiet_to);
        notices_set_policy(s->notices, &policy);
        while ((a = registry_next_agent(s->registry, a)))
                note_agent(&s->notices, a);
}

int service_notices_acknowledge(Service *s, const Agent *a) {
        int r = notices_acknowledge(s->notices, a->id);

        if (r == -EALREADY)
                return 0;
        s->state_changed = true;
        return r;
}

int service_notices_snooze(Service *s, const Agent *a, uint64_t usec) {
        s->state_changed = true;
        return notices_snooze(s->notices, a->id, now_realtime() + usec);
}

void service_notices_run(Service *s) {
        (void)notices_run(s->notices, now_realtime());
        service_notices_run_manager(s);
}

int service_notices_restart(Service *s) {
        while (s->notice_tasks) {
                notices_postpone(s->notices, s->notice_tasks->id, now_realtime());
                task_free(s->notice_tasks);
        }
        service_notices_forget_trouble(s, NULL);
        service_notices_run(s);
        return 0;
}

int service_notices_new(Service *s) {
        return notices_new(&events, s, &s->notices);
}

int service_notices_start(Service *s) {
        watchers_set_pressed(s->watchers, on_pressed, s);
        service_notices_reload(s);
        return registry_add_observer(s->registry, &observer, &s->notices);
}

void service_notices_stop(Service *s) {
        if (s->registry)
                registry_remove_observer(s->registry, &s->notices);
        service_notices_stop_manager(s);
        while (s->notice_tasks)
                task_free(s->notice_tasks);
        service_notices_forget_trouble(s, NULL);
        s->notices = notices_free(s->notices);
}
