/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A stream as a watcher may send it: lines, messages, and the reports in them. */

#include <assert.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/wire/report.h"
#include "daemon/wire/rpc-message.h"
#include "daemon/wire/watching.h"
#include "tests/fuzz/fuzz.h"

static void take_message(const char *line, size_t n) {
        _cleanup_(rpc_message_done) RpcMessage m = {};
        _cleanup_(server_report_done) ServerReport server = {};
        _cleanup_(agent_report_done) AgentReport agent = {};
        _cleanup_json_ json_object *o = NULL;
        WatchSettings settings;
        WatchReport report;

        if (rpc_message_parse(line, n, &m) < 0)
                return;

        assert((m.kind == RPC_REQUEST || m.kind == RPC_NOTIFICATION) == (m.method != NULL));
        if (server_report_from_json(m.params, &server) == 0)
                assert(server_report_to_json(&server, &o) == 0);
        else if (agent_report_from_json(m.params, &agent) == 0)
                assert(agent_report_to_json(&agent, &o) == 0);
        else if (watch_report_from_json(m.params, &report) == 0)
                assert(watch_report_to_json(&report, &o) == 0);
        else if (watch_settings_from_json(m.params, &settings) == 0)
                assert(watch_settings_to_json(&settings, &o) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(line_buffer_done) LineBuffer b = {.max = 4096};
        size_t step = size > 0 ? 1 + data[0] % 64 : 1, n;
        const char *line;

        for (size_t i = 0; i < size; i += step) {
                if (line_buffer_add(&b, (const char *)data + i, MIN(step, size - i)) < 0)
                        return 0;
                while (line_buffer_next(&b, &line, &n))
                        take_message(line, n);
        }
        return 0;
}
