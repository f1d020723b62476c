/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/observe/components.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/base/clock.h"

struct Components {
        Component *items;
        size_t n_items;
        void *userdata;
        ComponentChanged changed;
        void *changed_userdata;
        ComponentRestarted restarted;
        void *restarted_userdata;
};

void component_report_set(ComponentReport *report, Health health, const char *format, ...) {
        va_list ap;

        assert(report);

        report->health = health;
        va_start(ap, format);
        (void)vsnprintf(report->text, sizeof(report->text), format, ap);
        va_end(ap);
}

int components_new(const ComponentSpec *specs, void *userdata, Components **ret) {
        _cleanup_(components_freep) Components *c = NULL;
        size_t n = 0;

        assert(specs);
        assert(ret);

        while (specs[n].name)
                n++;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->items = calloc(n + 1, sizeof(*c->items));
        if (!c->items)
                return -ENOMEM;

        c->n_items = n;
        c->userdata = userdata;
        for (size_t i = 0; i < n; i++)
                c->items[i].spec = &specs[i];
        components_check(c);

        *ret = TAKE_PTR(c);
        return 0;
}

Components *components_free(Components *c) {
        if (!c)
                return NULL;

        free(c->items);
        free(c);
        return NULL;
}

static bool report_equals(const ComponentReport *a, const ComponentReport *b) {
        return a->health == b->health && a->restarts == b->restarts &&
                        strcmp(a->text, b->text) == 0;
}

static void say_given_up(ComponentReport *report) {
        size_t n = strlen(report->text);

        (void)snprintf(report->text + n, sizeof(report->text) - n, "%srestarted %u times in vain",
                        n > 0 ? "; " : "", COMPONENT_ATTEMPTS);
}

/* The worst counts, and of those that are as bad what the part says itself. */
static ComponentReport sum_of(const Component *item) {
        ComponentReport sum = item->own;

        FOREACH_ELEMENT (fault, item->faults)
                if (fault->health > sum.health)
                        component_report_set(&sum, fault->health, "%s", fault->text);

        if (item->healing.given_up && item->own.health == HEALTH_RED)
                say_given_up(&sum);
        return sum;
}

static void settle(Components *c, Component *item) {
        ComponentReport sum = sum_of(item);
        bool same = report_equals(&item->last, &sum);

        item->last = sum;
        if (!same && c->changed)
                c->changed(c->changed_userdata, item);
}

static void check_one(Components *c, Component *item) {
        item->own = (ComponentReport){};
        item->spec->check(c->userdata, &item->own);
        if (!item->spec->counts_restarts)
                item->own.restarts += item->restarts;
        item->checked_usec = now_realtime();
        settle(c, item);
}

void components_check(Components *c) {
        assert(c);

        for (size_t i = 0; i < c->n_items; i++)
                check_one(c, &c->items[i]);
}

void components_forget_faults(Components *c, unsigned kind) {
        assert(kind < COMPONENT_FAULTS_MAX);

        for (size_t i = 0; i < c->n_items; i++)
                c->items[i].faults[kind] = (ComponentFault){};
}

static Component *find(const Components *c, const char *name) {
        for (size_t i = 0; i < c->n_items; i++)
                if (strcmp(c->items[i].spec->name, name) == 0)
                        return &c->items[i];

        return NULL;
}

void components_find_fault(
                Components *c, unsigned kind, const char *name, Health health, const char *text) {
        Component *item = find(c, name);

        assert(kind < COMPONENT_FAULTS_MAX);

        if (!item || health <= item->faults[kind].health)
                return;
        item->faults[kind].health = health;
        (void)snprintf(item->faults[kind].text, sizeof(item->faults[kind].text), "%s", text);
}

void components_settle_faults(Components *c) {
        for (size_t i = 0; i < c->n_items; i++)
                settle(c, &c->items[i]);
}

const Component *components_find(const Components *c, const char *name) {
        assert(c);
        assert(name);

        return find(c, name);
}

/* What it rests on can be called off: that it fails is seen in its own report. */
static int restart(Components *c, Component *item) {
        uint64_t began;
        int r;

        if (!item->spec->restart)
                return -EOPNOTSUPP;

        for (const char *const *d = item->spec->depends_on; d && *d; d++) {
                Component *needed = find(c, *d);

                if (needed && needed->own.health == HEALTH_RED)
                        (void)restart(c, needed);
        }

        began = now_monotonic();
        r = item->spec->restart(c->userdata);
        if (c->restarted)
                c->restarted(c->restarted_userdata, item, r, now_monotonic() - began);
        if (r >= 0)
                item->restarts++;
        check_one(c, item);
        return r;
}

int components_restart(Components *c, const char *name) {
        Component *item = find(c, name);
        int r;

        if (!item)
                return -ENXIO;

        r = restart(c, item);
        /* Somebody has done something about it: there is new hope. */
        item->healing.given_up = false;
        item->healing.attempts = 0;
        components_check(c);
        return r;
}

static bool rests_on_failed(const Components *c, const Component *item) {
        for (const char *const *d = item->spec->depends_on; d && *d; d++) {
                const Component *needed = find(c, *d);

                if (needed && needed->spec->restart && needed->own.health == HEALTH_RED)
                        return true;
        }

        return false;
}

static void note_well(Component *item, uint64_t now) {
        if (item->healing.green_usec == 0)
                item->healing.green_usec = now;
        if (now - item->healing.green_usec < COMPONENT_STABLE_USEC)
                return;
        item->healing.attempts = 0;
        item->healing.given_up = false;
}

static void heal(Components *c, Component *item, uint64_t now, ComponentHealed healed,
                void *userdata) {
        int r;

        item->healing.green_usec = 0;
        if (item->healing.given_up || now < item->healing.next_usec || rests_on_failed(c, item))
                return;

        if (item->healing.attempts == COMPONENT_ATTEMPTS) {
                item->healing.given_up = true;
                check_one(c, item);
                healed(userdata, item, -EHOSTDOWN);
                return;
        }

        r = restart(c, item);
        item->healing.next_usec = now + (COMPONENT_DELAY_USEC << item->healing.attempts);
        item->healing.attempts++;
        healed(userdata, item, r);
}

void components_heal(Components *c, uint64_t now_usec, ComponentHealed healed, void *userdata) {
        assert(c && healed);

        for (size_t i = 0; i < c->n_items; i++) {
                Component *item = &c->items[i];

                if (item->own.health != HEALTH_RED)
                        note_well(item, now_usec);
                else if (item->spec->restart)
                        heal(c, item, now_usec, healed, userdata);
        }
}

Health components_health(const Components *c) {
        Health worst = HEALTH_GREEN;

        assert(c);

        for (size_t i = 0; i < c->n_items; i++)
                worst = MAX(worst, c->items[i].last.health);

        return worst;
}

const Component *components_next(const Components *c, const Component *previous) {
        size_t i;

        assert(c);

        i = previous ? (size_t)(previous - c->items) + 1 : 0;
        return i < c->n_items ? &c->items[i] : NULL;
}

void components_set_observer(Components *c, ComponentChanged changed, void *userdata) {
        assert(c);

        c->changed = changed;
        c->changed_userdata = userdata;
}

void components_set_meter(Components *c, ComponentRestarted restarted, void *userdata) {
        assert(c);

        c->restarted = restarted;
        c->restarted_userdata = userdata;
}
