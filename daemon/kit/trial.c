/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/kit/trial.h"

#include <errno.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/extend/manifest-file.h"
#include "daemon/extend/plugin-lint.h"

/* The same for the same plugin, so that a failure can be looked at again. */
#define SEED 20U
static const TrialTest *const groups[] = {trial_input_tests, trial_life_tests};

/* Others notice what it does: it is not tried out without a word. */
static bool reaches_out(const Trial *t) {
        const Manifest *m = t->session.manifest;

        return m->network || m->kind == PLUGIN_NOTIFIER;
}

/* Strategies plan, all others are executed. */
static bool is_for(const Trial *t, TrialNeed need) {
        bool plans = t->session.manifest->kind == PLUGIN_STRATEGY;

        return plans ? need != TRIAL_EXECUTES : need != TRIAL_PLANS;
}

static void run_test(Trial *t, const TrialTest *test) {
        if (!is_for(t, test->need))
                return;
        if (test->need != TRIAL_ALWAYS && reaches_out(t) && !t->execute) {
                tap_skip(&t->tap, test->sentence, "others would notice: --execute does it");
                return;
        }
        if (!session_is_alive(&t->session) && session_start(&t->session) < 0) {
                tap_note("it cannot be started: %s", t->session.sentence ?: "");
                (void)tap_result(&t->tap, false, test->sentence);
                return;
        }
        (void)tap_result(&t->tap, test->run(t), test->sentence);
}

static bool look_at_manifest(const char *folder, Manifest **ret) {
        _cleanup_(plugin_findings_done) PluginFindings findings = {};
        _cleanup_free_ char *sentence = NULL;
        struct stat seen;
        int r;

        r = manifest_file_read(folder, getuid(), &seen, ret, &sentence);
        if (r < 0) {
                tap_note("%s", sentence ?: strerror(-r));
                return false;
        }
        if (plugin_lint(*ret, &findings) < 0)
                return false;
        for (size_t i = 0; i < findings.n_items; i++)
                tap_note("%s: %s", plugin_severity_to_string(findings.items[i].severity),
                                findings.items[i].message);
        return true;
}

static bool starts(Trial *t) {
        if (session_start(&t->session) < 0) {
                tap_note("%s", t->session.sentence ?: "");
                return false;
        }
        tap_note("its sandbox is '%s'", host_sandbox_to_string(host_sandbox(t->session.host)));
        return true;
}

static int prepare(Trial *t) {
        _cleanup_json_ json_object *object = json_object_new_object();
        _cleanup_free_ char *why = NULL;

        schema_random_init(&t->random, SEED);
        if (!object || json_set_string(object, "type", "object") < 0)
                return -ENOMEM;
        return schema_new(object, &t->anything, &why);
}

static void trial_done(Trial *t) {
        session_done(&t->session);
        schema_free(t->anything);
}

int trial_run(const char *folder, bool execute) {
        _cleanup_(trial_done) Trial t = {.execute = execute};
        Manifest *m = NULL;

        tap_begin();
        if (!tap_result(&t.tap, look_at_manifest(folder, &m), "its manifest is one"))
                goto bail;
        if (session_init(&t.session, folder, m) < 0 || prepare(&t) < 0)
                goto bail;
        if (!tap_result(&t.tap, starts(&t), "it starts within its sandbox"))
                goto bail;

        FOREACH_ELEMENT (g, groups)
                for (const TrialTest *test = *g; test->sentence; test++)
                        run_test(&t, test);
        tap_end(&t.tap);
        return t.tap.n_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;

bail:
        (void)printf("Bail out! the rest needs a plugin that runs\n");
        return EXIT_FAILURE;
}
