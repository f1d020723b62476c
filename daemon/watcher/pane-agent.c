/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/pane-agent.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/watcher/agent-memory.h"
#include "daemon/watcher/detect/stall.h"
#include "daemon/watcher/proc/process-tree.h"
#include "daemon/watcher/proc/process-watch.h"

#define READ_IO_USEC (10 * USEC_PER_SEC)

struct PaneAgent {
        sd_event *event;
        const MemorySource *source;
        const PaneAgentEvents *events;
        void *userdata;

        ProcessTree *tree;
        pid_t root; /* of the tree */
        ProcessWatch *watch;
        MemoryWatch *memory_watch;
        char *end_reason; /* NULL: nothing is known but what the tracker says */
        char *end_advice;
        Tracker *tracker; /* NULL until an agent was seen */

        AgentMemory memory;
        Verdict *verdict;    /* of the last judging, if it named an agent */
        uint64_t words;      /* of the screen as it is */
        uint64_t read_bytes; /* by the agent's process, when it was read last */
        uint64_t read_usec;  /* and when that was */
        bool judged;
        bool rules_changed; /* since the last judging */
};

int pane_agent_new(sd_event *event, const MemorySource *memory, const PaneAgentEvents *events,
                void *userdata, PaneAgent **ret) {
        PaneAgent *a = calloc(1, sizeof(*a));

        if (!a)
                return -ENOMEM;
        *a = (PaneAgent){
                        .event = sd_event_ref(event),
                        .source = memory,
                        .events = events,
                        .userdata = userdata,
        };
        *ret = a;
        return 0;
}

PaneAgent *pane_agent_free(PaneAgent *a) {
        if (!a)
                return NULL;

        process_watch_free(a->watch);
        memory_watch_free(a->memory_watch);
        free(a->end_reason);
        free(a->end_advice);
        process_tree_free(a->tree);
        agent_memory_done(&a->memory);
        tracker_free(a->tracker);
        free(a->verdict);
        sd_event_unref(a->event);
        free(a);
        return NULL;
}

void pane_agent_forget_verdict(PaneAgent *a) {
        a->judged = false;
        a->rules_changed = true;
        free(a->verdict);
        a->verdict = NULL;
}

static void forget_end(PaneAgent *a) {
        free(TAKE_PTR(a->end_reason));
        free(TAKE_PTR(a->end_advice));
}

/* At once, for the group goes with its last process. */
static Oom end_memory(PaneAgent *a, const ProcessEnd *end) {
        Oom oom = OOM_NO;

        forget_end(a);
        if (a->memory_watch)
                oom = memory_watch_end(a->memory_watch, end->kind != PROCESS_END_UNKNOWN,
                                end->kind == PROCESS_END_KILLED ? end->status : 0, &a->end_reason,
                                &a->end_advice);
        a->memory_watch = memory_watch_free(a->memory_watch);
        return oom;
}

static void on_process_end(void *userdata, const ProcessEnd *end) {
        PaneAgent *a = userdata;
        TrackerEnd tracked = {
                        .process = {.pid = end->pid,
                                        .start_ticks = process_watch_start_ticks(a->watch)},
                        .has_status = end->kind == PROCESS_END_EXITED,
                        .status = end->kind == PROCESS_END_EXITED ? end->status : 0,
                        .signal = end->kind == PROCESS_END_KILLED ? end->status : 0,
        };
        TrackerChange change = {};

        a->watch = process_watch_free(a->watch);
        tracked.oom = end_memory(a, end);
        tracker_process_ended(a->tracker, &tracked, pane_time_now(), &change);
        a->events->ended(a->userdata, a, &change);
}

/* Returns 1 if the processes changed, 0 if not; a pane without processes is no error. */
static int update_processes(PaneAgent *a, const TmuxRow *row, uint64_t now) {
        int r;

        if (row->dead || row->pid != a->root) {
                a->tree = process_tree_free(a->tree);
                a->root = row->pid;
                if (row->dead)
                        return 0;
                r = process_tree_new(row->pid, &a->tree);
                return r == -ESRCH ? 1 : r < 0 ? r : 1;
        }
        if (!a->tree)
                return 0;

        r = process_tree_update(a->tree, now);
        if (r == -ESRCH) {
                a->tree = process_tree_free(a->tree);
                return 1;
        }
        return r;
}

static Observation observe(const PaneAgent *a, const PaneView *view, uint64_t now_usec) {
        const TmuxRow *row = view->row;
        const Process *foreground = a->tree ? process_tree_foreground(a->tree) : NULL;

        return (Observation){
                        .screen = view->screen,
                        .n_screen = view->n_screen,
                        .title = row->title,
                        .command = foreground ? foreground->comm : NULL,
                        .processes = a->tree ? process_tree_commands(a->tree) : NULL,
                        .width = (int)row->width,
                        .height = (int)row->height,
                        .cursor_x = (int)row->cursor_x,
                        .cursor_y = (int)row->cursor_y,
                        .alternate_on = row->alternate_on,
                        .in_mode = row->in_mode,
                        .dead = row->dead,
                        .dead_status = row->dead_status,
                        .dead_signal = row->dead_signal,
                        .now_usec = now_usec,
        };
}

/* There is no agent; how the one that was here went may still be read from what it left. */
static int judge_traces(
                const PaneAgent *a, const DetectorSet *rules, Observation *o, Verdict *verdict) {
        Verdict traces;
        int r;

        o->agent = tracker_state(a->tracker)->agent;
        r = detector_judge(rules, o, &traces);
        if (r >= 0 && traces.agent && agent_state_is_gone(traces.state))
                *verdict = traces;
        return r;
}

static int judge(PaneAgent *a, const DetectorSet *rules, const PaneView *view, uint64_t now_usec) {
        Observation o = observe(a, view, now_usec);
        Verdict verdict;
        int r;

        r = detector_judge(rules, &o, &verdict);
        if (r >= 0 && !verdict.agent && a->tracker && tracker_state(a->tracker)->present)
                r = judge_traces(a, rules, &o, &verdict);
        if (r < 0)
                return r;

        a->judged = true;
        if (!verdict.agent && !a->tracker) {
                free(a->verdict);
                a->verdict = NULL;
                return 0;
        }
        return verdict_keep(&verdict, &a->verdict);
}

/* The process that is the agent: the one we know, while it is there, else the one the rules found.
 */
static const Process *own_process(const PaneAgent *a) {
        const TrackerProcess *known = &tracker_state(a->tracker)->process;
        const Process *p;

        if (!a->tree)
                return NULL;

        p = known->pid > 0 ? process_tree_find(a->tree, known->pid) : NULL;
        if (p && p->stat.start_ticks == known->start_ticks)
                return p;
        if (a->verdict && a->verdict->process >= 0 &&
                        (size_t)a->verdict->process < process_tree_count(a->tree))
                return process_tree_at(a->tree, (size_t)a->verdict->process);
        return NULL;
}

static uint64_t ticks_to_usec(uint64_t ticks) {
        return ticks * USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
}

static uint64_t process_age(const Process *p) {
        uint64_t started = ticks_to_usec(p->stat.start_ticks), now = clock_usec(CLOCK_BOOTTIME);

        return now > started ? now - started : 0;
}

/* Now and then is enough to tell whether it makes progress. */
static void read_io(PaneAgent *a, pid_t pid, uint64_t now_usec) {
        if (tracker_state(a->tracker)->state != AGENT_WORKING ||
                        now_usec - a->read_usec < READ_IO_USEC)
                return;
        a->read_usec = now_usec;
        if (proc_read_bytes(pid, &a->read_bytes) < 0)
                a->read_bytes = 0;
}

static void note_words(PaneAgent *a, const PaneView *view) {
        if (view->screen_changed && view->screen)
                a->words = stall_words(view->screen, view->n_screen);
}

static void track(PaneAgent *a, const PaneView *view, TrackerTime now, TrackerChange *ret) {
        const TmuxRow *row = view->row;
        const Process *p = own_process(a);
        TrackerInput in = {
                        .now = now,
                        .verdict = a->verdict,
                        .screen_changed = view->screen_changed,
                        .words = a->words,
                        .title = row->title,
                        .alternate_on = row->alternate_on,
                        .pane_dead = row->dead,
                        .dead_status = row->dead_status,
                        .dead_signal = row->dead_signal,
                        .processes_known = a->tree || row->dead,
                        .process_age_usec = UINT64_MAX,
        };

        if (p) {
                in.process = (TrackerProcess){p->stat.pid, p->stat.start_ticks};
                in.process_age_usec = process_age(p);
                in.in_foreground = p->stat.pgrp == p->stat.tpgid;
                in.cpu_usec = ticks_to_usec(process_tree_cpu_ticks(a->tree));
                in.n_processes = (unsigned)process_tree_count(a->tree);
                read_io(a, p->stat.pid, now.monotonic);
                in.read_bytes = a->read_bytes;
        }
        tracker_update(a->tracker, &in, ret);
}

/* Its end is told at once by the kernel. */
static int watch_process(PaneAgent *a) {
        const TrackerProcess *p = &tracker_state(a->tracker)->process;
        int r;

        if (a->watch && process_watch_pid(a->watch) == p->pid &&
                        process_watch_start_ticks(a->watch) == p->start_ticks)
                return 0;

        a->watch = process_watch_free(a->watch);
        if (p->pid <= 0)
                return 0;
        r = process_watch_new(a->event, p->pid, p->start_ticks, on_process_end, a, &a->watch);
        return r == -ESRCH ? 0 : r; /* the next look sees that it is gone */
}

static void on_memory(void *userdata, bool urgent) {
        PaneAgent *a = userdata;

        a->events->memory(a->userdata, a, &(const TrackerChange){.state = urgent, .detail = true});
}

/* The pane's own process is the tmux server's child. */
static void watch_memory(PaneAgent *a, uint64_t now_usec) {
        pid_t pid = tracker_state(a->tracker)->process.pid;

        if (a->memory_watch && memory_watch_pid(a->memory_watch) != pid)
                a->memory_watch = memory_watch_free(a->memory_watch);
        if (pid <= 0 || !a->tree)
                return;
        if (!a->memory_watch) {
                forget_end(a);
                (void)memory_watch_new(a->event, a->source, pid,
                                process_tree_at(a->tree, 0)->stat.ppid, on_memory, a,
                                &a->memory_watch);
        }
        if (a->memory_watch)
                memory_watch_see(a->memory_watch, a->tree, now_usec);
}

static void remember(PaneAgent *a, const DetectorSet *rules, const PaneView *view) {
        const TrackerState *state = tracker_state(a->tracker);
        const Process *p = a->tree && state->process.pid > 0
                        ? process_tree_find(a->tree, state->process.pid)
                        : NULL;

        if (!p || p->stat.start_ticks != state->process.start_ticks)
                return;
        agent_memory_update(&a->memory, detector_act_rules(rules, state->agent), p->stat.pid,
                        p->stat.start_ticks, p->command);
        if (view->screen && (view->screen_changed || !a->memory.screen))
                agent_memory_see(&a->memory, view->screen);
}

static void drop_tracker(PaneAgent *a) {
        a->watch = process_watch_free(a->watch);
        a->memory_watch = memory_watch_free(a->memory_watch);
        forget_end(a);
        a->tracker = tracker_free(a->tracker);
}

/* What only the old rules took for an agent is none: its living process proves nothing then. */
static bool is_disowned(PaneAgent *a) {
        bool changed = a->rules_changed;
        const TrackerState *state;

        a->rules_changed = false;
        if (!changed || !a->tracker || !a->verdict || a->verdict->agent)
                return false;
        state = tracker_state(a->tracker);
        return state->present && !agent_state_is_gone(state->state);
}

int pane_agent_look(PaneAgent *a, const DetectorSet *rules, const PaneView *view, TrackerTime now,
                TrackerChange *ret) {
        int r;

        assert(a && rules && view && ret);

        *ret = (TrackerChange){};
        r = update_processes(a, view->row, now.monotonic);
        if (r < 0)
                return r;
        if (r > 0 || view->changed || view->screen_changed || !a->judged) {
                r = judge(a, rules, view, now.realtime);
                if (r < 0)
                        return r;
        }
        if (is_disowned(a)) {
                drop_tracker(a);
                ret->vanished = true;
                return 0;
        }
        if (!a->tracker && !a->verdict)
                return 0;
        if (!a->tracker) {
                r = tracker_new(&a->tracker);
                if (r < 0)
                        return r;
        }

        note_words(a, view);
        track(a, view, now, ret);
        remember(a, rules, view);
        if (ret->vanished) {
                drop_tracker(a);
                return 0;
        }
        watch_memory(a, now.monotonic);
        return watch_process(a);
}

int pane_agent_holds(const PaneAgent *a, pid_t pid) {
        return process_is_below(pid, a->root);
}

/* Read anew, for it may have ended since the tree was walked. */
static void look_at_process(const PaneAgent *a, PaneSight *ret) {
        const TrackerProcess *known = &tracker_state(a->tracker)->process;
        ProcStat stat;

        if (known->pid <= 0 || proc_stat_read(known->pid, &stat) < 0 ||
                        stat.start_ticks != known->start_ticks || stat.state == 'Z')
                return;
        ret->process = *known;
        ret->in_foreground = stat.pgrp == stat.tpgid && stat.state != 'T';
}

static bool is_shell(const char *comm) {
        static const char *const shells[] = {
                        "bash", "zsh", "fish", "sh", "dash", "ksh", "mksh", "tcsh", "nu", "elvish"};

        FOREACH_ELEMENT (shell, shells)
                if (strcmp(*shell, comm) == 0)
                        return true;
        return false;
}

/* It has the terminal, and nothing runs below it. */
static bool shell_waits(const PaneAgent *a) {
        const Process *root = a->tree && process_tree_count(a->tree) == 1
                        ? process_tree_at(a->tree, 0)
                        : NULL;

        return root && is_shell(root->comm) && root->stat.pgrp == root->stat.tpgid;
}

int pane_agent_sight(PaneAgent *a, const DetectorSet *rules, const PaneView *view, TrackerTime now,
                PaneSight *ret) {
        Observation o;
        int r;

        *ret = (PaneSight){};
        if (a->tree && process_tree_walk(a->tree, now.monotonic) == -ESRCH)
                a->tree = process_tree_free(a->tree);
        r = judge(a, rules, view, now.realtime);
        if (r < 0)
                return r;
        ret->shell_waits = shell_waits(a);
        ret->memory = &a->memory;
        if (a->tracker) {
                look_at_process(a, ret);
                ret->ways.rules = detector_act_rules(rules, tracker_state(a->tracker)->agent);
        }
        if (!a->verdict || !a->verdict->agent)
                return 0;

        ret->verdict = a->verdict;
        o = observe(a, view, now.realtime);
        return detector_ways(rules, &o, a->verdict, &ret->ways);
}

const AgentMemory *pane_agent_memory(const PaneAgent *a) {
        return &a->memory;
}

void pane_agent_hear(PaneAgent *a, const DetectorSet *rules, const json_object *details) {
        const ActRules *act = a->tracker
                        ? detector_act_rules(rules, tracker_state(a->tracker)->agent)
                        : NULL;

        if (act)
                agent_memory_hear(&a->memory, act, details);
}

void pane_agent_hook(PaneAgent *a, const char *source, const HookEvent *event, TrackerTime now,
                TrackerChange *ret) {
        *ret = (TrackerChange){};
        if (a->tracker)
                tracker_hook(a->tracker, source, event, now, ret);
}

const TrackerState *pane_agent_state(const PaneAgent *a) {
        static const TrackerState nobody = {.state = AGENT_UNKNOWN};

        return a->tracker ? tracker_state(a->tracker) : &nobody;
}

MemoryFigures pane_agent_figures(const PaneAgent *a) {
        static const MemoryFigures none = {.group = "", .pressure = -1, .advice = ""};

        return a->memory_watch ? memory_watch_figures(a->memory_watch) : none;
}

const char *pane_agent_end_reason(const PaneAgent *a) {
        return a->end_reason ?: a->tracker ? tracker_end_reason(a->tracker) : "";
}

const char *pane_agent_end_advice(const PaneAgent *a) {
        return a->end_advice ?: "";
}

const char *pane_agent_command(const PaneAgent *a) {
        const Process *foreground = a->tree ? process_tree_foreground(a->tree) : NULL;

        return foreground ? foreground->comm : "";
}

uint64_t pane_agent_needs_look(const PaneAgent *a, uint64_t now_monotonic_usec) {
        return a->tracker ? tracker_needs_look(a->tracker, now_monotonic_usec) : UINT64_MAX;
}

int pane_agent_explain(const PaneAgent *a, TrackerTime now, json_object **ret) {
        return a->tracker ? tracker_explain(a->tracker, now, ret) : -ENXIO;
}
