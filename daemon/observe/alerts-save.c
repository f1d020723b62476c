/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/alerts-save.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"

#define LABEL_MAX 64U

static int to_json(const Alert *a, uint64_t until_usec, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o || json_set_string(o, "name", a->rule->name) < 0 ||
                        json_set_string(o, "severity",
                                        alert_severity_to_string(a->rule->severity)) < 0 ||
                        json_set_string(o, "label", a->label) < 0 ||
                        json_set_double(o, "value", a->value) < 0 ||
                        json_set_double(o, "limit", a->limit) < 0 ||
                        json_set_u64(o, "since", a->since_usec) < 0 ||
                        json_set_u64(o, "until", until_usec) < 0)
                return -ENOMEM;

        *ret = TAKE_PTR(o);
        return 0;
}

static int append(json_object *list, const Alert *a, uint64_t until_usec) {
        json_object *o = NULL;
        int r;

        if (a->rule->severity == ALERT_INFO)
                return 0;
        r = to_json(a, until_usec, &o);
        return r >= 0 ? json_append(list, o) : r;
}

int alerts_save(const Alerts *all, uint64_t realtime_usec, json_object **ret) {
        _cleanup_json_ json_object *list = json_object_new_array();
        const Alert *a = NULL;
        size_t n = 0;
        int r = list ? 0 : -ENOMEM;

        assert(all && ret);

        while (alerts_past(all, n))
                n++;
        while (n > 0 && r >= 0) {
                a = alerts_past(all, --n);
                r = append(list, a, a->until_usec);
        }
        a = NULL;
        while (r >= 0 && (a = alerts_next(all, a)))
                r = append(list, a, MAX(a->since_usec, realtime_usec));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(list);
        return 0;
}

static const AlertRule *find_rule(const char *name, AlertSeverity severity) {
        for (size_t i = 0; i < alert_n_rules; i++)
                if (alert_rules[i].severity == severity && strcmp(alert_rules[i].name, name) == 0)
                        return &alert_rules[i];
        return NULL;
}

static int restore_one(Alerts *all, json_object *o) {
        const char *label = json_get_string(o, "label") ?: "";
        _cleanup_free_ char *clean = text_clean(label, strlen(label), LABEL_MAX);
        Alert a = {
                        .rule = find_rule(json_get_string(o, "name") ?: "",
                                        alert_severity_from_string(
                                                        json_get_string(o, "severity") ?: "")),
                        .label = clean,
                        .value = json_get_double(o, "value", NAN),
                        .limit = json_get_double(o, "limit", NAN),
                        .since_usec = json_get_u64(o, "since", 0),
                        .until_usec = json_get_u64(o, "until", 0),
        };

        if (!clean)
                return -ENOMEM;
        if (!a.rule || a.rule->severity == ALERT_INFO || !isfinite(a.value) || !isfinite(a.limit) ||
                        a.since_usec == 0 || a.until_usec < a.since_usec)
                return 0;
        return alerts_remember(all, &a);
}

int alerts_restore(Alerts *all, json_object *saved) {
        size_t n = json_object_is_type(saved, json_type_array) ? json_object_array_length(saved)
                                                               : 0;
        int r = 0;

        assert(all);

        for (size_t i = n > ALERTS_HISTORY_MAX ? n - ALERTS_HISTORY_MAX : 0; i < n && r >= 0; i++)
                r = restore_one(all, json_object_array_get_idx(saved, i));
        return r;
}
