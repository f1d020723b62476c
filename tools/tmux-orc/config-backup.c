/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/base/strv.h"
#include "daemon/base/text.h"
#include "daemon/base/yaml-node.h"
#include "daemon/config/config.h"
#include "tools/tmux-orc/bus.h"
#include "tools/tmux-orc/config-archive.h"
#include "tools/tmux-orc/config-change.h"
#include "tools/tmux-orc/output.h"

#define SYSTEM_PARENT "/etc/tmux-orchestrator"

/* What has the folder of plugins that are not the vendor's; the service's on that bus. */
static int find_parent(const Context *c, char **ret) {
        const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
        int r;

        if (!c->bus_name || strcmp(c->bus_name, "user") != 0)
                r = asprintf(ret, SYSTEM_PARENT);
        else if (!text_is_empty(data))
                r = asprintf(ret, "%s/tmux-orchestrator", data);
        else if (!text_is_empty(home))
                r = asprintf(ret, "%s/.local/share/tmux-orchestrator", home);
        else {
                *ret = NULL;
                return -ENXIO;
        }
        if (r >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}

static int make_folders(char *path) {
        for (char *p = strchr(path + 1, '/');; p = strchr(p + 1, '/')) {
                if (p)
                        *p = '\0';
                if (mkdir(path, 0755) < 0 && errno != EEXIST)
                        return -errno;
                if (!p)
                        return 0;
                *p = '/';
        }
}

/* tar has said by itself what it could not do. */
static CommandResult failed(
                const Context *c, const char *what, const char *file, const char *why, int r) {
        context_error(c, "cannot %s '%s': %s", what, file,
                        why                            ? why
                                        : r == -EPIPE  ? "tar failed"
                                        : r == -EFBIG  ? "it is larger than 256 MiB"
                                        : r == -EBADF  ? "it is not a regular file"
                                        : r == -ENOENT ? "it is not there, or tar is not"
                                                       : strerror(-r));
        return COMMAND_FAILED;
}

static CommandResult begin(Context *c, char **ret_parent) {
        CommandResult result;
        int r;

        if (c->bus_choice == BUS_HOST)
                return context_usage(c, "a backup is made and restored on the host itself");
        result = bus_open(c);
        if (result != COMMAND_OK)
                return result;
        r = find_parent(c, ret_parent);
        return r < 0 ? output_failed(c, r) : COMMAND_OK;
}

CommandResult config_backup(Context *c) {
        _cleanup_json_ json_object *yaml = NULL;
        _cleanup_free_ char *parent = NULL;
        const char *file = c->operands[1];
        CommandResult result;
        int r;

        result = begin(c, &parent);
        if (result == COMMAND_OK)
                result = bus_call_manager(c, "ExportConfig", &yaml, NULL);
        if (result != COMMAND_OK)
                return result;
        if (!json_object_is_type(yaml, json_type_string))
                return output_failed(c, -EBADMSG);

        r = archive_write(file, json_object_get_string(yaml), parent);
        if (r < 0)
                return failed(c, "write", file, NULL, r);
        if (!c->quiet && !c->json)
                (void)fprintf(c->out, "Settings, and the plugins in %s/plugins, are in %s.\n",
                                parent, file);
        return COMMAND_OK;
}

static CommandResult check_config(const Context *c, const char *yaml, size_t n_yaml) {
        _cleanup_(config_problems_done) ConfigProblems problems = {};
        int r = config_validate_text(yaml, n_yaml, &problems);

        if (r >= 0)
                return COMMAND_OK;
        for (size_t i = 0; i < problems.n_items; i++)
                if (problems.items[i].severity == CONFIG_ERROR)
                        context_error(c, "config.yaml:%u: %s: %s", problems.items[i].line,
                                        problems.items[i].key, problems.items[i].message);
        return r == -EBADMSG ? COMMAND_FAILED : output_failed(c, r);
}

/* The settings first: for them somebody may be asked who it is. */
static CommandResult replace(Context *c, const char *stage, const char *parent) {
        _cleanup_free_ char *path = NULL, *yaml = NULL;
        _cleanup_strv_free_ char **plugins = NULL;
        CommandResult result;
        size_t n;
        int r;

        if (asprintf(&path, "%s/" ARCHIVE_CONFIG, stage) < 0) {
                path = NULL;
                return output_failed(c, -ENOMEM);
        }
        r = read_regular_file(path, YAML_SIZE_MAX, &yaml, &n);
        if (r >= 0)
                r = archive_plugins(stage, &plugins);
        if (r < 0)
                return failed(c, "read", ARCHIVE_CONFIG, NULL, r);

        result = check_config(c, yaml, n);
        if (result == COMMAND_OK)
                result = bus_call_manager(c, "ImportConfig", NULL, "s", yaml);
        if (result != COMMAND_OK)
                return result;

        r = archive_put_in_place(stage, parent, plugins);
        if (r < 0) {
                (void)bus_call_manager(c, "RollBackConfig", NULL, "u", 0U);
                return failed(c, "replace the plugins in", parent, NULL, r);
        }
        if (!c->quiet && !c->json)
                (void)fprintf(c->out, "The settings are restored, and %zu plugin%s.\n",
                                strv_length(plugins), strv_length(plugins) == 1 ? "" : "s");
        return plugins ? bus_call_manager(c, "ScanPlugins", NULL, NULL) : COMMAND_OK;
}

CommandResult config_restore(Context *c) {
        _cleanup_free_ char *parent = NULL, *stage = NULL, *why = NULL;
        const char *file = c->operands[1];
        CommandResult result;
        int r;

        result = begin(c, &parent);
        if (result != COMMAND_OK)
                return result;

        r = make_folders(parent);
        if (r < 0)
                return failed(c, "make", parent, NULL, r);
        r = archive_unpack(file, parent, &stage, &why);
        if (r < 0)
                return failed(c, "restore", file, why, r);

        result = replace(c, stage, parent);
        archive_clean(stage);
        return result;
}
