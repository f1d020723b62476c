/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Real sockets in folders of our own, and a process that bears the name of a tmux server. */

#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/tmux/server-finder.h"
#include "daemon/watcher/tmux/socket-probe.h"

typedef struct Fixture {
        char base[64];
        char folder[96]; /* in base; not there at first */
        sd_event *event;
        ServerFinder *finder;
        /* Of servers below base only: others may run on this machine. */
        unsigned n_found;
        unsigned n_lost;
        char socket[160];
        pid_t pid;
} Fixture;

static void on_found(void *userdata, const char *socket, pid_t pid) {
        Fixture *f = userdata;

        if (strncmp(socket, f->base, strlen(f->base)) != 0)
                return;
        f->n_found++;
        f->pid = pid;
        (void)snprintf(f->socket, sizeof(f->socket), "%s", socket);
}

static void on_lost(void *userdata, const char *socket) {
        Fixture *f = userdata;

        if (strncmp(socket, f->base, strlen(f->base)) == 0)
                f->n_lost++;
}

static const ServerFinderEvents events = {.found = on_found, .lost = on_lost};

static int setup(void **state) {
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        strcpy(f->base, "/tmp/finder-XXXXXX");
        assert_non_null(mkdtemp(f->base));
        (void)snprintf(f->folder, sizeof(f->folder), "%s/tmux-%u", f->base, geteuid());
        assert_true(sd_event_new(&f->event) >= 0);
        assert_int_equal(server_finder_new(f->event, &events, f, &f->finder), 0);
        assert_int_equal(server_finder_add_folder(f->finder, f->folder), 0);
        *state = f;
        return 0;
}

static int teardown(void **state) {
        Fixture *f = *state;
        char command[128];

        server_finder_free(f->finder);
        sd_event_unref(f->event);
        (void)snprintf(command, sizeof(command), "rm -rf %s", f->base);
        assert_int_equal(system(command), 0);
        free(f);
        return 0;
}

static int listen_at(const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listen(fd, 8), 0);
        return fd;
}

/* A process that listens there, under the name that tmux gives its server. */
static pid_t serve(const char *path) {
        int ready[2];
        char c;
        pid_t pid;

        assert_int_equal(pipe(ready), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)prctl(PR_SET_NAME, "tmux: server");
                (void)dup2(ready[1], STDOUT_FILENO);
                (void)close_range(STDERR_FILENO + 1, ~0U, 0);
                (void)listen_at(path);
                (void)!write(STDOUT_FILENO, "x", 1);
                for (;;)
                        (void)pause();
        }
        assert_int_equal(read(ready[0], &c, 1), 1);
        close_fd(ready[0]);
        close_fd(ready[1]);
        return pid;
}

static void stop(pid_t pid) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
}

static void run_until(Fixture *f, const unsigned *count, unsigned n) {
        uint64_t start = now_monotonic();

        while (*count < n) {
                assert_true(sd_event_run(f->event, 100 * USEC_PER_MSEC) >= 0);
                assert_true(now_monotonic() - start < 20 * USEC_PER_SEC);
        }
        assert_int_equal(*count, n);
}

static void path_of(const Fixture *f, const char *name, char ret[static 160]) {
        (void)snprintf(ret, 160, "%s/%s", f->folder, name);
}

static void a_server_that_is_there_is_told_at_once(void **state) {
        Fixture *f = *state;
        char path[160];
        pid_t pid;

        assert_int_equal(mkdir(f->folder, 0700), 0);
        path_of(f, "default", path);
        pid = serve(path);
        assert_int_equal(server_finder_start(f->finder), 0);

        assert_int_equal(f->n_found, 1);
        assert_string_equal(f->socket, path);
        assert_int_equal(f->pid, pid);
        stop(pid);
}

/* Neither the folder nor the server is there yet. */
static void a_server_that_comes_later_is_told_quickly(void **state) {
        Fixture *f = *state;
        uint64_t start;
        char path[160];
        pid_t pid;

        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 0);

        assert_int_equal(mkdir(f->folder, 0700), 0);
        path_of(f, "work", path);
        pid = serve(path);
        start = now_monotonic();
        run_until(f, &f->n_found, 1);
        /* By inotify, not by the scan. */
        assert_true(now_monotonic() - start < 3 * USEC_PER_SEC);
        assert_int_equal(f->pid, pid);
        stop(pid);
}

static void a_socket_whose_server_listens_late_is_found_too(void **state) {
        Fixture *f = *state;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        uint64_t start;

        assert_int_equal(mkdir(f->folder, 0700), 0);
        assert_int_equal(server_finder_start(f->finder), 0);
        start = now_monotonic();
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/late", f->folder);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        /* It is noticed, and asked in vain. */
        while (now_monotonic() - start < 100 * USEC_PER_MSEC)
                assert_true(sd_event_run(f->event, 10 * USEC_PER_MSEC) >= 0);
        assert_int_equal(f->n_found, 0);

        assert_int_equal(listen(fd, 8), 0);
        run_until(f, &f->n_found, 1);
        assert_true(now_monotonic() - start < 4 * USEC_PER_SEC);
        assert_int_equal(f->pid, getpid());
}

static void what_is_left_of_a_dead_server_is_not_one(void **state) {
        Fixture *f = *state;
        char path[160];

        assert_int_equal(mkdir(f->folder, 0700), 0);
        path_of(f, "stale", path);
        close_fd(listen_at(path));
        path_of(f, "file", path);
        assert_int_equal(close(creat(path, 0600)), 0);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 0);
}

static void a_removed_socket_is_lost_and_a_new_one_found_again(void **state) {
        Fixture *f = *state;
        char path[160];
        pid_t first, second;

        assert_int_equal(mkdir(f->folder, 0700), 0);
        path_of(f, "default", path);
        first = serve(path);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(unlink(path), 0);
        run_until(f, &f->n_lost, 1);

        second = serve(path);
        run_until(f, &f->n_found, 2);
        assert_int_equal(f->pid, second);
        stop(first);
        stop(second);
}

static void a_dead_server_is_lost_though_its_socket_stays(void **state) {
        Fixture *f = *state;
        char path[160];
        pid_t pid;

        assert_int_equal(mkdir(f->folder, 0700), 0);
        path_of(f, "default", path);
        pid = serve(path);
        assert_int_equal(server_finder_start(f->finder), 0);
        stop(pid);
        run_until(f, &f->n_lost, 1);
}

static void a_server_anywhere_is_found_by_its_process(void **state) {
        Fixture *f = *state;
        char path[160], other[160];
        pid_t pid, stranger;

        (void)snprintf(path, sizeof(path), "%s/elsewhere", f->base);
        (void)snprintf(other, sizeof(other), "%s/stranger", f->base);
        /* Not every listener is a tmux server. */
        stranger = listen_at(other);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 0);

        pid = serve(path);
        run_until(f, &f->n_found, 1);
        assert_string_equal(f->socket, path);
        assert_int_equal(f->pid, pid);
        close_fd(stranger);
        stop(pid);
}

static void a_path_that_only_the_process_knows_is_completed(void **state) {
        Fixture *f = *state;
        char cwd[160];
        pid_t pid;

        assert_non_null(getcwd(cwd, sizeof(cwd)));
        assert_int_equal(chdir(f->base), 0);
        pid = serve("relative");
        assert_int_equal(chdir(cwd), 0);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 1);
        assert_string_equal(strrchr(f->socket, '/'), "/relative");
        assert_int_equal(f->pid, pid);
        stop(pid);
}

static void links_and_folders_named_twice_count_once(void **state) {
        Fixture *f = *state;
        char path[160], alias[160];
        pid_t pid;

        assert_int_equal(mkdir(f->folder, 0700), 0);
        path_of(f, "default", path);
        (void)snprintf(alias, sizeof(alias), "%s/alias", f->base);
        assert_int_equal(symlink(f->folder, alias), 0);
        assert_int_equal(server_finder_add_folder(f->finder, alias), 0);
        assert_int_equal(server_finder_add_folder(f->finder, f->folder), 0);
        pid = serve(path);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 1);
        assert_string_equal(f->socket, path);
        stop(pid);
}

static void a_folder_of_somebody_else_is_not_read(void **state) {
        Fixture *f = *state;
        char path[160];
        int fd;

        if (geteuid() != 0)
                skip();
        assert_int_equal(mkdir(f->folder, 0755), 0);
        path_of(f, "default", path);
        fd = listen_at(path);
        assert_int_equal(chown(f->folder, 65534, 65534), 0);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 0);

        /* Nor is a socket of somebody else in a folder of ours. */
        assert_int_equal(chown(f->folder, 0, 0), 0);
        assert_int_equal(chown(path, 65534, 65534), 0);
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, 0);
        close_fd(fd);
}

static void there_is_an_end_to_the_servers_we_take(void **state) {
        Fixture *f = *state;
        int fds[SERVERS_MAX + 8];
        char path[160];

        assert_int_equal(mkdir(f->folder, 0700), 0);
        /* One process may be known once only, so these have to seem too busy to say who they are.
         */
        for (unsigned i = 0; i < ELEMENTSOF(fds); i++) {
                (void)snprintf(path, sizeof(path), "%s/%u", f->folder, i);
                fds[i] = listen_at(path);
                assert_int_equal(listen(fds[i], 0), 0);
                for (pid_t pid; socket_probe(path, &pid) >= 0;)
                        ;
        }
        assert_int_equal(server_finder_start(f->finder), 0);
        assert_int_equal(f->n_found, server_finder_count(f->finder));
        assert_int_equal(server_finder_count(f->finder), SERVERS_MAX);
        for (unsigned i = 0; i < ELEMENTSOF(fds); i++)
                close_fd(fds[i]);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                        test(a_server_that_is_there_is_told_at_once),
                        test(a_server_that_comes_later_is_told_quickly),
                        test(a_socket_whose_server_listens_late_is_found_too),
                        test(what_is_left_of_a_dead_server_is_not_one),
                        test(a_removed_socket_is_lost_and_a_new_one_found_again),
                        test(a_dead_server_is_lost_though_its_socket_stays),
                        test(a_server_anywhere_is_found_by_its_process),
                        test(a_path_that_only_the_process_knows_is_completed),
                        test(links_and_folders_named_twice_count_once),
                        test(a_folder_of_somebody_else_is_not_read),
                        test(there_is_an_end_to_the_servers_we_take),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
