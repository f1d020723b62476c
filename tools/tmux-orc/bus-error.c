/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "daemon/base/text.h"
#include "tools/tmux-orc/bus.h"

#define OURS BUS_NAME ".Error."
#define STANDARD "org.freedesktop.DBus.Error."

#define HINT_START "Is it running? 'tmux-orc doctor' says what is missing."
#define HINT_POLKIT "Root may, and everybody for what is theirs alone."

/* From the names of errors to the exit status, and to what can be done. */
static const struct {
        const char *name;
        CommandResult result;
        const char *what; /* NULL: the service's own words */
        const char *hint; /* NULL: nothing to say */
} bus_errors[] = {
                {STANDARD "ServiceUnknown", COMMAND_UNREACHABLE, "the service is not there",
                                HINT_START},
                {STANDARD "NameHasNoOwner", COMMAND_UNREACHABLE, "the service is not there",
                                HINT_START},
                {STANDARD "NoServer", COMMAND_UNREACHABLE, "the message bus is not there",
                                HINT_START},
                {STANDARD "Disconnected", COMMAND_UNREACHABLE, "the message bus went away",
                                HINT_START},
                {STANDARD "NoReply", COMMAND_UNREACHABLE, "the service did not answer",
                                "'journalctl -t tmux-orchestrator' may tell why."},
                {STANDARD "Timeout", COMMAND_UNREACHABLE, "the service did not answer in time",
                                "'journalctl -t tmux-orchestrator' may tell why."},
                {STANDARD "TimedOut", COMMAND_UNREACHABLE, "the service did not answer in time",
                                "'journalctl -t tmux-orchestrator' may tell why."},
                {STANDARD "Spawn.", COMMAND_UNREACHABLE, "the service could not be started",
                                "'systemctl status tmux-orchestrator' may tell why."},
                {"org.freedesktop.systemd1.", COMMAND_UNREACHABLE,
                                "the service could not be started",
                                "'systemctl status tmux-orchestrator' may tell why."},
                {"System.Error.ECONNRESET", COMMAND_UNREACHABLE, "the connection broke",
                                HINT_START},
                {"System.Error.ENOTCONN", COMMAND_UNREACHABLE, "the connection broke", HINT_START},
                {"System.Error.EPIPE", COMMAND_UNREACHABLE, "the connection broke", HINT_START},
                {"System.Error.ETIMEDOUT", COMMAND_UNREACHABLE,
                                "the service did not answer in time",
                                "'journalctl -t tmux-orchestrator' may tell why."},
                {STANDARD "AccessDenied", COMMAND_DENIED, NULL, HINT_POLKIT},
                {STANDARD "InteractiveAuthorizationRequired", COMMAND_DENIED, NULL, HINT_POLKIT},
                {STANDARD "AuthFailed", COMMAND_DENIED, NULL, HINT_POLKIT},
                {STANDARD "UnknownMethod", COMMAND_FAILED, NULL,
                                "The service may be older than this tmux-orc."},
                {STANDARD "UnknownObject", COMMAND_FAILED, "it is not there any more", NULL},
                {OURS "NoSuchAgent", COMMAND_FAILED, NULL, "'tmux-orc list' names the agents."},
                {OURS "NoSuchStrategy", COMMAND_FAILED, NULL,
                                "'tmux-orc monitor --list-strategies' names them."},
                {OURS "NoSuchComponent", COMMAND_FAILED, NULL, "'tmux-orc health' names them."},
                {OURS "NoSuchSetting", COMMAND_FAILED, NULL, "'tmux-orc config list' names them."},
                {OURS "NoSuchPlugin", COMMAND_FAILED, NULL, "'tmux-orc plugin list' names them."},
                {OURS "InvalidPlugin", COMMAND_FAILED, NULL,
                                "'tmux-orc plugin status' says more of it."},
                {OURS "Disabled", COMMAND_FAILED, NULL,
                                "'tmux-orc plugin enable' or 'tmux-orc config set' enables it."},
                {OURS "NotWatched", COMMAND_FAILED, NULL,
                                "'tmux-orc register' in that user's tmux starts a watcher."},
                {OURS "InvalidArgument", COMMAND_FAILED, NULL, NULL},
                {OURS "InvalidConfig", COMMAND_FAILED, NULL,
                                "'tmux-orc config validate' names the lines."},
                {OURS "Timeout", COMMAND_FAILED, NULL,
                                "Does its tmux server answer? 'tmux-orc status --detailed' says."},
                {OURS "RateLimited", COMMAND_FAILED, NULL, "Try again in a moment."},
                {OURS "AgentGone", COMMAND_FAILED, NULL, "'tmux-orc show' says how it ended."},
                {OURS "OwnerRefuses", COMMAND_DENIED, NULL,
                                "The option @tmux-orc-policy of that pane says so."},
                {OURS "Stale", COMMAND_FAILED, NULL, "Look again, and decide anew."},
                {OURS "NoDialog", COMMAND_FAILED, NULL,
                                "'tmux-orc screen' shows what it asks, if it does."},
                {OURS "NotVerified", COMMAND_FAILED, NULL,
                                "'tmux-orc screen' shows what is there."},
                {OURS "Busy", COMMAND_FAILED, NULL, "Try again in a moment."},
};

/* A name that ends with a dot stands for all that begin so. */
static bool row_matches(const char *row, const char *name) {
        return text_ends_with(row, ".") ? text_starts_with(name, row) : strcmp(name, row) == 0;
}

CommandResult bus_failed(const Context *c, const sd_bus_error *error, int r) {
        _cleanup_free_ char *message = NULL;

        if (!error || !error->name) {
                context_error(c, "%s", strerror(-r));
                return COMMAND_FAILED;
        }

        message = terminal_text(text_is_empty(error->message) ? error->name : error->message);
        FOREACH_ELEMENT (row, bus_errors) {
                if (!row_matches(row->name, error->name))
                        continue;
                context_error(c, "%s", row->what ?: message ?: error->name);
                if (row->hint)
                        context_hint(c, "%s", row->hint);
                return row->result;
        }

        context_error(c, "%s", message ?: error->name);
        return COMMAND_FAILED;
}
