/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/host.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "daemon/base/json.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/extend/dialect.h"
#include "daemon/extend/host-private.h"
#include "daemon/extend/plugin-file.h"

#define PAYLOAD_MAX (64U * 1024U * 1024U)
#define LINE_MAX_BYTES (2U * 1024U * 1024U)
/* So many messages a second are read; who sends more is read later. */
#define RATE_MAX 500U

static const char *const sandbox_names[_HOST_SANDBOX_MAX] = {
                "none", "limits", "filtered", "walled", "isolated"};

const char *host_sandbox_to_string(HostSandbox level) {
        return level < _HOST_SANDBOX_MAX ? sandbox_names[level] : NULL;
}

int host_sandbox_from_string(const char *s) {
        for (int i = 0; s && i < _HOST_SANDBOX_MAX; i++)
                if (strcmp(sandbox_names[i], s) == 0)
                        return i;
        return -EINVAL;
}

/* Told from the loop: a callback of ours may be on the stack. */
static int on_verdict(sd_event_source *s, void *userdata) {
        Host *h = userdata;

        h->verdict = sd_event_source_disable_unref(h->verdict);
        h->peer = rpc_peer_free(h->peer);
        host_answer_lost(h);
        if (h->ready)
                h->events->ended(h->userdata, h, h->sentence);
        else
                h->events->started(h->userdata, h, h->error, h->sentence);
        return 0;
}

void host_cut_off(Host *h, int error, const char *format, ...) {
        va_list ap;
        int r;

        if (h->verdict || h->freed)
                return;

        va_start(ap, format);
        r = vasprintf(&h->sentence, format, ap);
        va_end(ap);
        if (r < 0)
                h->sentence = NULL;
        h->error = error;
        if (h->process.pid > 0)
                (void)kill(h->process.pid, SIGKILL);
        (void)sd_event_add_defer(h->event, &h->verdict, on_verdict, h);
}

static void describe_end(const siginfo_t *si, char *text, size_t n_text) {
        if (si->si_code == CLD_EXITED)
                (void)snprintf(text, n_text, "its process ended with status %d", si->si_status);
        else
                (void)snprintf(text, n_text, "its process was ended by signal %d (%s)",
                                si->si_status, strsignal(si->si_status));
}

static int on_child(sd_event_source *s, const siginfo_t *si, void *userdata) {
        Host *h = userdata;
        char text[128];

        h->process.pid = 0;
        h->child = sd_event_source_disable_unref(h->child);
        describe_end(si, text, sizeof(text));
        host_cut_off(h, -ECONNRESET, "%s", text);
        return 0;
}

/* MCP servers may ask their client for things; the only one that we have is a sign of life. */
static void on_request(void *userdata, RpcPeer *peer, json_object *id, const char *method,
                json_object *params) {
        if (strcmp(method, "ping") == 0)
                (void)rpc_peer_reply(peer, id, json_object_new_object());
        else
                (void)rpc_peer_fail(peer, id, -EOPNOTSUPP, NULL);
}

static void take_log(Host *h, json_object *params) {
        const char *line = json_get_string(params, "line");
        int64_t level = json_get_int(params, "level", 6);
        _cleanup_free_ char *clean = NULL;

        if (!line || level < 3 || level > 7)
                return;
        clean = text_clean(line, strlen(line), HOST_LOG_LINE_MAX);
        if (clean && h->events->log)
                h->events->log(h->userdata, h, (int)level, clean);
}

static void on_notification(
                void *userdata, RpcPeer *peer, const char *method, json_object *params) {
        Host *h = userdata;

        if (!host_may_tell(h)) {
                host_cut_off(h, -EREMOTEIO,
                                "it floods: more than %u messages in a second that "
                                "nobody asked for",
                                HOST_TOLD_MAX);
                return;
        }
        if (strcmp(method, "log") == 0)
                take_log(h, params);
}

/* Its end tells more than that of the conversation, but it is not waited for long. */
static void wait_for_child(Host *h) {
        (void)sd_event_source_set_time_relative(h->farewell, HOST_FAREWELL_USEC);
        (void)sd_event_source_set_enabled(h->farewell, SD_EVENT_ONESHOT);
}

static void on_closed(void *userdata, RpcPeer *peer, int error) {
        Host *h = userdata;

        if (error == -EMSGSIZE)
                host_cut_off(h, -EREMOTEIO, "it sent a line of more than %u bytes", LINE_MAX_BYTES);
        else if (error == -EBADMSG)
                host_cut_off(h, -EREMOTEIO, "it sent what is no JSON-RPC message");
        else if (error < 0)
                host_cut_off(h, error, "it does not read: %s", strerror(-error));
        else if (h->process.pid == 0)
                host_cut_off(h, -ECONNRESET, "its process ended");
        else
                wait_for_child(h);
}

static int on_farewell(sd_event_source *s, uint64_t usec, void *userdata) {
        host_cut_off(userdata, -ECONNRESET, "it closed the conversation");
        return 0;
}

static void on_stray(void *userdata, RpcPeer *peer) {
        Host *h = userdata;

        if (!host_may_tell(h))
                host_cut_off(h, -EREMOTEIO, "it lies: it gives answers that nobody asked for");
}

static const RpcHandler handler = {
                .request = on_request,
                .notification = on_notification,
                .closed = on_closed,
                .stray = on_stray,
};

static int open_payload(
                Host *h, const HostSetup *setup, const char *file, int *ret, char **reterr) {
        _cleanup_free_ char *path = NULL;
        _cleanup_close_ int fd = -1;
        int r;

        if (asprintf(&path, "%s%s%s", file[0] == '/' ? "" : setup->folder,
                            file[0] == '/' ? "" : "/", file) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = plugin_file_open(path, setup->owner, &fd, reterr);
        if (r >= 0 && file[0] != '/')
                r = plugin_file_seal(fd, h->manifest->name, PAYLOAD_MAX, ret);
        if (r < 0 && !*reterr && asprintf(reterr, "cannot read '%s': %s", path, strerror(-r)) < 0)
                *reterr = NULL;
        return r;
}

static int launch(Host *h, const HostSetup *setup, char **reterr) {
        const char *file = manifest_is_program(h->manifest) ? h->manifest->program[0]
                                                            : h->manifest->payload;
        _cleanup_close_ int payload = -1, tell = -1;
        int r;

        r = open_payload(h, setup, file, &payload, reterr);
        if (r >= 0)
                r = host_hear_refusals(h, &tell);
        if (r < 0)
                return r;

        r = host_launch(setup->places, h->manifest->name, h->manifest->network, &h->process);
        if (r < 0) {
                if (asprintf(reterr, "cannot start a plugin host: %s", strerror(-r)) < 0)
                        *reterr = NULL;
                return r;
        }
        if (h->process.pid > 0) {
                r = sd_event_add_child(h->event, &h->child, h->process.pid, WEXITED, on_child, h);
                if (r < 0)
                        return r;
        }

        r = host_send_payload(h->process.fd, tell, payload);
        if (r < 0)
                return r;
        r = rpc_peer_new(h->event, h->process.fd, &handler, h, &h->peer);
        if (r < 0)
                return r;
        h->process.fd = -1;
        rpc_peer_set_rate(h->peer, RATE_MAX);
        rpc_peer_set_line_max(h->peer, LINE_MAX_BYTES);
        return 0;
}

int host_new(const HostSetup *setup, Host **ret) {
        _cleanup_(host_freep) Host *h = calloc(1, sizeof(*h));
        _cleanup_free_ char *sentence = NULL;
        int r;

        assert(setup && ret);

        if (!h)
                return -ENOMEM;
        h->event = sd_event_ref(setup->event);
        h->manifest = manifest_ref(setup->manifest);
        h->events = setup->events;
        h->userdata = setup->userdata;
        h->sandbox_min = setup->sandbox_min;
        h->process.fd = -1;

        r = sd_event_add_time(h->event, &h->farewell, CLOCK_MONOTONIC, 0, 0, on_farewell, h);
        if (r >= 0)
                r = sd_event_source_set_enabled(h->farewell, SD_EVENT_OFF);
        if (r < 0)
                return r;

        r = launch(h, setup, &sentence);
        if (r >= 0)
                r = host_greet(h, setup->folder);
        if (r < 0)
                host_cut_off(h, r, "%s", sentence ?: strerror(-r));

        *ret = TAKE_PTR(h);
        return 0;
}

Host *host_free(Host *h) {
        if (!h || h->freed)
                return NULL;

        h->freed = true;
        h->peer = rpc_peer_free(h->peer);
        host_answer_lost(h);
        sd_event_source_disable_unref(h->child);
        sd_event_source_disable_unref(h->verdict);
        sd_event_source_disable_unref(h->farewell);
        sd_event_source_disable_unref(h->refusals);
        close_fd(h->process.fd);
        if (h->process.pid > 0) {
                /* Whatever it is doing is of no use any more. */
                (void)kill(h->process.pid, SIGKILL);
                (void)waitpid(h->process.pid, NULL, 0);
        }
        sd_event_unref(h->event);
        manifest_unref(h->manifest);
        free(h->sentence);
        free(h);
        return NULL;
}

HostSandbox host_sandbox(const Host *h) {
        return h->sandbox;
}

pid_t host_pid(const Host *h) {
        return h->process.pid;
}

Manifest *host_manifest(const Host *h) {
        return h->manifest;
}
