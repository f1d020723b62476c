/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/extend/plugins-private.h"

struct PluginsPlan {
        PluginEntry *entry;
        json_object *round;
        uint64_t timeout_usec;
        PluginsPlanned done; /* NULL: nobody waits any more */
        void *userdata;
        RunnerWait *wait;
        HostCall *call;
};

static void plan_free(PluginsPlan *p) {
        runner_wait_drop(p->wait);
        host_call_drop(p->call);
        if (p->round)
                (void)json_object_put(p->round);
        free(p);
}
DEFINE_CLEANUP(PluginsPlan *, plan_free)

static void finish(PluginsPlan *p, int error, const char *sentence, json_object *plan) {
        PluginsPlanned done = p->done;
        void *userdata = p->userdata;

        if (error >= 0)
                runner_praise(p->entry->runner);
        plan_free(p);
        done(userdata, error, sentence, plan);
}

static void on_answer(void *userdata, int error, const char *sentence, json_object *result) {
        PluginsPlan *p = userdata;

        p->call = NULL;
        if (error == -ETIMEDOUT)
                sentence = "it did not answer in time";
        finish(p, error, sentence, result);
}

static int send_to(PluginsPlan *p, Host *host) {
        return host_call(host, "plan", TAKE_PTR(p->round), p->timeout_usec, on_answer, p, &p->call);
}

static void on_host(void *userdata, int error, const char *sentence, Host *host) {
        PluginsPlan *p = userdata;

        p->wait = NULL;
        if (error < 0) {
                finish(p, error, sentence, NULL);
                return;
        }
        error = send_to(p, host);
        if (error < 0)
                finish(p, error, strerror(-error), NULL);
}

int plugins_plan(Plugins *plugins, const char *name, json_object *round, uint64_t timeout_usec,
                PluginsPlanned done, void *userdata, PluginsPlan **ret) {
        PluginEntry *entry = plugins_entry(plugins, name);
        _cleanup_(plan_freep) PluginsPlan *p = calloc(1, sizeof(*p));
        Host *host;
        int r;

        if (!p) {
                (void)json_object_put(round);
                return -ENOMEM;
        }
        *p = (PluginsPlan){
                        .entry = entry,
                        .round = round,
                        .timeout_usec = timeout_usec,
                        .done = done,
                        .userdata = userdata,
        };
        if (!entry || (entry->plugin->manifest && entry->plugin->manifest->kind != PLUGIN_STRATEGY))
                return -ENXIO;

        r = runner_need(entry->runner, on_host, p, &host, &p->wait);
        if (r >= 0 && host)
                r = send_to(p, host);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

/* What the plugin was asked it answers; nobody hears it. */
PluginsPlan *plugins_plan_drop(PluginsPlan *p) {
        if (p)
                plan_free(p);
        return NULL;
}
