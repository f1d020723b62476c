/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/native-trust.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utlist.h>

#include "daemon/base/clock.h"

#define PROGRAMS_MAX 32U
#define SERVERS_MAX 256U

typedef struct Program {
        TmuxProgram program;
        NativeVerdict verdict;
        uint64_t until_usec;
} Program;

typedef struct Suspect {
        char *socket;
        pid_t pid;
        bool off;
        unsigned n_silent;
        struct Suspect *prev, *next;
} Suspect;

struct NativeTrust {
        Program programs[PROGRAMS_MAX];
        size_t n_programs;
        size_t next_program; /* to be forgotten when there is no room */
        Suspect *suspects;
        size_t n_suspects;
};

int tmux_program_of(pid_t pid, TmuxProgram *ret) {
        char path[32];
        struct stat st;

        (void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
        if (stat(path, &st) < 0)
                return -errno;
        *ret = (TmuxProgram){
                        .device = st.st_dev,
                        .inode = st.st_ino,
                        .size = (uint64_t)st.st_size,
                        .modified_nsec = (uint64_t)st.st_mtim.tv_sec * 1000 * USEC_PER_SEC +
                                        (uint64_t)st.st_mtim.tv_nsec,
        };
        return 0;
}

NativeTrust *native_trust_new(void) {
        return calloc(1, sizeof(NativeTrust));
}

static void suspect_free(NativeTrust *t, Suspect *s) {
        DL_DELETE(t->suspects, s);
        t->n_suspects--;
        free(s->socket);
        free(s);
}

NativeTrust *native_trust_free(NativeTrust *trust) {
        if (!trust)
                return NULL;

        while (trust->suspects)
                suspect_free(trust, trust->suspects);
        free(trust);
        return NULL;
}

static Program *find_program(const NativeTrust *t, const TmuxProgram *program) {
        for (size_t i = 0; i < t->n_programs; i++) {
                const Program *p = &t->programs[i];

                if (p->program.device == program->device && p->program.inode == program->inode &&
                                p->program.size == program->size &&
                                p->program.modified_nsec == program->modified_nsec)
                        return (Program *)p;
        }
        return NULL;
}

void native_trust_set(NativeTrust *trust, const TmuxProgram *program, NativeVerdict verdict,
                uint64_t until_usec) {
        Program *p = find_program(trust, program);

        if (!p && trust->n_programs < PROGRAMS_MAX) {
                p = &trust->programs[trust->n_programs++];
        } else if (!p) {
                p = &trust->programs[trust->next_program];
                trust->next_program = (trust->next_program + 1) % PROGRAMS_MAX;
        }
        *p = (Program){.program = *program, .verdict = verdict, .until_usec = until_usec};
}

NativeVerdict native_trust_get(
                const NativeTrust *trust, const TmuxProgram *program, uint64_t now_usec) {
        const Program *p = find_program(trust, program);

        return p && now_usec < p->until_usec ? p->verdict : NATIVE_UNTRIED;
}

static Suspect *find_suspect(const NativeTrust *t, const char *socket, pid_t pid) {
        Suspect *s;

        DL_FOREACH (t->suspects, s)
                if (s->pid == pid && strcmp(s->socket, socket) == 0)
                        return s;
        return NULL;
}

/* The oldest makes room; if it is still there, it is caught once more. NULL: no memory. */
static Suspect *suspect_get(NativeTrust *t, const char *socket, pid_t pid) {
        Suspect *s = find_suspect(t, socket, pid);

        if (s)
                return s;
        if (t->n_suspects == SERVERS_MAX)
                suspect_free(t, t->suspects);

        s = calloc(1, sizeof(*s));
        if (!s)
                return NULL;
        s->socket = strdup(socket);
        s->pid = pid;
        if (!s->socket) {
                free(s);
                return NULL;
        }
        DL_APPEND(t->suspects, s);
        t->n_suspects++;
        return s;
}

bool native_trust_switch_off(NativeTrust *trust, const char *socket, pid_t pid) {
        Suspect *s = suspect_get(trust, socket, pid);

        if (!s || s->off)
                return false;
        s->off = true;
        return true;
}

bool native_trust_is_off(const NativeTrust *trust, const char *socket, pid_t pid) {
        const Suspect *s = find_suspect(trust, socket, pid);

        return s && s->off;
}

unsigned native_trust_note(NativeTrust *trust, const char *socket, pid_t pid, bool answered) {
        Suspect *s = find_suspect(trust, socket, pid);

        if (answered) {
                if (s && !s->off)
                        suspect_free(trust, s);
                return 0;
        }
        s = s ?: suspect_get(trust, socket, pid);
        return s ? ++s->n_silent : 0;
}
