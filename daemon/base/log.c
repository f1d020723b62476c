/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#define MESSAGE_MAX 2048
#define FIELDS_MAX 20
#define LINE_MAX_BYTES 4096U

enum Target { TARGET_AUTO, TARGET_JOURNAL, TARGET_CONSOLE, TARGET_NULL };

static const char *const target_names[] = {
                [TARGET_AUTO] = "auto",
                [TARGET_JOURNAL] = "journal",
                [TARGET_CONSOLE] = "console",
                [TARGET_NULL] = "null",
};

/* The one state of the whole process that every file may use. */
static struct {
        const char *identifier;
        int level;
        enum Target target;
        bool to_journal; /* what TARGET_AUTO comes to */
} the_log = {.identifier = "tmux-orchestrator", .level = LOG_INFO};

static const char *const level_names[] = {
                "emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"};

static bool journal_is_there(void) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long dev, ino;
        struct stat st;

        /* Set by systemd for what it starts; false in a shell that inherited it. */
        return stream && sscanf(stream, "%lu:%lu", &dev, &ino) == 2 &&
                        fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

void log_open(const char *identifier, int level) {
        the_log.identifier = identifier;
        the_log.level = level;
        the_log.to_journal = journal_is_there();
}

void log_set_level(int level) {
        the_log.level = level;
}

int log_get_level(void) {
        return the_log.level;
}

const char *log_get_identifier(void) {
        return the_log.identifier;
}

int log_set_target(const char *target) {
        for (size_t i = 0; i < ELEMENTSOF(target_names); i++)
                if (strcmp(target_names[i], target) == 0) {
                        the_log.target = (enum Target)i;
                        return 0;
                }
        return -EINVAL;
}

const char *log_get_target(void) {
        return target_names[the_log.target];
}

const char *log_level_to_string(int level) {
        return level == LOG_ERR ? "err" : level_names[level];
}

int log_level_from_string(const char *s) {
        for (size_t i = 0; s && i < ELEMENTSOF(level_names); i++)
                if (strcasecmp(s, level_names[i]) == 0)
                        return (int)i;
        if (s && strcasecmp(s, "warn") == 0)
                return LOG_WARNING;
        if (s && strcasecmp(s, "err") == 0)
                return LOG_ERR;
        if (s && strcasecmp(s, "critical") == 0)
                return LOG_CRIT;
        return -EINVAL;
}

typedef struct Entry {
        struct iovec iov[FIELDS_MAX];
        char *owned[FIELDS_MAX];
        int n;
} Entry;

static void entry_done(Entry *e) {
        for (int i = 0; i < e->n; i++)
                free(e->owned[i]);
}

static void entry_add(Entry *e, const char *name, const char *value) {
        char *line = NULL;
        int n;

        if (!value || e->n >= FIELDS_MAX)
                return;

        n = asprintf(&line, "%s=%s", name, value);
        if (n < 0)
                return; /* a log line less; there is nobody to tell */

        e->owned[e->n] = line;
        e->iov[e->n++] = (struct iovec){.iov_base = line, .iov_len = (size_t)n};
}

static void send_to_journal(
                int level, const char *message_id, const LogField *fields, const char *message) {
        _cleanup_(entry_done) Entry e = {};
        char priority[] = {(char)('0' + level), '\0'};

        entry_add(&e, "MESSAGE", message);
        entry_add(&e, "PRIORITY", priority);
        entry_add(&e, "SYSLOG_IDENTIFIER", the_log.identifier);
        entry_add(&e, "MESSAGE_ID", message_id);
        for (; fields && fields->name; fields++)
                entry_add(&e, fields->name, fields->value);

        (void)sd_journal_sendv(e.iov, e.n);
}

static size_t append(char *line, size_t n, const char *a, const char *b, const char *c) {
        int k = n < LINE_MAX_BYTES ? snprintf(line + n, LINE_MAX_BYTES - n, "%s%s%s", a, b, c) : 0;

        if (k > 0)
                n += (size_t)k;
        return MIN(n, LINE_MAX_BYTES - 1);
}

/* In one piece: others may write to the same place. */
static void print_line(int level, const LogField *fields, const char *message) {
        char line[LINE_MAX_BYTES + 1];
        size_t n = append(line, 0, the_log.identifier, ": ", level_names[level]);

        n = append(line, n, ": ", message, "");
        for (; fields && fields->name; fields++)
                if (fields->value) {
                        n = append(line, n, " ", fields->name, "=");
                        n = append(line, n, fields->value, "", "");
                }
        line[n] = '\n';
        (void)fwrite(line, 1, n + 1, stderr);
}

static bool goes_to_journal(void) {
        return the_log.target == TARGET_JOURNAL ||
                        (the_log.target == TARGET_AUTO && the_log.to_journal);
}

void log_full(int level, const char *message_id, const LogField *fields, const char *format, ...) {
        char message[MESSAGE_MAX];
        va_list ap;

        if (level > the_log.level || the_log.target == TARGET_NULL)
                return;

        va_start(ap, format);
        (void)vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);

        if (goes_to_journal())
                send_to_journal(level, message_id, fields, message);
        else
                print_line(level, fields, message);
}
