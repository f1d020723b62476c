/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What tokens cost. The prices are in the manifest, under "settings": what a model costs is known
 * to those who pay for it, and changes.
 */

#define TMUX_ORC_PLUGIN_API 1
#include "tmux-orc-plugin.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

/* Prices are for so many tokens. */
#define TOKENS_PER_PRICE 1e6

typedef struct Pricing {
        json_object *settings;
        json_object *models;  /* of settings */
        const char *currency; /* the same */
} Pricing;

static int load(TmuxOrcCall *call, const char *settings, void **state) {
        Pricing *p = calloc(1, sizeof(*p));
        json_object *currency;

        if (!p)
                return -ENOMEM;
        p->settings = json_tokener_parse(settings);
        *state = p;
        if (!json_object_object_get_ex(p->settings, "currency", &currency) ||
                        !json_object_object_get_ex(p->settings, "models", &p->models) ||
                        !json_object_is_type(p->models, json_type_object))
                return tmux_orc_fail(call, -EINVAL,
                                "settings need 'currency' and 'models', a mapping of prices");
        p->currency = json_object_get_string(currency);
        return 0;
}

static void unload(void *state) {
        Pricing *p = state;

        json_object_put(p->settings);
        free(p);
}

static double member(json_object *o, const char *name) {
        json_object *value;

        return json_object_object_get_ex(o, name, &value) ? json_object_get_double(value) : 0;
}

static int fail_unknown(TmuxOrcCall *call, const Pricing *p, const char *model) {
        char sentence[256];
        int n = snprintf(sentence, sizeof(sentence), "no price is known for '%.64s'; known are",
                        model);

        json_object_object_foreach(p->models, name, prices) {
                if (!prices || n < 0 || (size_t)n + 70 > sizeof(sentence))
                        break;
                n += snprintf(sentence + n, sizeof(sentence) - (size_t)n, " %.64s", name);
        }
        return tmux_orc_fail(call, -EINVAL, sentence);
}

static int answer(TmuxOrcCall *call, const Pricing *p, const char *model, double cost) {
        json_object *o = json_object_new_object();
        int r = -ENOMEM;

        if (o && json_object_object_add(o, "model", json_object_new_string(model)) == 0 &&
                        json_object_object_add(
                                        o, "currency", json_object_new_string(p->currency)) == 0 &&
                        json_object_object_add(o, "cost", json_object_new_double(cost)) == 0)
                r = tmux_orc_answer(call, json_object_to_json_string(o));
        json_object_put(o);
        return r;
}

/* The manifest's input_schema holds: there is a model, and numbers are not negative. */
static int execute(TmuxOrcCall *call, void *state, const char *input) {
        const Pricing *p = state;
        json_object *o = json_tokener_parse(input), *model, *prices;
        const char *name;
        int r;

        if (!json_object_object_get_ex(o, "model", &model)) {
                json_object_put(o);
                return tmux_orc_fail(call, -EINVAL, "name a model");
        }

        name = json_object_get_string(model);
        if (!json_object_object_get_ex(p->models, name, &prices))
                r = fail_unknown(call, p, name);
        else
                r = answer(call, p, name,
                                (member(o, "input_tokens") * member(prices, "input") +
                                                member(o, "output_tokens") *
                                                                member(prices, "output")) /
                                                TOKENS_PER_PRICE);
        json_object_put(o);
        return r;
}

TMUX_ORC_PLUGIN(.name = "pricing", .version = "1.0.0", .load = load, .unload = unload,
                .execute = execute);
