/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * 'monitor', where it needs no service: the tree of components, and orders to systemd, which a
 * child process stands in for over a pair of sockets.
 */

#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "daemon/base/json.h"
#include "tools/tmux-orc/commands.h"
#include "tools/tmux-orc/monitor-parts.h"
#include "tools/tmux-orc/monitor-unit.h"
#include "tools/tmux-orc/output.h"

#define JOB "/org/freedesktop/systemd1/job/7"
#define MANAGER "org.freedesktop.systemd1.Manager"

static char *tree_of(const char *text) {
        _cleanup_json_ json_object *rows = json_tokener_parse(text);
        const Terminal terminal = {};
        char *result = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&result, &n);

        assert_non_null(rows);
        assert_int_equal(monitor_print_tree(out, &terminal, rows), 0);
        (void)fclose(out);
        return result;
}

static void parts_stand_below_what_they_rest_on(void **state) {
        _cleanup_free_ char *tree = tree_of(
                        "[{\"name\": \"bus\", \"health\": \"red\", \"depends_on\": []},"
                        "{\"name\": \"config\", \"health\": \"green\"},"
                        "{\"name\": \"pool\", \"health\": \"green\", \"depends_on\": [\"config\"]},"
                        "{\"name\": \"monitor\", \"health\": \"yellow\","
                        " \"depends_on\": [\"config\", \"pool\"]},"
                        "{\"name\": \"cache\", \"health\": \"green\", \"depends_on\": "
                        "[\"config\"]}]");

        assert_string_equal(tree,
                        "● bus (red)\n"
                        "● config\n"
                        "├─ ● pool\n"
                        "│  └─ ● monitor (yellow)\n"
                        "└─ ● cache\n");
}

static void whatever_a_service_says_the_tree_ends(void **state) {
        _cleanup_free_ char *circle =
                        tree_of("[{\"name\": \"a\", \"depends_on\": [\"b\"]},"
                                "{\"name\": \"b\", \"depends_on\": [\"a\"]},"
                                "{\"name\": \"c\", \"depends_on\": [\"c\", \"none\", 7]}, 5, {}]");

        assert_true(strlen(circle) < 4096);
}

static void sizes_are_read_strictly(void **state) {
        static const struct {
                const char *text;
                uint64_t size; /* 0: refused */
        } rows[] = {
                        {"1", 1},
                        {"64K", 65536},
                        {"256M", 268435456},
                        {"2G", 2147483648},
                        {"1T", 1099511627776},
                        {"0", 0},
                        {"", 0},
                        {"M", 0},
                        {"-1", 0},
                        {"1.5G", 0},
                        {"1GB", 0},
                        {"1m", 0},
                        {"99999999999999T", 0},
                        {"99999999999999999999", 0},
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                uint64_t size = 0;

                assert_int_equal(monitor_parse_size(rows[i].text, &size),
                                rows[i].size > 0 ? 0 : -EINVAL);
                assert_int_equal(size, rows[i].size);
        }
}

/* The stand-in: what it was told is in the description of the job's end. */
typedef struct Systemd {
        const char *result;
        char told[256];
} Systemd;

_printf_(2, 3) static void note(Systemd *s, const char *format, ...) {
        size_t n = strlen(s->told);
        va_list ap;

        va_start(ap, format);
        (void)vsnprintf(s->told + n, sizeof(s->told) - n, format, ap);
        va_end(ap);
}

static int method_nothing(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        return sd_bus_reply_method_return(m, NULL);
}

static int method_kill(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *unit, *who;
        int32_t signal;

        assert_true(sd_bus_message_read(m, "ssi", &unit, &who, &signal) >= 0);
        note(userdata, "kill %s %d, ", who, signal);
        return sd_bus_reply_method_return(m, NULL);
}

static int method_properties(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        const char *unit, *name;
        uint64_t value;
        int runtime;

        assert_true(sd_bus_message_read(m, "sb", &unit, &runtime) >= 0);
        assert_true(sd_bus_message_enter_container(m, 'a', "(sv)") > 0);
        assert_true(sd_bus_message_read(m, "(sv)", &name, "t", &value) > 0);
        note(userdata, "%s %s %s=%llu, ", runtime ? "runtime" : "for good", unit, name,
                        (unsigned long long)value);
        return sd_bus_reply_method_return(m, NULL);
}

static void tell_end(
                sd_bus *bus, uint32_t id, const char *job, const char *unit, const char *result) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        assert_true(sd_bus_message_new_signal(bus, &m, "/org/freedesktop/systemd1", MANAGER,
                                    "JobRemoved") >= 0);
        assert_true(sd_bus_message_set_sender(m, "org.freedesktop.systemd1") >= 0);
        assert_true(sd_bus_message_append(m, "uoss", id, job, unit, result) >= 0);
        assert_true(sd_bus_send(NULL, m, NULL) >= 0);
}

static int method_job(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        sd_bus *bus = sd_bus_message_get_bus(m);
        const char *unit, *mode;
        Systemd *s = userdata;

        assert_true(sd_bus_message_read(m, "ss", &unit, &mode) >= 0);
        note(s, "%s %s %s", sd_bus_message_get_member(m), unit, mode);
        if (strstr(unit, "@none."))
                return sd_bus_error_set(reterr, "org.freedesktop.systemd1.NoSuchUnit", "no");
        if (strcmp(s->result, "denied") == 0)
                return sd_bus_error_set(reterr, SD_BUS_ERROR_ACCESS_DENIED, "no");

        /* Another job's end, then ours, even before the answer. */
        tell_end(bus, 6, "/org/freedesktop/systemd1/job/6", unit, "failed");
        tell_end(bus, 7, JOB, unit, s->result);
        return sd_bus_reply_method_return(m, "o", JOB);
}

static const sd_bus_vtable systemd_vtable[] = {
                SD_BUS_VTABLE_START(0),
                SD_BUS_METHOD("Subscribe", "", "", method_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("Unsubscribe", "", "", method_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("ResetFailedUnit", "s", "", method_nothing,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("KillUnit", "ssi", "", method_kill, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("SetUnitProperties", "sba(sv)", "", method_properties,
                                SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("StartUnit", "ss", "o", method_job, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("StopUnit", "ss", "o", method_job, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_METHOD("RestartUnit", "ss", "o", method_job, SD_BUS_VTABLE_UNPRIVILEGED),
                SD_BUS_VTABLE_END,
};

static sd_bus *connect_end(int fd, bool server) {
        sd_bus *bus = NULL;
        sd_id128_t id;

        assert_true(sd_id128_randomize(&id) >= 0 && sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fd, fd) >= 0);
        assert_true(!server || sd_bus_set_server(bus, true, id) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        return bus;
}

/* Until the other end goes; then tells through the pipe what it was told. */
static void be_systemd(int fd, int out, const char *result) {
        sd_bus *bus = connect_end(fd, true);
        Systemd s = {.result = result};
        int r = 0;

        assert_true(sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/systemd1", MANAGER,
                                    systemd_vtable, &s) >= 0);
        while (r >= 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        assert_true(write(out, s.told, strlen(s.told)) >= 0);
        _exit(0);
}

static CommandResult order(const UnitOrder *o, const char *result, char *told, size_t n_told) {
        Context c = {.command = command_find("monitor"), .bus_name = "user", .quiet = true};
        int ends[2], pipes[2];
        CommandResult r;
        ssize_t n;
        pid_t pid;

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        assert_int_equal(pipe(pipes), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)close(ends[0]);
                be_systemd(ends[1], pipes[1], result);
        }
        (void)close(ends[1]);
        (void)close(pipes[1]);
        assert_int_equal(output_open(&c), 0);
        c.bus = connect_end(ends[0], false);
        r = monitor_unit(&c, o);
        context_done(&c);

        n = read(pipes[0], told, n_told - 1);
        told[n > 0 ? n : 0] = '\0';
        (void)close(pipes[0]);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        return r;
}

static void orders_reach_systemd_and_are_waited_for(void **state) {
        char told[256];

        assert_int_equal(order(&(UnitOrder){.verb = "start", .max_memory = "256M"}, "done", told,
                                         sizeof(told)),
                        COMMAND_OK);
        assert_string_equal(told,
                        "runtime tmux-orchestrator.service MemoryMax=268435456, "
                        "StartUnit tmux-orchestrator.service replace");
        assert_int_equal(order(&(UnitOrder){.verb = "stop", .environment = "green"}, "done", told,
                                         sizeof(told)),
                        COMMAND_OK);
        assert_string_equal(told, "StopUnit tmux-orchestrator@green.service replace");
        assert_int_equal(order(&(UnitOrder){.verb = "stop"}, "done", told, sizeof(told)),
                        COMMAND_OK);
        assert_string_equal(told, "StopUnit tmux-orchestrator.socket replace");
        assert_int_equal(order(&(UnitOrder){.verb = "restart", .emergency = true}, "done", told,
                                         sizeof(told)),
                        COMMAND_OK);
        assert_string_equal(told, "kill all 9, RestartUnit tmux-orchestrator.service replace");
}

static void what_goes_wrong_has_an_exit_status(void **state) {
        char told[256];

        assert_int_equal(order(&(UnitOrder){.verb = "start"}, "failed", told, sizeof(told)),
                        COMMAND_FAILED);
        assert_int_equal(order(&(UnitOrder){.verb = "start"}, "denied", told, sizeof(told)),
                        COMMAND_DENIED);
        assert_int_equal(order(&(UnitOrder){.verb = "start", .environment = "none"}, "done", told,
                                         sizeof(told)),
                        COMMAND_FAILED);
        assert_int_equal(order(&(UnitOrder){.verb = "start", .environment = "a/b"}, "done", told,
                                         sizeof(told)),
                        COMMAND_USAGE);
        assert_string_equal(told, "");
        assert_int_equal(order(&(UnitOrder){.verb = "start", .max_memory = "lots"}, "done", told,
                                         sizeof(told)),
                        COMMAND_USAGE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                        cmocka_unit_test(parts_stand_below_what_they_rest_on),
                        cmocka_unit_test(whatever_a_service_says_the_tree_ends),
                        cmocka_unit_test(sizes_are_read_strictly),
                        cmocka_unit_test(orders_reach_systemd_and_are_waited_for),
                        cmocka_unit_test(what_goes_wrong_has_an_exit_status),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
