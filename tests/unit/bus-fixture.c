/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bus-fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "daemon/agents/agent-cache.h"
#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/config/config-set.h"

static int check(Authorizer *authorizer, sd_bus_message *m, const AuthorizeQuestion *question,
                sd_bus_error *reterr) {
        BusFixture *f = CONTAINER_OF(authorizer, BusFixture, authorizer);

        f->asked_owner = question->owner;
        return f->deny ? sd_bus_error_set(reterr, SD_BUS_ERROR_ACCESS_DENIED, "no") : 0;
}

static int ask(BusFixture *f, WatchersAnswer answer, void *userdata, WatchersQuestion **ret) {
        if (f->ask_result < 0)
                return f->ask_result;

        f->asked++;
        f->answer = answer;
        f->answer_userdata = userdata;
        *ret = (WatchersQuestion *)f;
        return 0;
}

static int ask_screen(void *userdata, const Agent *agent, unsigned lines, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        return ask(userdata, answer, answer_userdata, ret);
}

static int ask_explain(void *userdata, const Agent *agent, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        return ask(userdata, answer, answer_userdata, ret);
}

static int send_event(void *userdata, const Agent *agent, pid_t pid, const char *source,
                const char *event, json_object *details, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        BusFixture *f = userdata;

        (void)snprintf(f->event_told, sizeof(f->event_told), "%s %s %s %s", agent->id, source,
                        event, details ? json_object_to_json_string(details) : "-");
        return ask(f, answer, answer_userdata, ret);
}

static int ask_act(void *userdata, const Agent *agent, const ActOrder *order, WatchersAnswer answer,
                void *answer_userdata, WatchersQuestion **ret) {
        json_object *o = NULL;
        BusFixture *f = userdata;

        assert_int_equal(act_order_to_json(order, &o), 0);
        (void)snprintf(f->ordered, sizeof(f->ordered), "%s",
                        json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
        (void)json_object_put(o);
        return ask(f, answer, answer_userdata, ret);
}

static void drop(void *userdata, WatchersQuestion *question) {
        BusFixture *f = userdata;

        f->dropped++;
}

static void tell(void *userdata, const ActDeed *deed) {
        BusFixture *f = userdata;

        f->deeds++;
}

static const ActsPort acts_port = {.ask = ask_act, .drop = drop};

static int reload(void *userdata, char **reterr) {
        BusFixture *f = userdata;

        if (f->reload_result < 0)
                *reterr = strdup("config.yaml:3: error");
        return f->reload_result;
}

static int set_config(void *userdata, const char *key, const ConfigValue *value, bool persist,
                uid_t caller, char **reterr) {
        BusFixture *f = userdata;
        _cleanup_free_ char *text = value ? config_value_to_text(value) : strdup("-");

        (void)snprintf(f->event_told, sizeof(f->event_told), "%s %s %d", key, text, persist);
        if (f->set_result == -EBADMSG)
                *reterr = strdup("it must be a number");
        return f->set_result;
}

static int roll_back_config(void *userdata, unsigned version, uid_t caller, char **reterr) {
        BusFixture *f = userdata;

        (void)snprintf(f->event_told, sizeof(f->event_told), "back to %u", version);
        return f->set_result;
}

static int export_config(void *userdata, char **ret) {
        *ret = strdup("a: 1\n");
        return 0;
}

static int import_config(void *userdata, const char *yaml, uid_t caller, char **reterr) {
        BusFixture *f = userdata;

        (void)snprintf(f->event_told, sizeof(f->event_told), "import %s", yaml);
        return f->set_result;
}

static void forget_state(void *userdata) {
        BusFixture *f = userdata;

        (void)strcpy(f->event_told, "forget");
}

static int list_config_versions(void *userdata, KeptVersions *ret) {
        *ret = (KeptVersions){.items = calloc(1, sizeof(*ret->items)), .n_items = 1};
        ret->items[0] = (KeptVersion){.number = 7, .when_usec = 8, .what = strdup("set x")};
        return 0;
}

static int read_history(BusFixture *f, HistoryDone done, void *userdata, HistoryReading **ret) {
        if (f->report_result < 0)
                return f->report_result;

        f->report_done = done;
        f->report_userdata = userdata;
        *ret = NULL;
        return 0;
}

static int make_report(void *userdata, ReportKind kind, uint64_t since_usec, uint64_t until_usec,
                uid_t uid, HistoryDone done, void *done_userdata, HistoryReading **ret) {
        BusFixture *f = userdata;

        (void)snprintf(f->report_told, sizeof(f->report_told), "%s %s %llu",
                        report_kind_to_string(kind), uid == UID_INVALID ? "all" : "own",
                        (unsigned long long)(until_usec - since_usec));
        return read_history(f, done, done_userdata, ret);
}

static int update_baseline(void *userdata, uint64_t since_usec, uint64_t until_usec,
                HistoryDone done, void *done_userdata, HistoryReading **ret) {
        return read_history(userdata, done, done_userdata, ret);
}

static int validate_state(
                void *userdata, HistoryDone done, void *done_userdata, HistoryReading **ret) {
        return read_history(userdata, done, done_userdata, ret);
}

static const BusActions actions = {
                .ask_screen = ask_screen,
                .ask_explain = ask_explain,
                .send_event = send_event,
                .drop = drop,
                .reload = reload,
                .set_config = set_config,
                .roll_back_config = roll_back_config,
                .list_config_versions = list_config_versions,
                .export_config = export_config,
                .import_config = import_config,
                .forget_state = forget_state,
                .make_report = make_report,
                .update_baseline = update_baseline,
                .validate_state = validate_state,
};

/* The agent itself answers, and at once. */
static int look(void *userdata, const char *agent_id, HealthAnswer answer, void *answer_userdata,
                void **ret_question) {
        BusFixture *f = userdata;
        HealthLook seen = {.alive = true, .state = AGENT_IDLE, .hash = "0"};

        f->asked++;
        *ret_question = f;
        answer(answer_userdata, 0, &seen);
        return 0;
}

static void drop_look(void *userdata, void *question) {}

static void check_thing(void *userdata, ComponentReport *report) {
        BusFixture *f = userdata;

        component_report_set(report, (Health)f->component_health, "health %d", f->component_health);
}

static int restart_thing(void *userdata) {
        BusFixture *f = userdata;

        f->component_health = HEALTH_GREEN;
        return 0;
}

static const ComponentSpec specs[] = {
                {"thing", NULL, check_thing, restart_thing},
                {"rock", NULL, check_thing, NULL},
                {},
};

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        BusFixture *f = userdata;
        uint8_t type;
        size_t n;

        (void)sd_bus_message_get_type(m, &type);
        if (type != SD_BUS_MESSAGE_SIGNAL)
                return 0;

        n = strlen(f->signals);
        (void)snprintf(f->signals + n, sizeof(f->signals) - n, "%s %s",
                        strrchr(sd_bus_message_get_path(m), '/'), sd_bus_message_get_member(m));

        /* The words of those that have words only, or the names of what changed. */
        for (;;) {
                const char *text, *contents;
                char kind;

                if (sd_bus_message_peek_type(m, &kind, &contents) <= 0)
                        break;
                n = strlen(f->signals);
                if (kind == 's' || kind == 'o') {
                        (void)sd_bus_message_read_basic(m, kind, &text);
                        (void)snprintf(f->signals + n, sizeof(f->signals) - n, " %s",
                                        text[0] == '/' ? strrchr(text, '/') : text);
                } else if (kind == 'a' && strcmp(contents, "{sv}") == 0) {
                        (void)sd_bus_message_enter_container(m, 'a', "{sv}");
                        while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                                (void)sd_bus_message_read(m, "s", &text);
                                n = strlen(f->signals);
                                (void)snprintf(f->signals + n, sizeof(f->signals) - n, " %s", text);
                                (void)sd_bus_message_skip(m, "v");
                                (void)sd_bus_message_exit_container(m);
                        }
                        (void)sd_bus_message_exit_container(m);
                } else
                        (void)sd_bus_message_skip(m, NULL);
        }

        n = strlen(f->signals);
        (void)snprintf(f->signals + n, sizeof(f->signals) - n, "\n");
        return 0;
}

static void open_ends(BusFixture *f) {
        sd_id128_t id;
        int fds[2];

        assert_int_equal(
                        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        assert_true(sd_id128_randomize(&id) >= 0);
        assert_true(sd_bus_new(&f->server) >= 0 && sd_bus_new(&f->client) >= 0);
        assert_true(sd_bus_set_fd(f->server, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_set_fd(f->client, fds[1], fds[1]) >= 0);
        assert_true(sd_bus_set_server(f->server, true, id) >= 0);
        assert_true(sd_bus_start(f->server) >= 0 && sd_bus_start(f->client) >= 0);
        assert_true(sd_bus_add_filter(f->client, NULL, on_signal, f) >= 0);
}

int bus_fixture_setup(void **state) {
        BusFixture *f = calloc(1, sizeof(*f));
        ConfigProblems problems = {};
        BusParts parts;

        f->authorizer.check = check;
        assert_int_equal(sd_event_new(&f->event), 0);
        assert_int_equal(registry_new(NULL, &f->registry), 0);
        assert_int_equal(cache_new(&cache_default_limits, &f->cache), 0);
        assert_int_equal(agent_cache_attach(f->cache, f->registry), 0);
        assert_int_equal(health_checks_new(f->event, f->cache,
                                         &(HealthAsker){.ask = look,
                                                         .drop = drop_look,
                                                         .userdata = f},
                                         &(HealthLimits){.concurrency = 20,
                                                         .timeout_usec = USEC_PER_SEC},
                                         &f->health),
                        0);
        assert_int_equal(watchers_new(f->event, f->registry, &f->watchers), 0);
        assert_int_equal(
                        cycle_new(f->event, f->registry, f->watchers, USEC_PER_HOUR, &f->cycle), 0);
        assert_int_equal(plugins_new(&(PluginsSetup){.runner.event = f->event}, &f->plugins), 0);
        assert_int_equal(acts_new(&acts_port, f, tell, f, &f->acts), 0);
        assert_int_equal(components_new(specs, f, &f->components), 0);
        assert_int_equal(metrics_new(&f->metrics), 0);
        assert_int_equal(alerts_new(&f->alerts), 0);
        assert_int_equal(config_load(NULL, NULL, &f->config, &problems), 0);
        config_problems_done(&problems);
        open_ends(f);

        parts = (BusParts){
                        .event = f->event,
                        .registry = f->registry,
                        .cycle = f->cycle,
                        .cost = &f->cost,
                        .components = f->components,
                        .metrics = f->metrics,
                        .alerts = f->alerts,
                        .cache = f->cache,
                        .health = f->health,
                        .plugins = f->plugins,
                        .acts = f->acts,
                        .config = &f->config,
                        .authorizer = &f->authorizer,
                        .actions = &actions,
                        .userdata = f,
                        .user_mode = true,
        };
        assert_int_equal(bus_exports_new(f->server, &parts, &f->exports), 0);

        assert_int_equal(report_server(f->registry, LIVENESS_ALIVE, 100, ""), 0);
        assert_int_equal(report_agent(f->registry, "%1", AGENT_IDLE, 1000), 0);
        bus_fixture_turn(f);
        f->signals[0] = '\0';
        *state = f;
        return 0;
}

int bus_fixture_teardown(void **state) {
        BusFixture *f = *state;

        bus_exports_free(f->exports);
        sd_bus_message_unref(f->reply);
        sd_bus_close_unref(f->client);
        sd_bus_close_unref(f->server);
        components_free(f->components);
        alerts_free(f->alerts);
        metrics_free(f->metrics);
        plugins_free(f->plugins);
        acts_free(f->acts);
        cycle_free(f->cycle);
        watchers_free(f->watchers);
        health_checks_free(f->health);
        agent_cache_detach(f->cache, f->registry);
        cache_free(f->cache);
        registry_free(f->registry);
        config_done(&f->config);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

void bus_fixture_turn(BusFixture *f) {
        for (unsigned idle = 0; idle < 3;) {
                int a = sd_bus_process(f->server, NULL);
                int b = sd_bus_process(f->client, NULL);
                int c = sd_event_run(f->event, 0);

                assert_true(a >= 0 && b >= 0 && c >= 0);
                idle = a == 0 && b == 0 && c == 0 ? idle + 1 : 0;
        }
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const sd_bus_error *error = sd_bus_message_get_error(m);
        BusFixture *f = userdata;

        (void)snprintf(f->error, sizeof(f->error), "%s", error ? error->name : "");
        sd_bus_message_unref(f->reply);
        f->reply = sd_bus_message_ref(m);
        return 0;
}

void bus_fixture_send(BusFixture *f, const char *path, const char *interface, const char *member,
                const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        va_list ap;

        (void)strcpy(f->error, "none");
        assert_true(sd_bus_message_new_method_call(f->client, &m, NULL, path, interface, member) >=
                        0);
        va_start(ap, types);
        assert_true(!types || sd_bus_message_appendv(m, types, ap) >= 0);
        va_end(ap);
        assert_true(sd_bus_call_async(f->client, NULL, m, on_reply, f, 0) >= 0);
        bus_fixture_turn(f);
}

const char *bus_fixture_result(BusFixture *f) {
        static const char ours[] = "org.tmuxorc.Monitor1.Error.",
                          theirs[] = "org.freedesktop.DBus.Error.";

        if (strncmp(f->error, ours, strlen(ours)) == 0)
                return f->error + strlen(ours);
        if (strncmp(f->error, theirs, strlen(theirs)) == 0)
                return f->error + strlen(theirs);
        return f->error;
}

void bus_fixture_answer(BusFixture *f, int error, const char *json) {
        _cleanup_json_ json_object *result = json ? json_tokener_parse(json) : NULL;

        assert_non_null(f->answer);
        f->answer(f->answer_userdata, error, result);
        f->answer = NULL;
        bus_fixture_turn(f);
}

const char *bus_fixture_property(
                BusFixture *f, const char *path, const char *interface, const char *name) {
        static char text[256];
        const char *contents;
        uint64_t number = 0;
        const char *s;
        char kind;

        bus_fixture_send(f, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, name);
        if (f->error[0])
                return bus_fixture_result(f);

        assert_true(sd_bus_message_enter_container(f->reply, 'v', NULL) > 0);
        assert_true(sd_bus_message_peek_type(f->reply, &kind, &contents) > 0);
        if (kind == 's' || kind == 'o') {
                assert_true(sd_bus_message_read_basic(f->reply, kind, &s) > 0);
                return s;
        }
        assert_true(kind == 'u' || kind == 't');
        assert_true(sd_bus_message_read_basic(f->reply, kind, &number) > 0);
        (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
        return text;
}
