/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/watcher/detect/detector.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/watcher/detect/judge.h"

/* Files in all folders together. */
#define FILES_MAX 128U

/* One file name: the path of the last folder that has it. */
typedef struct Source {
        char *name, *path;
} Source;

typedef struct SourceList {
        Source items[FILES_MAX];
        size_t n;
} SourceList;

struct DetectorSet {
        RuleFile *files[FILES_MAX];
        size_t n_files;
};

typedef struct Loader {
        DetectorProblem problem;
        void *userdata;
} Loader;

static void report(const Loader *l, const char *path, unsigned line, const char *message) {
        if (l->problem)
                l->problem(l->userdata, path, line, message);
}

static SourceList *source_list_free(SourceList *l) {
        for (size_t i = 0; l && i < l->n; i++) {
                free(l->items[i].name);
                free(l->items[i].path);
        }
        free(l);
        return NULL;
}
DEFINE_CLEANUP(SourceList *, source_list_free)

static int add_source(SourceList *l, const char *folder, const char *name) {
        _cleanup_free_ char *path = NULL, *copy = NULL;
        size_t i = 0;

        if (asprintf(&path, "%s/%s", folder, name) < 0)
                return -ENOMEM;
        while (i < l->n && strcmp(l->items[i].name, name) != 0)
                i++;
        if (i == FILES_MAX)
                return -E2BIG;

        if (i == l->n) {
                copy = strdup(name);
                if (!copy)
                        return -ENOMEM;
                l->items[l->n++] = (Source){.name = TAKE_PTR(copy)};
        }
        free(l->items[i].path);
        l->items[i].path = TAKE_PTR(path);
        return 0;
}

static int add_folder(const Loader *loader, SourceList *l, const char *folder) {
        _cleanup_closedir_ DIR *d = opendir(folder);

        if (!d) {
                if (errno != ENOENT && errno != ENOTDIR)
                        report(loader, folder, 0, strerror(errno));
                return 0;
        }

        for (struct dirent *e = readdir(d); e; e = readdir(d)) {
                int r;

                if (e->d_name[0] == '.' || !text_ends_with(e->d_name, ".yaml"))
                        continue;
                r = add_source(l, folder, e->d_name);
                if (r == -E2BIG) {
                        report(loader, folder, 0, "too many rule files");
                        return 0;
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static int compare_sources(const void *a, const void *b) {
        return strcmp(((const Source *)a)->name, ((const Source *)b)->name);
}

static bool is_double(const DetectorSet *set, const RuleFile *f) {
        for (size_t i = 0; i < set->n_files; i++)
                if (strcmp(set->files[i]->name, f->name) == 0)
                        return true;
        return false;
}

static int load_source(const Loader *loader, DetectorSet *set, const char *path) {
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        _cleanup_(rule_file_freep) RuleFile *f = NULL;
        YamlError error = {};
        int r;

        r = yaml_parse_file(path, &root, &error);
        if (r == 0 && root->n_children == 0 && root->kind == YAML_MAPPING)
                return 0; /* empty: what it hides is masked */
        if (r == 0)
                r = rule_file_read(root, &f, &error);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                report(loader, path, error.line, error.line > 0 ? error.message : strerror(-r));
                return 0;
        }
        if (is_double(set, f)) {
                report(loader, path, 0, "another file has this agent's name; this one is left out");
                return 0;
        }

        set->files[set->n_files++] = TAKE_PTR(f);
        return 0;
}

int detector_set_load(
                char *const *folders, DetectorProblem problem, void *userdata, DetectorSet **ret) {
        _cleanup_(detector_set_freep) DetectorSet *set = calloc(1, sizeof(*set));
        _cleanup_(source_list_freep) SourceList *sources = calloc(1, sizeof(*sources));
        const Loader loader = {.problem = problem, .userdata = userdata};
        int r;

        assert(ret);

        if (!set || !sources)
                return -ENOMEM;
        for (char *const *folder = folders; folder && *folder; folder++) {
                r = add_folder(&loader, sources, *folder);
                if (r < 0)
                        return r;
        }

        qsort(sources->items, sources->n, sizeof(*sources->items), compare_sources);
        for (size_t i = 0; i < sources->n; i++) {
                r = load_source(&loader, set, sources->items[i].path);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(set);
        return 0;
}

DetectorSet *detector_set_free(DetectorSet *set) {
        for (size_t i = 0; set && i < set->n_files; i++)
                rule_file_free(set->files[i]);
        free(set);
        return NULL;
}

size_t detector_set_count(const DetectorSet *set) {
        return set->n_files;
}

int detector_judge(const DetectorSet *set, const Observation *o, Verdict *ret) {
        assert(set);
        assert(o);
        assert(ret);

        return judge_observation(set->files, set->n_files, o, ret);
}

static const RuleFile *find_file(const DetectorSet *set, const char *type) {
        for (size_t i = 0; type && i < set->n_files; i++)
                if (strcmp(set->files[i]->name, type) == 0)
                        return set->files[i];
        return NULL;
}

int detector_ways(const DetectorSet *set, const Observation *o, const Verdict *verdict,
                ActWays *ret) {
        const RuleFile *file = find_file(set, verdict->agent);

        *ret = (ActWays){};
        return file ? judge_ways(file, o, verdict, ret) : 0;
}

const ActRules *detector_act_rules(const DetectorSet *set, const char *type) {
        const RuleFile *file = find_file(set, type);

        return file ? &file->act : NULL;
}
