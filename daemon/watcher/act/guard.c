/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/act/guard.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/watcher/agent-memory.h"

/* Programs show so much of what is pasted; of more they say only how much it is. */
#define SHOWN_BYTES_MAX 400U
#define SHOWN_LINES_MAX 4U

static ActRefusal check_process(const ActOrder *order, const GuardView *v) {
        const TrackerState *state = v->state;

        if (v->row->dead || !state->present || agent_state_is_gone(state->state) ||
                        v->sight->process.pid <= 0)
                return ACT_NO_AGENT;
        if (order->pid > 0 && order->pid != v->sight->process.pid)
                return ACT_REPLACED;
        if (!v->sight->in_foreground || !v->sight->verdict ||
                        strcmp(v->sight->verdict->agent, state->agent) != 0)
                return ACT_OTHER_PROGRAM;
        return ACT_DONE;
}

/* "off" is for all others, the rest for what no human asked for. */
static bool owner_refuses(const ActOrder *order, const PaneProbe *probe) {
        if (strcmp(probe->policy, "off") == 0)
                return true;
        return order->automatic && probe->policy[0] && strcmp(probe->policy, "act") != 0;
}

static bool human_types(const PaneProbe *probe, uint64_t now_usec) {
        return probe->viewed && probe->key_usec + GUARD_HUMAN_USEC > now_usec;
}

static ActRefusal check_pane(const ActOrder *order, const GuardView *v) {
        if (owner_refuses(order, v->probe))
                return ACT_OWNER;
        if (v->row->in_mode)
                return ACT_COPY_MODE;
        if (v->probe->synchronized)
                return ACT_SYNCHRONIZED;
        if (human_types(v->probe, v->now_usec))
                return ACT_HUMAN;
        return ACT_DONE;
}

/* What is believed of it and what this one look says must agree. */
static ActRefusal check_state(const ActOrder *order, const GuardView *v) {
        const Verdict *seen = v->sight->verdict;
        AgentState believed = v->state->state;

        if (seen->keep_state || seen->state == AGENT_WAITING || believed == AGENT_WAITING)
                return ACT_DIALOG;
        if (seen->state == AGENT_WORKING || believed == AGENT_WORKING)
                return ACT_WORKING;
        if (seen->state != believed)
                return ACT_UNSETTLED;
        switch (believed) {
        case AGENT_IDLE:
        case AGENT_ERROR:
                return ACT_DONE;
        case AGENT_RATE_LIMITED:
                return order->kind == ACT_KIND_CONTINUE ? ACT_DONE : ACT_UNSETTLED;
        case AGENT_STARTING:
        case AGENT_WORKING:
        case AGENT_WAITING:
        case AGENT_CRASHED:
        case AGENT_EXITED:
        case AGENT_UNKNOWN:
        case _AGENT_STATE_MAX:
        case _AGENT_STATE_INVALID:
        default:
                return ACT_UNSETTLED;
        }
}

static bool has_draft(const GuardView *v) {
        return (v->state->attributes | v->sight->verdict->attributes) & ATTRIBUTE_UNSUBMITTED;
}

/* Who wrote it may still be there, and only thinking. Keys are known to the second. */
static bool human_is_near(const ActOrder *order, const GuardView *v) {
        return v->probe->viewed &&
                        v->probe->key_usec + USEC_PER_SEC + order->calm_usec > v->now_usec;
}

static ActRefusal check_submit(const ActOrder *order, const GuardView *v) {
        unsigned both = v->state->attributes & v->sight->verdict->attributes;
        const ActRules *rules = v->sight->ways.rules;
        ActRefusal refusal;

        if (!rules || !rules->submit)
                return ACT_UNSUPPORTED;
        if (human_is_near(order, v))
                return ACT_HUMAN;
        refusal = check_state(order, v);
        if (refusal != ACT_DONE)
                return refusal;
        if (v->state->state != AGENT_IDLE)
                return ACT_UNSETTLED;
        if (!(both & ATTRIBUTE_UNSUBMITTED))
                return ACT_STALE;
        return v->sight->ways.submit ? ACT_DONE : ACT_COMMAND;
}

static bool is_command(const ActRules *rules, const char *text) {
        _cleanup_(matcher_freep) Matcher *matcher = NULL;
        PatternMatch match;

        if (!rules->command)
                return false;
        /* Without memory for it, it may be one. */
        return matcher_new(&matcher) < 0 ||
                        pattern_match(rules->command, matcher, text, strlen(text), &match);
}

static ActRefusal check_text(const ActOrder *order, const GuardView *v) {
        const ActRules *rules = v->sight->ways.rules;
        ActRefusal refusal;

        if (!rules || !rules->prompt || (order->kind == ACT_KIND_CONTINUE && !rules->go_on))
                return ACT_UNSUPPORTED;
        refusal = check_state(order, v);
        if (refusal != ACT_DONE)
                return refusal;
        if (has_draft(v))
                return ACT_DRAFT;
        /* A menu of the limit that is over stands before the prompt: it is left first. */
        if (order->kind == ACT_KIND_CONTINUE && v->sight->ways.answers[ACT_LEAVE])
                return ACT_DONE;
        if (!v->sight->ways.prompt)
                return ACT_NO_PROMPT;
        if (order->text && !order->command && is_command(rules, order->text))
                return ACT_COMMAND;
        return ACT_DONE;
}

static ActRefusal check_answer(const ActOrder *order, const GuardView *v) {
        ActAnswerKind kind = order->kind == ACT_KIND_APPROVE ? ACT_APPROVE : ACT_DENY;
        const Verdict *seen = v->sight->verdict;

        if (!v->sight->ways.rules || v->sight->ways.rules->n_answers == 0)
                return ACT_UNSUPPORTED;
        if (seen->state != AGENT_WAITING || seen->keep_state)
                return ACT_NO_DIALOG;
        if (v->state->state != AGENT_WAITING || v->state->attention != seen->attention)
                return ACT_UNSETTLED;
        return v->sight->ways.answers[kind] ? ACT_DONE : ACT_NO_DIALOG;
}

ActRefusal guard_check(const ActOrder *order, const GuardView *v) {
        ActRefusal refusal;

        refusal = check_process(order, v);
        if (refusal == ACT_DONE)
                refusal = check_pane(order, v);
        if (refusal == ACT_DONE && order->token[0] && strcmp(order->token, v->token) != 0)
                refusal = ACT_STALE;
        if (refusal != ACT_DONE)
                return refusal;
        if (order->kind == ACT_KIND_SUBMIT)
                return check_submit(order, v);
        return order->kind == ACT_KIND_APPROVE || order->kind == ACT_KIND_DENY
                        ? check_answer(order, v)
                        : check_text(order, v);
}

static size_t count_lines(const char *text) {
        size_t n = 1;

        for (; *text; text++)
                n += *text == '\n';
        return n;
}

ActRefusal guard_check_typed(const ActOrder *order, const GuardView *v, const char *screen) {
        const char *text = order->text;
        ActRefusal refusal;

        refusal = check_process(order, v);
        if (refusal == ACT_DONE)
                refusal = check_pane(order, v);
        if (refusal != ACT_DONE)
                return refusal;
        if (v->sight->verdict->keep_state || v->sight->verdict->state == AGENT_WAITING)
                return ACT_DIALOG;
        if (strlen(text) > SHOWN_BYTES_MAX || count_lines(text) > SHOWN_LINES_MAX)
                return v->sight->verdict->attributes & ATTRIBUTE_UNSUBMITTED ? ACT_DONE
                                                                             : ACT_DISTURBED;
        return guard_shows(screen, text) ? ACT_DONE : ACT_DISTURBED;
}

/* The line of the screen at @y; its length without the newline. */
static const char *line_at(const char *screen, unsigned y, size_t *ret_n) {
        for (; y > 0; y--) {
                screen += strcspn(screen, "\n");
                if (*screen == '\0')
                        return NULL;
                screen++;
        }
        *ret_n = strcspn(screen, "\n");
        return screen;
}

/* Bytes of the line up to this cell. */
static size_t bytes_before(const char *line, size_t n, unsigned x) {
        size_t at = 0;

        for (unsigned cell = 0; cell < x && at < n; cell++)
                at += MAX(utf8_char_length(line + at, n - at), (size_t)1);
        return at;
}

static size_t trim(const char *line, size_t n) {
        while (n > 0 && line[n - 1] == ' ')
                n--;
        return n;
}

static bool ends_prompt(const char *line, size_t n) {
        static const char *const ends[] = {"$", "#", "%", ">", "\u276f", "\u279c", "\u03bb"};

        n = trim(line, n);
        /* By itself it asks for the rest of a command, after a blank it is a part of one. */
        if (n > 0 && line[n - 1] == '>' && (n == 1 || line[n - 2] == ' '))
                return false;
        FOREACH_ELEMENT (end, ends) {
                size_t k = strlen(*end);

                if (n >= k && memcmp(line + n - k, *end, k) == 0)
                        return true;
        }
        return false;
}

/* Whether some line of that screen has this, from that cell to its end. */
static bool was_there(const char *screen, unsigned x, const char *rest, size_t n_rest) {
        for (;; screen++) {
                size_t n = strcspn(screen, "\n"), at = bytes_before(screen, n, x);
                size_t n_old = trim(screen + at, n - at);

                if (n_old == n_rest && memcmp(screen + at, rest, n_rest) == 0)
                        return true;
                screen += n;
                if (*screen == '\0')
                        return false;
        }
}

/* What a shell shows at the right edge of its prompt is far from it. */
static bool is_free_behind(const char *line, size_t n, size_t at, unsigned x, const char *before) {
        size_t n_rest = trim(line + at, n - at);

        if (n_rest == 0 || (line[at] == ' ' && n_rest > 1 && line[at + 1] == ' '))
                return true;
        return before && was_there(before, x, line + at, n_rest);
}

bool guard_at_prompt(const char *screen, unsigned x, unsigned y, const char *before) {
        size_t n, at;
        const char *line = line_at(screen, y, &n);

        if (!line)
                return false;
        at = bytes_before(line, n, x);
        return is_free_behind(line, n, at, x, before) && ends_prompt(line, at);
}

bool guard_after_prompt(
                const char *screen, unsigned x, unsigned y, const char *before, const char *text) {
        size_t n, at, n_text = strlen(text);
        const char *line = line_at(screen, y, &n), *end;

        if (!line)
                return false;
        at = bytes_before(line, n, x);
        if (!is_free_behind(line, n, at, x, before))
                return false;
        /* A long one goes on in the next line. */
        for (end = line + at; n_text > 0 && end > screen; end--) {
                if (end[-1] == '\n')
                        continue;
                if (end[-1] != text[n_text - 1])
                        return false;
                n_text--;
        }
        for (line = end; line > screen && line[-1] != '\n'; line--)
                continue;
        return n_text == 0 && ends_prompt(line, (size_t)(end - line));
}

static ActRefusal check_ended(const ActOrder *order, const GuardView *v) {
        if (v->sight->process.pid > 0 ||
                        (v->state->present && !agent_state_is_gone(v->state->state)))
                return ACT_RUNNING;
        if (!v->state->present)
                return ACT_NO_AGENT;
        if (v->sight->verdict && !agent_state_is_gone(v->sight->verdict->state))
                return ACT_RUNNING;
        return check_pane(order, v);
}

ActRefusal guard_check_restart(const ActOrder *order, const GuardView *v, const char *screen) {
        const char *before = v->sight->memory ? v->sight->memory->screen : NULL;
        unsigned x = v->row->cursor_x, y = v->row->cursor_y;
        ActRefusal refusal = check_ended(order, v);

        if (refusal != ACT_DONE || v->row->dead)
                return refusal;
        if (!v->sight->shell_waits)
                return ACT_NO_SHELL;
        if (!order->text)
                return guard_at_prompt(screen, x, y, before) ? ACT_DONE : ACT_NO_SHELL;
        /* It was typed already. */
        return guard_after_prompt(screen, x, y, before, order->text) ? ACT_DONE : ACT_DISTURBED;
}

void guard_make_token(const TrackerState *state, uint64_t screen_hash, uint64_t server_start_usec,
                char ret[static ACT_TOKEN_MAX]) {
        const uint64_t facts[] = {(uint64_t)state->process.pid, state->process.start_ticks,
                        (uint64_t)state->state, (uint64_t)state->attention, screen_hash,
                        server_start_usec};

        (void)snprintf(ret, ACT_TOKEN_MAX, "%016" PRIx64,
                        (uint64_t)XXH3_64bits(facts, sizeof(facts)));
}

/* Blanks, and what frames are drawn with: U+2500 to U+259F. */
static size_t skip_length(const char *s) {
        if (strchr(" \t\r", *s))
                return 1;
        if (strncmp(s, "\u00a0", 2) == 0)
                return 2;
        if ((unsigned char)s[0] == 0xe2 &&
                        ((unsigned char)s[1] == 0x94 || (unsigned char)s[1] == 0x95 ||
                                        (unsigned char)s[1] == 0x96) &&
                        s[2])
                return 3;
        return 0;
}

static const char *skip(const char *s, bool lines) {
        for (;;) {
                size_t n = *s == '\0' ? 0 : *s == '\n' ? lines : skip_length(s);

                if (n == 0)
                        return s;
                s += n;
        }
}

/* Where @text ends on the screen that begins with it; NULL: it does not. */
static const char *match_text(const char *screen, const char *text) {
        for (;;) {
                text = skip(text, true);
                if (*text == '\0')
                        return screen;
                screen = skip(screen, true);
                if (*screen != *text)
                        return NULL;
                screen++;
                text++;
        }
}

bool guard_shows(const char *screen, const char *text) {
        char before = ' ';

        for (const char *s = screen; *s; s++) {
                const char *end = isalnum((unsigned char)before) ? NULL : match_text(s, text);

                if (end && end > s && strchr("\n", *skip(end, false)))
                        return true;
                if (skip_length(s) == 0)
                        before = *s;
        }
        return false;
}
