/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/json.h"
#include "daemon/base/output-of.h"
#include "tools/tmux-orc/benchmark.h"
#include "tools/tmux-orc/output.h"
#include "tools/tmux-orc/programs.h"

#define ANSWER_MAX 65536U
#define ANSWER_DEPTH 4U

static int start(char *const *argv, pid_t *ret_pid, FILE **ret) {
        int fd, r;

        r = output_of(argv, ret_pid, &fd);
        if (r < 0)
                return r;
        *ret = fdopen(fd, "re");
        if (*ret)
                return 0;
        r = -errno;
        close_fd(fd); /* and so it ends */
        (void)waitpid(*ret_pid, NULL, 0);
        return r;
}

/* It says itself, on standard error, what went wrong with it. */
static int finish(pid_t pid) {
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

static int ask(const char *program, unsigned panes, bool compare, json_object **ret) {
        _cleanup_free_ char *answer = malloc(ANSWER_MAX);
        char number[16];
        char *argv[] = {(char *)program, number, compare ? (char *)"--compare" : NULL, NULL};
        FILE *f = NULL;
        size_t n = 0;
        pid_t pid;
        int r;

        if (!answer)
                return -ENOMEM;
        (void)snprintf(number, sizeof(number), "%u", panes);
        r = start(argv, &pid, &f);
        if (r < 0)
                return r;
        n = fread(answer, 1, ANSWER_MAX, f);
        (void)fclose(f);

        r = finish(pid);
        return r < 0 ? r : json_parse(answer, n, ANSWER_DEPTH, ret);
}

CommandResult benchmark_run_program(Context *c, unsigned panes, bool compare, json_object **ret) {
        _cleanup_free_ char *program = NULL;
        int r;

        r = programs_find("look-benchmark", &program);
        if (r >= 0)
                r = ask(program, panes, compare, ret);
        if (r >= 0)
                return COMMAND_OK;

        if (r == -ECHILD)
                context_error(c, "nothing was measured");
        else
                context_error(c, "cannot run look-benchmark: %s", strerror(-r));
        return COMMAND_FAILED;
}
