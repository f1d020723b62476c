/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/act/strike.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"

#define FIELDS_MAX 12U

/* Keys go to a pane if a client shows its window and it is the active one there. */
#define VIEWED "#{?#{&&:#{window_active_clients},#{pane_active}},1,0}"
#define SYNCHRONIZED "#{?#{||:#{pane_synchronized},#{pane_input_off}},1,0}"

void strike_init(Strike *s, const char *pane) {
        uint64_t word;

        *s = (Strike){};
        if (getrandom(&word, sizeof(word), 0) != sizeof(word))
                abort();
        (void)snprintf(s->word, sizeof(s->word), "%016" PRIx64, word);
        (void)snprintf(s->buffer, sizeof(s->buffer), "tmux-orc-%s", s->word);
        (void)snprintf(s->pane, sizeof(s->pane), "%s", pane);
}

int strike_probe(const Strike *s, TmuxWords *ret) {
        tmux_words_command(ret, "display-message");
        tmux_words_add(ret, "-p");
        tmux_words_add(ret, "-t");
        tmux_words_add(ret, s->pane);
        tmux_words_addf(ret,
                        "%s\t#{pane_id}\t#{pane_pid}\t" VIEWED
                        "\t#{session_activity}\t" SYNCHRONIZED
                        "\t#{=16:@tmux-orc-policy}\t#{=60:pane_current_command}",
                        s->word);
        return tmux_words_check(ret);
}

/* The fields of the line that begins with the word; NULL if there is none. */
static size_t split(const Strike *s, char *out, char *fields[static FIELDS_MAX]) {
        char *line = strstr(out, s->word), *field;
        size_t n = 0;

        if (!line)
                return 0;
        line[strcspn(line, "\n")] = '\0';
        while (n < FIELDS_MAX && (field = strsep(&line, "\t")))
                fields[n++] = field;
        return n;
}

static uint64_t number(const char *s) {
        uint64_t n = 0;

        return parse_u64(s, 0, UINT64_MAX / USEC_PER_SEC, &n) < 0 ? 0 : n;
}

int strike_take_probe(const Strike *s, const TmuxReply *reply, PaneProbe *ret) {
        _cleanup_free_ char *out = strndup(reply->out, reply->n_out);
        char *f[FIELDS_MAX];

        if (reply->error < 0)
                return reply->error;
        if (!out)
                return -ENOMEM;
        if (split(s, out, f) != 8)
                return reply->failed ? -ENXIO : -EBADMSG;
        if (strcmp(f[1], s->pane) != 0)
                return -ENXIO;

        *ret = (PaneProbe){
                        .pid = (pid_t)number(f[2]),
                        .viewed = f[3][0] == '1',
                        .key_usec = number(f[4]) * USEC_PER_SEC,
                        .synchronized = f[5][0] == '1',
        };
        (void)snprintf(ret->policy, sizeof(ret->policy), "%s", f[6]);
        (void)snprintf(ret->command, sizeof(ret->command), "%s", f[7]);
        return 0;
}

/* What means something to tmux's formats is left out of the comparison. */
static bool is_plain(const char *command) {
        return strspn(command,
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
                               ".") == strlen(command);
}

/* True in tmux if the pane is as it was seen. */
static void add_condition(const Strike *s, const StrikeGuard *g, TmuxWords *w) {
        const TmuxRow *row = g->row;
        bool plain = is_plain(g->probe->command);

        tmux_words_addf(w,
                        "#{&&:#{==:#{pane_id}/#{pane_pid}/#{pane_dead}/#{pane_in_mode}/"
                        "#{cursor_x}/#{cursor_y}/#{alternate_on}/" SYNCHRONIZED "/%s,"
                        "%s/%d/0/0/%u/%u/%d/0/%s},#{?" VIEWED ",#{e|<|:#{session_activity},%" PRIu64
                        "},1}}",
                        plain ? "#{pane_current_command}" : "", s->pane, (int)g->probe->pid,
                        row->cursor_x, row->cursor_y, row->alternate_on,
                        plain ? g->probe->command : "",
                        (uint64_t)((g->now_usec - GUARD_HUMAN_USEC) / USEC_PER_SEC));
}

static void add_refused(const Strike *s, bool has_buffer, TmuxWords *w) {
        tmux_words_addf(w,
                        "%s%s%s display-message -p -t %s \"%s\tno\t#{pane_pid}\t#{pane_dead}\t"
                        "#{pane_in_mode}\t" SYNCHRONIZED "\t" VIEWED "\t#{session_activity}\t"
                        "#{cursor_x}/#{cursor_y}/#{alternate_on}\t#{=60:pane_current_command}\"",
                        has_buffer ? "delete-buffer -b " : "", has_buffer ? s->buffer : "",
                        has_buffer ? " ;" : "", s->pane, s->word);
}

static void begin_if(const Strike *s, const StrikeGuard *g, TmuxWords *w) {
        tmux_words_command(w, "if-shell");
        tmux_words_add(w, "-F");
        tmux_words_add(w, "-t");
        tmux_words_add(w, s->pane);
        add_condition(s, g, w);
}

int strike_paste(const Strike *s, const StrikeGuard *g, const char *text, TmuxWords *ret) {
        /* A text of its own is never the first command: see words.h. */
        tmux_words_command(ret, "display-message");
        tmux_words_add(ret, "-p");
        tmux_words_add(ret, "");
        tmux_words_command(ret, "set-buffer");
        tmux_words_add(ret, "-b");
        tmux_words_add(ret, s->buffer);
        tmux_words_add(ret, "--");
        tmux_words_add_text(ret, text);
        begin_if(s, g, ret);
        tmux_words_addf(ret, "paste-buffer -p -d -r -b %s -t %s ; display-message -p \"%s\tyes\"",
                        s->buffer, s->pane, s->word);
        add_refused(s, true, ret);
        return tmux_words_check(ret);
}

int strike_keys(const Strike *s, const StrikeGuard *g, char *const *keys, TmuxWords *ret) {
        char names[128] = "";
        size_t n = 0;

        for (; *keys; keys++) {
                int k = snprintf(names + n, sizeof(names) - n, " %s", *keys);

                if (k < 0 || (size_t)k >= sizeof(names) - n)
                        return -E2BIG;
                n += (size_t)k;
        }
        begin_if(s, g, ret);
        tmux_words_addf(ret, "send-keys -t %s%s ; display-message -p \"%s\tyes\"", s->pane, names,
                        s->word);
        add_refused(s, false, ret);
        return tmux_words_check(ret);
}

/* tmux itself refuses it where something runs. */
int strike_respawn(const Strike *s, const StrikeGuard *g, const char *command, TmuxWords *ret) {
        tmux_words_command(ret, "if-shell");
        tmux_words_add(ret, "-F");
        tmux_words_add(ret, "-t");
        tmux_words_add(ret, s->pane);
        tmux_words_addf(ret, "#{&&:#{==:#{pane_id}/#{pane_dead}/#{pane_in_mode},%s/1/0},1}",
                        s->pane);
        tmux_words_addf(ret, "respawn-pane -t %s \"%s\" ; display-message -p \"%s\tyes\"", s->pane,
                        command, s->word);
        add_refused(s, false, ret);
        return tmux_words_check(ret);
}

static ActRefusal why_not(const StrikeGuard *g, char *const *f) {
        if ((pid_t)number(f[2]) != g->probe->pid)
                return ACT_OTHER_PROGRAM;
        if (f[3][0] != '0')
                return ACT_NO_AGENT;
        if (f[4][0] != '0')
                return ACT_COPY_MODE;
        if (f[5][0] != '0')
                return ACT_SYNCHRONIZED;
        if (f[6][0] != '0' &&
                        number(f[7]) * USEC_PER_SEC + GUARD_HUMAN_USEC + USEC_PER_SEC > g->now_usec)
                return ACT_HUMAN;
        return strcmp(f[9], g->probe->command) != 0 ? ACT_OTHER_PROGRAM : ACT_MOVED;
}

ActRefusal strike_take(const Strike *s, const StrikeGuard *g, const TmuxReply *reply) {
        _cleanup_free_ char *out = strndup(reply->out, reply->n_out);
        char *f[FIELDS_MAX];
        size_t n = out ? split(s, out, f) : 0;

        if (n == 2 && strcmp(f[1], "yes") == 0)
                return ACT_DONE;
        if (n == 10 && strcmp(f[1], "no") == 0)
                return why_not(g, f);
        /* It answered, and the pane was not there. */
        return reply->error >= 0 && reply->failed && strstr(reply->err, "find pane") ? ACT_NO_AGENT
                                                                                     : ACT_TMUX;
}
