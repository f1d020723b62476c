/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/tmux/words.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 2048U

static int append(TmuxBytes *b, const char *data, size_t n, size_t max) {
        size_t n_new = b->n_allocated > 0 ? b->n_allocated : 1024;
        char *p;

        if (b->n + n > max)
                return -E2BIG;
        while (n_new < b->n + n)
                n_new *= 2;
        if (n_new > b->n_allocated) {
                p = realloc(b->data, n_new);
                if (!p)
                        return -ENOMEM;
                b->data = p;
                b->n_allocated = n_new;
        }

        memcpy(b->data + b->n, data, n);
        b->n += n;
        return 0;
}

static int append_to_command(TmuxWords *w, const char *word, size_t n) {
        TmuxCommand *command = &w->commands[w->n_commands - 1];
        int r;

        if (command->n_bytes + n > TMUX_WORDS_MAX)
                return -E2BIG;
        r = append(&w->words, word, n, TMUX_COMMANDS_MAX);
        if (r < 0)
                return r;
        command->n_words++;
        command->n_bytes += n;
        return 0;
}

static void add(TmuxWords *w, const char *before, const char *word, const char *after) {
        size_t n = strlen(word);
        int r = w->error;

        /* What a text of commands, or a list of words, would take for something else. */
        if (r >= 0 && (strpbrk(word, "'\n") || (n > 0 && word[n - 1] == ';')))
                r = -EINVAL;
        if (r >= 0)
                r = append_to_command(w, word, n + 1);
        if (r >= 0)
                r = append(&w->text, before, strlen(before), TMUX_COMMANDS_MAX);
        if (r >= 0)
                r = append(&w->text, word, n, TMUX_COMMANDS_MAX);
        if (r >= 0)
                r = append(&w->text, after, strlen(after), TMUX_COMMANDS_MAX);
        w->error = r;
}

static int begin_command(TmuxWords *w) {
        if (w->n_commands == w->n_allocated) {
                size_t n = w->n_allocated > 0 ? w->n_allocated * 2 : 4;
                TmuxCommand *commands = reallocarray(w->commands, n, sizeof(*commands));

                if (!commands)
                        return -ENOMEM;
                w->commands = commands;
                w->n_allocated = n;
        }
        w->commands[w->n_commands++] = (TmuxCommand){};
        return 0;
}

void tmux_words_command(TmuxWords *words, const char *name) {
        assert(words);
        assert(name);

        if (words->error < 0)
                return;
        words->error = begin_command(words);
        add(words, words->n_commands > 1 ? "\n" : "", name, "");
}

void tmux_words_add(TmuxWords *words, const char *word) {
        assert(words && (words->n_commands > 0 || words->error < 0));
        assert(word);

        add(words, " '", word, "'");
}

static bool is_plain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        strchr(" _-.,:/", c);
}

/* Inside of double quotes, where a backslash and three octal digits are any byte. */
void tmux_words_add_text(TmuxWords *words, const char *text) {
        int r = words->error;

        assert(words->n_commands > 0);

        if (r >= 0 && words->n_commands == 1)
                r = -EINVAL;
        if (r >= 0)
                r = append(&words->text, " \"", 2, TMUX_COMMANDS_MAX);
        for (; r >= 0 && *text; text++) {
                char escaped[8];
                int n = snprintf(escaped, sizeof(escaped), is_plain(*text) ? "%c" : "\\%03o",
                                (unsigned char)*text);

                r = append(&words->text, escaped, (size_t)n, TMUX_COMMANDS_MAX);
        }
        if (r >= 0)
                r = append(&words->text, "\"", 1, TMUX_COMMANDS_MAX);
        words->error = r;
}

void tmux_words_addf(TmuxWords *words, const char *format, ...) {
        char word[WORD_MAX];
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(word, sizeof(word), format, ap);
        va_end(ap);

        if (n < 0 || (size_t)n >= sizeof(word))
                words->error = words->error ?: -E2BIG;
        tmux_words_add(words, word);
}

int tmux_words_check(const TmuxWords *words) {
        assert(words);

        if (words->error < 0)
                return words->error;
        return words->n_commands > 0 ? 0 : -EINVAL;
}

const char *tmux_words_next(const TmuxWords *words, const char *word) {
        const char *next = word ? word + strlen(word) + 1 : words->words.data;

        return next && next < words->words.data + words->commands[0].n_bytes ? next : NULL;
}

static int copy_bytes(const TmuxBytes *b, TmuxBytes *ret) {
        return append(ret, b->data, b->n, b->n);
}

int tmux_words_copy(const TmuxWords *words, TmuxWords *ret) {
        _cleanup_(tmux_words_done) TmuxWords copy = {};
        int r;

        assert(ret);

        r = tmux_words_check(words);
        if (r < 0)
                return r;
        copy.commands = reallocarray(NULL, words->n_commands, sizeof(*copy.commands));
        if (!copy.commands)
                return -ENOMEM;
        memcpy(copy.commands, words->commands, words->n_commands * sizeof(*copy.commands));
        copy.n_commands = copy.n_allocated = words->n_commands;
        r = copy_bytes(&words->words, &copy.words);
        if (r >= 0)
                r = copy_bytes(&words->text, &copy.text);
        if (r < 0)
                return r;

        *ret = copy;
        copy = (TmuxWords){};
        return 0;
}

void tmux_words_done(TmuxWords *words) {
        free(words->words.data);
        free(words->text.data);
        free(words->commands);
        *words = (TmuxWords){};
}
