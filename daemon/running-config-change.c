/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/config/config-set.h"
#include "daemon/running-config-private.h"

/* A change, until it is known whether it can be made. */
typedef struct Change {
        Config config; /* all layers */
        Config set;    /* the new overlay */
        Config kept;   /* what is to be kept */
        char *text;    /* the same as a document */
        ConfigProblems problems;
} Change;

static void change_done(Change *c) {
        config_done(&c->config);
        config_done(&c->set);
        config_done(&c->kept);
        free(c->text);
        config_problems_done(&c->problems);
}

static int change_begin(const RunningConfig *rc, Change *c) {
        _cleanup_free_ char *path = kept_config_path(rc->state ?: ""), *text = NULL;
        int r;

        if (!path)
                return -ENOMEM;
        r = config_set_defaults(&c->set);
        if (r >= 0)
                r = config_overlay(&c->set, &rc->set);
        if (r >= 0)
                r = running_config_read_kept(rc, &text, &c->problems);
        if (r < 0)
                return r;

        return config_read_text(text ?: "", text ? strlen(text) : 0, path, &c->kept, &c->problems);
}

/* With its place, where it has one; a value that was asked for has none. */
static char *describe(const ConfigProblem *p) {
        char *text;

        if (!text_is_empty(p->path))
                return config_problem_describe(p);
        return asprintf(&text, "%s: %s", p->key, p->message) < 0 ? NULL : text;
}

static int sentence_of(const Change *c, int r, char **reterr) {
        for (size_t i = 0; i < c->problems.n_items && !*reterr; i++)
                if (c->problems.items[i].severity == CONFIG_ERROR)
                        *reterr = describe(&c->problems.items[i]);
        return r;
}

/* Nothing is changed before all that can fail is done. */
static int change_commit(RunningConfig *rc, Change *c, const char *what, char **reterr) {
        int r;

        r = running_config_read(rc, c->text, environ, &c->set, &c->config, &c->problems);
        if (r >= 0 && what)
                r = kept_config_write(rc->state, c->text, what);
        if (r < 0)
                return sentence_of(c, r, reterr);

        config_done(&rc->config);
        config_done(&rc->set);
        rc->config = c->config;
        rc->set = c->set;
        c->config = c->set = (Config){};
        free(rc->error);
        rc->error = NULL;
        return 0;
}

/* What the environment says cannot be changed by what is kept: better to say so than to seem to. */
static int refuse_weaker(const RunningConfig *rc, const char *key, char **reterr) {
        const ConfigSource *source = config_source(&rc->config, key);

        if (!source || source->kind != CONFIG_SOURCE_ENVIRONMENT)
                return 0;
        if (asprintf(reterr, "%s: the environment variable %s is stronger than what is kept", key,
                            source->name) < 0)
                return -ENOMEM;
        return -EBADMSG;
}

static int note_what(
                const char *who, const char *did, const char *key, const char *value, char **ret) {
        return asprintf(ret, "%s %s%s%s, %s", did, key, value ? " to " : "", value ?: "", who) < 0
                        ? -ENOMEM
                        : 0;
}

/* One line of YAML, as people know it. */
static char *shown_value(const Config *config, const char *key) {
        ConfigValue v;

        return config_get(config, key, &v) < 0 ? NULL : config_value_to_text(&v);
}

static int keep(RunningConfig *rc, Change *c, const char *key, const ConfigValue *value,
                const char *who, char **ret_what, char **reterr) {
        _cleanup_free_ char *shown = NULL;
        int r;

        if (!rc->state)
                return -EOPNOTSUPP;
        r = refuse_weaker(rc, key, reterr);
        if (r >= 0)
                r = config_set(&c->kept, key, value, &c->problems);
        if (r >= 0)
                r = config_unset(&c->set, key);
        if (r < 0)
                return r;

        shown = shown_value(&c->kept, key);
        return shown ? note_what(who, "set", key, shown, ret_what) : -ENOMEM;
}

int running_config_set(RunningConfig *rc, const char *key, const ConfigValue *value, bool persist,
                const char *who, char **reterr) {
        _cleanup_(change_done) Change c = {};
        _cleanup_free_ char *what = NULL;
        int r;

        assert(rc && key && value && who && reterr);

        r = change_begin(rc, &c);
        if (r >= 0)
                r = persist ? keep(rc, &c, key, value, who, &what, reterr)
                            : config_set(&c.set, key, value, &c.problems);
        if (r >= 0)
                r = config_write(&c.kept, &c.text);
        if (r < 0)
                return sentence_of(&c, r, reterr);

        return change_commit(rc, &c, what, reterr);
}

int running_config_reset(RunningConfig *rc, const char *key, const char *who, char **reterr) {
        _cleanup_(change_done) Change c = {};
        _cleanup_free_ char *what = NULL;
        int r;

        assert(rc && key && who && reterr);

        r = change_begin(rc, &c);
        if (r >= 0 && config_is_configured(&c.kept, key))
                r = note_what(who, "reset", key, NULL, &what);
        if (r >= 0)
                r = config_unset(&c.kept, key);
        if (r >= 0)
                r = config_unset(&c.set, key);
        if (r >= 0)
                r = config_write(&c.kept, &c.text);
        if (r < 0)
                return sentence_of(&c, r, reterr);

        return change_commit(rc, &c, what, reterr);
}

static int replace(RunningConfig *rc, const char *yaml, const char *path, const char *what,
                char **reterr) {
        _cleanup_(change_done) Change c = {};
        int r;

        if (!rc->state)
                return -EOPNOTSUPP;

        r = config_set_defaults(&c.set);
        if (r >= 0)
                r = config_overlay(&c.set, &rc->set);
        if (r >= 0)
                r = config_read_text(yaml, strlen(yaml), path, &c.kept, &c.problems);
        if (r >= 0)
                r = config_write(&c.kept, &c.text);
        if (r < 0)
                return sentence_of(&c, r, reterr);

        return change_commit(rc, &c, what, reterr);
}

int running_config_replace(RunningConfig *rc, const char *yaml, const char *what, char **reterr) {
        assert(rc && yaml && what && reterr);

        return replace(rc, yaml, "", what, reterr);
}

static int version_before(const char *state, unsigned *version) {
        _cleanup_(kept_versions_done) KeptVersions versions = {};
        int r;

        if (*version > 0)
                return 0;
        r = kept_config_list(state, &versions);
        if (r < 0)
                return r;
        if (versions.n_items < 2)
                return -ENOENT;
        *version = versions.items[1].number;
        return 0;
}

int running_config_roll_back(RunningConfig *rc, unsigned version, const char *who, char **reterr) {
        _cleanup_free_ char *text = NULL, *what = NULL;
        int r;

        assert(rc && who && reterr);

        r = rc->state ? version_before(rc->state, &version) : -EOPNOTSUPP;
        if (r >= 0)
                r = kept_config_read_version(rc->state, version, &text);
        if (r < 0)
                return r;
        if (asprintf(&what, "rolled back to version %u, %s", version, who) < 0) {
                what = NULL;
                return -ENOMEM;
        }

        return replace(rc, text, "", what, reterr);
}

int running_config_export(const RunningConfig *rc, char **ret) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        _cleanup_(config_done) Config config = {};
        _cleanup_free_ char *kept = NULL;
        int r;

        assert(rc && ret);

        r = running_config_read_kept(rc, &kept, &problems);
        if (r >= 0)
                r = running_config_read(rc, kept, NULL, NULL, &config, &problems);
        return r < 0 ? r : config_write(&config, ret);
}
