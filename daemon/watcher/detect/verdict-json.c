/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/verdict-json.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/base/json.h"

/* Two digits say all that a share can; json-c would print every bit. */
static int set_share(json_object *o, const char *key, double value) {
        char text[16];

        (void)snprintf(text, sizeof(text), "%.2f", value);
        return json_set(o, key, json_object_new_double_s(value, text));
}

static int set_attributes(const Verdict *v, json_object *o) {
        _cleanup_json_ json_object *list = json_object_new_array();

        for (unsigned bit = 0; bit < _ATTRIBUTE_COUNT; bit++)
                if (v->attributes & 1U << bit) {
                        int r = list ? json_append_string(list, attribute_name(bit)) : -ENOMEM;
                        if (r < 0)
                                return r;
                }
        return json_set(o, "attributes", TAKE_PTR(list));
}

static int evidence_to_json(const Evidence *e, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "source", evidence_source_to_string(e->source)) < 0 ||
                        json_set_string(o, "rule", e->rule) < 0 ||
                        json_set_string(o, "state", agent_state_to_string(e->state)) < 0 ||
                        json_set_string(o, "attention", attention_to_string(e->attention)) < 0 ||
                        set_share(o, "weight", e->weight) < 0 ||
                        json_set_bool(o, "overruled", e->overruled) < 0 ||
                        json_set_string(o, "quote", e->quote) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}

static int set_evidence(const Verdict *v, json_object *o) {
        _cleanup_json_ json_object *list = json_object_new_array();

        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < v->n_evidence; i++) {
                json_object *item = NULL;

                if (evidence_to_json(&v->evidence[i], &item) < 0 || json_append(list, item) < 0)
                        return -ENOMEM;
        }
        return json_set(o, "evidence", TAKE_PTR(list));
}

/* What most verdicts do not have is left out. */
static int set_extras(const Verdict *v, json_object *o) {
        if (v->version[0] != '\0' && json_set_string(o, "version", v->version) < 0)
                return -ENOMEM;
        if (v->reset_usec > 0 && json_set_u64(o, "reset_usec", v->reset_usec) < 0)
                return -ENOMEM;
        if (v->keep_state && json_set_bool(o, "keep_state", true) < 0)
                return -ENOMEM;
        return 0;
}

int verdict_to_json(const Verdict *v, bool evidence, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "agent", v->agent ?: "none") < 0 ||
                        json_set_string(o, "state", agent_state_to_string(v->state)) < 0 ||
                        json_set_string(o, "attention", attention_to_string(v->attention)) < 0 ||
                        set_attributes(v, o) < 0 || json_set_string(o, "rule", v->rule) < 0 ||
                        set_share(o, "confidence", v->confidence) < 0 || set_extras(v, o) < 0 ||
                        (evidence && set_evidence(v, o) < 0))
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}
