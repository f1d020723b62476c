/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/agent-memory.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/watcher/tmux/screen-text.h"

#define FILE_MAX (64U * 1024U)
#define FILE_DEPTH 16U
/* A program writes its file some time after its start, or never. */
#define FILE_LOOKS_MAX 64U
#define COMMAND_MAX 256U

bool agent_session_is_valid(const char *s) {
        size_t n = strlen(s);

        return n > 0 && n <= MEMORY_SESSION_MAX && s[0] != '-' &&
                        strspn(s,
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
                                        "6789-_") == n;
}

static bool take_session(char session[static MEMORY_SESSION_MAX + 1], const char *s) {
        if (!s || !agent_session_is_valid(s))
                return false;
        (void)snprintf(session, MEMORY_SESSION_MAX + 1, "%s", s);
        return true;
}

static void from_arguments(AgentMemory *m, const ActRules *rules, const char *command) {
        _cleanup_(matcher_freep) Matcher *matcher = NULL;
        _cleanup_free_ char *session = NULL;
        PatternMatch match;

        if (!rules->session || matcher_new(&matcher) < 0 ||
                        !pattern_match(rules->session, matcher, command, strlen(command), &match))
                return;
        session = strndup(command + match.group_start, match.group_end - match.group_start);
        (void)take_session(m->session, session);
}

/* "~/.x/{pid}.json" */
static int file_path(const char *template, pid_t pid, char *ret, size_t n_ret) {
        const char *home = getenv("HOME"), *mark = strstr(template, "{pid}");
        int n;

        if (!home || !mark)
                return -ENOENT;
        n = snprintf(ret, n_ret, "%s%.*s%d%s", home, (int)(mark - template - 1), template + 1,
                        (int)pid, mark + strlen("{pid}"));
        return n < 0 || (size_t)n >= n_ret ? -ENAMETOOLONG : 0;
}

static void from_file(
                const ActRules *rules, pid_t pid, char session[static MEMORY_SESSION_MAX + 1]) {
        _cleanup_json_ json_object *o = NULL;
        _cleanup_free_ char *text = NULL;
        char path[PATH_MAX];
        size_t n;

        if (!rules->session_file || !rules->session_key ||
                        file_path(rules->session_file, pid, path, sizeof(path)) < 0 ||
                        read_regular_file(path, FILE_MAX, &text, &n) < 0 ||
                        json_parse(text, n, FILE_DEPTH, &o) < 0)
                return;
        (void)take_session(session, json_get_string(o, rules->session_key));
}

static void read_folder(AgentMemory *m) {
        char path[32], folder[PATH_MAX];
        ssize_t n;

        (void)snprintf(path, sizeof(path), "/proc/%d/cwd", (int)m->pid);
        n = readlink(path, folder, sizeof(folder) - 1);
        if (n <= 0)
                return;
        folder[n] = '\0';
        free(m->folder);
        m->folder = strdup(folder);
}

void agent_memory_update(AgentMemory *m, const ActRules *rules, pid_t pid, uint64_t start_ticks,
                const char *command) {
        if (pid <= 0 || !rules)
                return;
        if (m->pid != pid || m->start_ticks != start_ticks) {
                agent_memory_done(m);
                m->pid = pid;
                m->start_ticks = start_ticks;
                from_arguments(m, rules, command);
                read_folder(m);
        }
        if (m->session[0] == '\0' && m->looks < FILE_LOOKS_MAX) {
                m->looks++;
                from_file(rules, pid, m->session);
        }
}

void agent_memory_hear(AgentMemory *m, const ActRules *rules, const json_object *details) {
        if (rules->session_hook &&
                        take_session(m->session, json_get_string(details, rules->session_hook)))
                m->told = true;
}

bool agent_memory_has(const AgentMemory *m, const ActRules *rules, const json_object *details) {
        const char *session =
                        rules->session_hook ? json_get_string(details, rules->session_hook) : NULL;

        return session && session[0] && strcmp(session, m->session) == 0;
}

void agent_memory_see(AgentMemory *m, const char *screen) {
        screen_text_unref(m->screen);
        m->screen = screen_text_ref(screen);
}

void agent_memory_done(AgentMemory *m) {
        free(m->folder);
        screen_text_unref(m->screen);
        *m = (AgentMemory){};
}

int agent_memory_resume(const AgentMemory *m, const ActRules *rules, char **ret) {
        char command[COMMAND_MAX] = "", session[MEMORY_SESSION_MAX + 1];
        char *const *words;
        size_t n = 0;

        (void)snprintf(session, sizeof(session), "%s", m->session);
        /* It may have begun another conversation since. */
        if (!m->told)
                from_file(rules, m->pid, session);
        words = session[0] && rules->resume ? rules->resume : rules->resume_last;
        if (!words)
                return -EOPNOTSUPP;
        for (; *words; words++) {
                const char *word = strcmp(*words, "{session}") == 0 ? session : *words;
                int k = snprintf(command + n, sizeof(command) - n, "%s%s", n > 0 ? " " : "", word);

                if (k < 0 || (size_t)k >= sizeof(command) - n)
                        return -EOPNOTSUPP;
                n += (size_t)k;
        }
        *ret = strdup(command);
        return *ret ? 0 : -ENOMEM;
}
