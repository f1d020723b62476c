/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/demo-agent/dress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Which of the look's processes this one is. */
#define PART_VARIABLE "DEMO_AGENT_PART"

bool dress_is_on(void) {
        return getenv(PART_VARIABLE) != NULL;
}

/* The arguments seen in /proc are those given to exec: hence the detour. */
static int become(const Look *look, unsigned part) {
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", part);
        if (setenv(PART_VARIABLE, text, true) < 0)
                return -errno;
        (void)execv("/proc/self/exe", (char *const *)look->processes[part].argv);
        return -errno;
}

static pid_t child;

static void pass_on(int sig) {
        (void)kill(child, sig);
}

_Noreturn static void end_as(int status) {
        if (WIFSIGNALED(status)) {
                (void)prctl(PR_SET_DUMPABLE, 0);
                (void)signal(WTERMSIG(status), SIG_DFL);
                (void)raise(WTERMSIG(status));
        }
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

_Noreturn static void wait_and_end(void) {
        const struct sigaction action = {.sa_handler = pass_on};
        int status = 0;

        (void)sigaction(SIGTERM, &action, NULL);
        (void)sigaction(SIGHUP, &action, NULL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                continue;
        end_as(status);
}

int dress_as(const Look *look) {
        const char *variable = getenv(PART_VARIABLE);
        unsigned part = 0;

        if (!variable)
                return become(look, 0);

        (void)sscanf(variable, "%u", &part);
        for (unsigned i = 0; i <= part; i++)
                if (!look->processes[i].comm)
                        return -EINVAL;
        (void)prctl(PR_SET_NAME, look->processes[part].comm);
        if (!look->processes[part + 1].comm)
                return 0;

        child = fork();
        if (child < 0)
                return -errno;
        if (child > 0)
                wait_and_end();
        /* Nothing of a demonstration outlives it. */
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        return become(look, part + 1);
}
