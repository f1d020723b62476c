/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "dbus/bus-check.h"
#include "dbus/bus-error.h"
#include "dbus/bus-manager.h"

/*
 * A verdict is kept as pieces that each end in a NUL: "valid" or "refused", then line, key and
 * message of each problem. It is kept for the user who asked: no other one learns from the time an
 * answer takes what was asked before, or can prepare it.
 */
static int verdict_key(const BusExports *e, sd_bus_message *m, const char *text, size_t n_text,
                char **ret) {
        XXH128_hash_t hash;
        uid_t sender;

        *ret = NULL;
        if (authorize_get_sender(e->parts.authorizer, m, &sender) < 0)
                return 0;

        hash = XXH3_128bits(text, n_text);
        if (asprintf(ret, "%u %016" PRIx64 "%016" PRIx64 " %zu", (unsigned)sender, hash.high64,
                            hash.low64, n_text) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }

        return 0;
}

static int write_verdict(bool valid, const ConfigProblems *problems, CacheBlob **ret) {
        _cleanup_free_ char *data = NULL;
        size_t n_data = 0;
        FILE *out = open_memstream(&data, &n_data);

        if (!out)
                return -ENOMEM;

        (void)fprintf(out, "%s%c", valid ? "valid" : "refused", '\0');
        for (size_t i = 0; i < problems->n_items; i++) {
                const ConfigProblem *p = &problems->items[i];

                (void)fprintf(out, "%u%c%s%c%s%c", (unsigned)p->line, '\0', p->key ?: "", '\0',
                                p->message ?: "", '\0');
        }
        if (fclose(out) != 0)
                return -ENOMEM;

        return cache_blob_new(data, n_data, ret);
}

static int judge(const char *text, size_t n_text, CacheBlob **ret) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        int r;

        r = config_validate_text(text, n_text, &problems);
        if (r < 0 && r != -EBADMSG)
                return r;

        return write_verdict(r >= 0, &problems, ret);
}

static const char *next_piece(const char *piece) {
        return piece + strlen(piece) + 1;
}

static int append_problems(sd_bus_message *reply, const char *piece, const char *end) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(uss)");
        if (r < 0)
                return r;

        while (piece < end) {
                const char *key = next_piece(piece), *message = next_piece(key);

                r = sd_bus_message_append(
                                reply, "(uss)", (uint32_t)strtoul(piece, NULL, 10), key, message);
                if (r < 0)
                        return r;
                piece = next_piece(message);
        }

        return sd_bus_message_close_container(reply);
}

static int reply_verdict(sd_bus_message *m, const CacheBlob *verdict) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "b", strcmp(verdict->data, "valid") == 0);
        if (r < 0)
                return r;
        r = append_problems(reply, next_piece(verdict->data), verdict->data + verdict->n_data);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

int bus_manager_validate_config(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        _cleanup_(cache_blob_unrefp) CacheBlob *verdict = NULL;
        _cleanup_free_ char *key = NULL;
        BusExports *e = userdata;
        const char *text;
        int r;

        r = sd_bus_message_read(m, "s", &text);
        if (r < 0)
                return r;
        r = bus_check_length(text, BUS_YAML_MAX, "yaml", reterr);
        if (r < 0)
                return r;

        r = verdict_key(e, m, text, strlen(text), &key);
        if (r < 0)
                return r;
        if (key)
                verdict = cache_get(e->parts.cache, CACHE_CONFIG, key, now_monotonic());
        if (verdict)
                return reply_verdict(m, verdict);

        r = judge(text, strlen(text), &verdict);
        if (r < 0)
                return bus_error_set_core(reterr, r, NULL);
        /* One that does not fit is made again. */
        if (key)
                (void)cache_put(e->parts.cache, CACHE_CONFIG, key, verdict, now_monotonic());

        return reply_verdict(m, verdict);
}
