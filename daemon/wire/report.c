/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wire/report.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/text.h"

typedef enum FieldType {
        FIELD_NAME, /* char *, of at most REPORT_NAME_MAX bytes; so for the next two */
        FIELD_TEXT,
        FIELD_PATH,
        FIELD_UNSIGNED,
        FIELD_USEC,
        FIELD_PID,
        FIELD_SHARE,         /* double from 0 to 1 */
        FIELD_SHARE_OR_NONE, /* or -1 */
        FIELD_SIZE,          /* uint64_t */
        FIELD_STATE,
        FIELD_ATTENTION,
        FIELD_LIVENESS,
        FIELD_MEMORY_SCOPE,
        FIELD_ATTRIBUTES, /* a mask here, a list of words in JSON */
} FieldType;

typedef struct Field {
        const char *key;
        FieldType type;
        size_t offset;
        bool is_new; /* what is restored from the file of an older version has none */
} Field;

static const Field server_fields[] = {
                {"socket", FIELD_PATH, offsetof(ServerReport, socket)},
                {"liveness", FIELD_LIVENESS, offsetof(ServerReport, liveness)},
                {"reason", FIELD_TEXT, offsetof(ServerReport, reason)},
                {"version", FIELD_NAME, offsetof(ServerReport, version)},
                {"pid", FIELD_PID, offsetof(ServerReport, pid)},
                {"start_usec", FIELD_USEC, offsetof(ServerReport, start_usec)},
                {"panes", FIELD_UNSIGNED, offsetof(ServerReport, n_panes)},
                {"look_usec", FIELD_USEC, offsetof(ServerReport, look_usec)},
};

static const Field agent_fields[] = {
                {"socket", FIELD_PATH, offsetof(AgentReport, socket)},
                {"pane", FIELD_NAME, offsetof(AgentReport, pane)},
                {"type", FIELD_NAME, offsetof(AgentReport, type)},
                {"version", FIELD_NAME, offsetof(AgentReport, version)},
                {"state", FIELD_STATE, offsetof(AgentReport, state)},
                {"attention", FIELD_ATTENTION, offsetof(AgentReport, attention)},
                {"attributes", FIELD_ATTRIBUTES, offsetof(AgentReport, attributes)},
                {"reset_usec", FIELD_USEC, offsetof(AgentReport, reset_usec)},
                {"rule", FIELD_NAME, offsetof(AgentReport, rule)},
                {"confidence", FIELD_SHARE, offsetof(AgentReport, confidence)},
                {"since_usec", FIELD_USEC, offsetof(AgentReport, since_usec)},
                {"activity_usec", FIELD_USEC, offsetof(AgentReport, activity_usec)},
                {"session", FIELD_TEXT, offsetof(AgentReport, session)},
                {"window", FIELD_TEXT, offsetof(AgentReport, window)},
                {"window_index", FIELD_UNSIGNED, offsetof(AgentReport, window_index)},
                {"pane_index", FIELD_UNSIGNED, offsetof(AgentReport, pane_index)},
                {"command", FIELD_TEXT, offsetof(AgentReport, command)},
                {"title", FIELD_TEXT, offsetof(AgentReport, title)},
                {"pid", FIELD_PID, offsetof(AgentReport, pid)},
                {"control_group", FIELD_PATH, offsetof(AgentReport, control_group), true},
                {"memory_scope", FIELD_MEMORY_SCOPE, offsetof(AgentReport, memory_scope), true},
                {"memory_bytes", FIELD_SIZE, offsetof(AgentReport, memory_bytes), true},
                {"memory_high", FIELD_SIZE, offsetof(AgentReport, memory_high), true},
                {"memory_max", FIELD_SIZE, offsetof(AgentReport, memory_max), true},
                {"memory_pressure", FIELD_SHARE_OR_NONE, offsetof(AgentReport, memory_pressure),
                                true},
                {"oom_kills", FIELD_SIZE, offsetof(AgentReport, oom_kills), true},
                {"end_reason", FIELD_TEXT, offsetof(AgentReport, end_reason), true},
                {"advice", FIELD_TEXT, offsetof(AgentReport, advice), true},
};

static const size_t string_max[] = {
                [FIELD_NAME] = REPORT_NAME_MAX,
                [FIELD_TEXT] = REPORT_TEXT_MAX,
                [FIELD_PATH] = REPORT_PATH_MAX,
};

static bool is_string(FieldType type) {
        return type <= FIELD_PATH;
}

static void *at(const Field *f, const void *report) {
        return (char *)report + f->offset;
}

static void report_done(const Field *fields, size_t n, void *report, size_t size) {
        for (size_t i = 0; i < n; i++)
                if (is_string(fields[i].type))
                        free(*(char **)at(&fields[i], report));
        memset(report, 0, size);
}

void server_report_done(ServerReport *r) {
        report_done(server_fields, ELEMENTSOF(server_fields), r, sizeof(*r));
}

void agent_report_done(AgentReport *r) {
        report_done(agent_fields, ELEMENTSOF(agent_fields), r, sizeof(*r));
}

static int put_attributes(json_object *o, const char *key, unsigned mask) {
        json_object *list = json_object_new_array();
        int r = list ? 0 : -ENOMEM;

        for (unsigned bit = 0; r >= 0 && bit < _ATTRIBUTE_COUNT; bit++)
                if (mask & 1U << bit)
                        r = json_append_string(list, attribute_name(bit));
        if (r < 0) {
                (void)json_object_put(list);
                return r;
        }
        return json_set(o, key, list);
}

/* Names and texts are cut to what the other end accepts, so that a long title is no protocol error.
 */
static int put_string(json_object *o, const Field *f, const char *s) {
        _cleanup_free_ char *clean = text_clean(s ?: "", strlen(s ?: ""), string_max[f->type]);

        return clean ? json_set_string(o, f->key, clean) : -ENOMEM;
}

static int put_field(json_object *o, const Field *f, const void *report) {
        const void *p = at(f, report);

        switch (f->type) {
        case FIELD_NAME:
        case FIELD_TEXT:
        case FIELD_PATH:
                return put_string(o, f, *(char *const *)p);
        case FIELD_UNSIGNED:
                return json_set_u64(o, f->key, *(const unsigned *)p);
        case FIELD_USEC:
        case FIELD_SIZE:
                return json_set_u64(o, f->key, *(const uint64_t *)p);
        case FIELD_PID:
                return json_set_int(o, f->key, *(const pid_t *)p);
        case FIELD_SHARE:
        case FIELD_SHARE_OR_NONE:
                return json_set_double(o, f->key, *(const double *)p);
        case FIELD_STATE:
                return json_set_string(o, f->key, agent_state_to_string(*(const AgentState *)p));
        case FIELD_ATTENTION:
                return json_set_string(o, f->key, attention_to_string(*(const Attention *)p));
        case FIELD_LIVENESS:
                return json_set_string(o, f->key, liveness_to_string(*(const Liveness *)p));
        case FIELD_MEMORY_SCOPE:
                return json_set_string(o, f->key, memory_scope_to_string(*(const MemoryScope *)p));
        case FIELD_ATTRIBUTES:
                return put_attributes(o, f->key, *(const unsigned *)p);
        }
        return -EINVAL;
}

static int report_to_json(const Field *fields, size_t n, const void *report, json_object **ret) {
        _cleanup_json_ json_object *o = json_object_new_object();

        if (!o)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                int r = put_field(o, &fields[i], report);

                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(o);
        return 0;
}

int server_report_to_json(const ServerReport *r, json_object **ret) {
        return report_to_json(server_fields, ELEMENTSOF(server_fields), r, ret);
}

int agent_report_to_json(const AgentReport *r, json_object **ret) {
        return report_to_json(agent_fields, ELEMENTSOF(agent_fields), r, ret);
}

static int take_string(json_object *o, const Field *f, char **ret) {
        const char *s = json_get_string(o, f->key);
        _cleanup_free_ char *clean = NULL;

        if (!s || strlen(s) > string_max[f->type])
                return -EBADMSG;

        clean = text_clean(s, strlen(s), string_max[f->type]);
        if (!clean)
                return -ENOMEM;
        if (strcmp(clean, s) != 0)
                return -EBADMSG;

        *ret = TAKE_PTR(clean);
        return 0;
}

static int take_number(json_object *o, const char *key, uint64_t max, uint64_t *ret) {
        uint64_t value = json_get_u64(o, key, UINT64_MAX);

        if (value > max)
                return -EBADMSG;
        *ret = value;
        return 0;
}

static int take_share(json_object *o, const char *key, double *ret) {
        double value = json_get_double(o, key, -1);

        /* So written that it refuses NaN too. */
        if (!(value >= 0 && value <= 1))
                return -EBADMSG;
        *ret = value;
        return 0;
}

static int take_attributes(json_object *o, const char *key, unsigned *ret) {
        json_object *list = json_get_typed(o, key, json_type_array);
        unsigned mask = 0;

        if (!list || json_object_array_length(list) > _ATTRIBUTE_COUNT)
                return -EBADMSG;

        for (size_t i = 0; i < json_object_array_length(list); i++) {
                json_object *word = json_object_array_get_idx(list, i);
                int bit = json_object_is_type(word, json_type_string)
                                ? attribute_from_string(json_object_get_string(word))
                                : -EINVAL;

                if (bit < 0)
                        return -EBADMSG;
                mask |= (unsigned)bit;
        }

        *ret = mask;
        return 0;
}

static int take_word(int value, int *ret) {
        if (value < 0)
                return -EBADMSG;
        *ret = value;
        return 0;
}

static int take_nothing(const Field *f, void *p) {
        if (is_string(f->type)) {
                *(char **)p = strdup("");
                return *(char **)p ? 0 : -ENOMEM;
        }
        if (f->type == FIELD_SHARE_OR_NONE)
                *(double *)p = -1;
        return 0;
}

static int take_field(json_object *o, const Field *f, void *report) {
        void *p = at(f, report);
        uint64_t number;
        int r;

        if (f->is_new && !json_get(o, f->key))
                return take_nothing(f, p);

        switch (f->type) {
        case FIELD_NAME:
        case FIELD_TEXT:
        case FIELD_PATH:
                return take_string(o, f, p);
        case FIELD_UNSIGNED:
                r = take_number(o, f->key, UINT_MAX, &number);
                if (r >= 0)
                        *(unsigned *)p = (unsigned)number;
                return r;
        case FIELD_USEC:
        case FIELD_SIZE:
                return take_number(o, f->key, INT64_MAX, p);
        case FIELD_PID:
                r = take_number(o, f->key, INT_MAX, &number);
                if (r >= 0)
                        *(pid_t *)p = (pid_t)number;
                return r;
        case FIELD_SHARE:
                return take_share(o, f->key, p);
        case FIELD_SHARE_OR_NONE:
                if (json_get_double(o, f->key, 0) < 0)
                        return take_nothing(f, p);
                return take_share(o, f->key, p);
        case FIELD_STATE:
                return take_word((int)agent_state_from_string(json_get_string(o, f->key)), p);
        case FIELD_ATTENTION:
                return take_word((int)attention_from_string(json_get_string(o, f->key)), p);
        case FIELD_LIVENESS:
                return take_word((int)liveness_from_string(json_get_string(o, f->key)), p);
        case FIELD_MEMORY_SCOPE:
                return take_word((int)memory_scope_from_string(json_get_string(o, f->key)), p);
        case FIELD_ATTRIBUTES:
                return take_attributes(o, f->key, p);
        }
        return -EINVAL;
}

static int report_from_json(
                const Field *fields, size_t n, json_object *o, void *report, size_t size) {
        for (size_t i = 0; i < n; i++) {
                int r = take_field(o, &fields[i], report);

                if (r < 0) {
                        report_done(fields, n, report, size);
                        return r;
                }
        }
        return 0;
}

int server_report_from_json(json_object *o, ServerReport *ret) {
        ServerReport report = {};
        int r = report_from_json(
                        server_fields, ELEMENTSOF(server_fields), o, &report, sizeof(report));

        if (r >= 0 && report.socket[0] != '/') {
                server_report_done(&report);
                r = -EBADMSG;
        }
        if (r >= 0)
                *ret = report;
        return r;
}

int agent_report_from_json(json_object *o, AgentReport *ret) {
        AgentReport report = {};
        int r = report_from_json(
                        agent_fields, ELEMENTSOF(agent_fields), o, &report, sizeof(report));
        uint64_t number;

        if (r >= 0 &&
                        (report.pane[0] != '%' ||
                                        parse_u64(report.pane + 1, 0, UINT_MAX, &number) < 0)) {
                agent_report_done(&report);
                r = -EBADMSG;
        }
        if (r >= 0)
                *ret = report;
        return r;
}
