/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Watchers
 *
 * The daemon's side of the watch socket: accepts watchers, learns their user from the kernel,
 * feeds the registry with what they report, and carries questions to them. An answer always comes
 * through the callback, exactly once, unless starting failed or the question was dropped.
 */

#include <json-c/json.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "daemon/agents/registry.h"
#include "daemon/wire/acting.h"
#include "daemon/wire/watching.h"

typedef struct Watchers Watchers;
typedef struct WatchersQuestion WatchersQuestion;

int watchers_new(sd_event *event, Registry *registry, Watchers **ret);
Watchers *watchers_free(Watchers *watchers);
DEFINE_CLEANUP(Watchers *, watchers_free)

/* Listens on a socket that systemd passed, or on one made at @path (mode 0666: the kernel tells who
 * comes). */
int watchers_listen_fd(Watchers *watchers, int fd);
int watchers_listen(Watchers *watchers, const char *path);

/* User mode: starts the watcher of our own user, and again, with back-off, when it ends. */
int watchers_start_own(Watchers *watchers, const char *program);
/* Ours is ended and comes back; others are sent away: who can, comes back and says all again. */
int watchers_restart(Watchers *watchers);
unsigned watchers_own_restarts(const Watchers *watchers);
bool watchers_has_own(const Watchers *watchers);
/* The longest time for which one that is connected has told nothing. */
uint64_t watchers_silent_usec(const Watchers *watchers, uint64_t now_usec);
/* All make their pools anew. -ENOTCONN: there is none. */
int watchers_renew_pools(Watchers *watchers);

/* How far each was heard, so that after a restart it tells just what came after that. */
int watchers_save(const Watchers *watchers, json_object **ret);
void watchers_restore(Watchers *watchers, json_object *saved);

unsigned watchers_count(const Watchers *watchers);

/* Told to all, and to who comes later. The budget is that of all together: each gets its part. */
void watchers_set_settings(Watchers *watchers, const WatchSettings *settings);
/* Whether looks are asked for, or watchers make them of themselves. */
void watchers_set_asked(Watchers *watchers, bool asked);
/* Called when some watcher has told of its looking. */
typedef void (*WatchersReported)(void *userdata);
void watchers_set_reported(Watchers *watchers, WatchersReported reported, void *userdata);
/* Of all watchers together; counters have those that left in them. */
void watchers_sum(const Watchers *watchers, WatchReport *ret);

/*
 * @error is 0 or a negative errno: -ETIMEDOUT, -ENXIO (no such pane any more), -ENOTCONN (no
 * watcher for this user, or it left). @result is borrowed and NULL on error.
 */
typedef void (*WatchersAnswer)(void *userdata, int error, json_object *result);

/* Result: {"screen": "…"}: the last @lines lines, all if 0. */
int watchers_ask_screen(Watchers *watchers, const Agent *agent, unsigned lines,
                WatchersAnswer answer, void *userdata, WatchersQuestion **ret);
/* Result: what was seen, what it says, what it overruled. */
int watchers_ask_explain(Watchers *watchers, const Agent *agent, WatchersAnswer answer,
                void *userdata, WatchersQuestion **ret);
/* A fresh look at one agent, without its screen. Result: {"hash": "…", "alive": true, "state": "…",
 * "token": "…"}: the token is of what was seen. */
int watchers_ask_check(Watchers *watchers, const Agent *agent, WatchersAnswer answer,
                void *userdata, WatchersQuestion **ret);
/* What an agent's hook says; @pid is the process that told us, 0 if it is not known. Result: {}.
 * -EXDEV: that process is not in the agent's pane. */
int watchers_send_event(Watchers *watchers, const Agent *agent, pid_t pid, const char *source,
                const char *event, json_object *details, WatchersAnswer answer, void *userdata,
                WatchersQuestion **ret);
/* Something is to be typed. Result: see act_outcome_from_json(). */
int watchers_ask_act(Watchers *watchers, const Agent *agent, const ActOrder *order,
                WatchersAnswer answer, void *userdata, WatchersQuestion **ret);
/*
 * Shows the agent's owner a notice, unless somebody has its pane on the screen just now. @notice is
 * {id, summary, body, urgency, desktop, buttons}. Result: {"seen": somebody looks at it, "shown":
 * it is on the desktop}.
 */
int watchers_show_notice(Watchers *watchers, const Agent *agent, const json_object *notice,
                WatchersAnswer answer, void *userdata, WatchersQuestion **ret);
/* It is not so any more: what is still shown goes. */
void watchers_close_notice(Watchers *watchers, uid_t uid, const char *id);
/* Somebody at the desktop of @uid pressed a button of a notice. Strings are what a watcher sent. */
typedef void (*WatchersPressed)(void *userdata, uid_t uid, const char *id, const char *button);
void watchers_set_pressed(Watchers *watchers, WatchersPressed pressed, void *userdata);

/* All watchers look at all their servers. One answer when the last is done: {"agents": n, "panes":
 * n, "captured": n} */
int watchers_ask_look(
                Watchers *watchers, WatchersAnswer answer, void *userdata, WatchersQuestion **ret);
/* Looks at some agents, and at what comes with them. */
typedef struct WatchersPart {
        const Agent *const *agents;
        size_t n_agents;
        uint64_t rest_usec;   /* afterwards nobody captures them for so long, unless it is asked */
        unsigned concurrency; /* servers side by side, of each watcher; 0: no bound */
        bool sweep;           /* the servers of no such agent are looked at as well */
} WatchersPart;

/*
 * As watchers_ask_look(). -ENOTCONN: no watcher is there, -ENODATA: there is nothing to look at.
 */
int watchers_ask_part(Watchers *watchers, const WatchersPart *part, WatchersAnswer answer,
                void *userdata, WatchersQuestion **ret);
/* All watchers read their detector rules anew; told to nobody. */
void watchers_reload(Watchers *watchers);

/* The answer is not wanted any more. NULL is fine; returns NULL. */
WatchersQuestion *watchers_question_drop(WatchersQuestion *question);
