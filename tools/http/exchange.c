/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/http/exchange.h"

#include <stdbool.h>
#include <string.h>
#include <utlist.h>

#include "daemon/base/clock.h"
#include "tools/http/host.h"
#include "tools/http/route.h"

#define BUS_TIMEOUT_USEC (5 * USEC_PER_SEC)

struct Exchange {
        struct MHD_Connection *connection;
        Exchanges *all;
        const Route *route;
        char name[ROUTE_NAME_MAX];
        sd_bus_slot *slot; /* the question; the connection sleeps as long as it is open */
        Answer answer;     /* its status is 0 until there is one */
        Exchange *prev, *next;
};

static void add_headers(struct MHD_Response *response, const Answer *answer) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
        (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
        if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
                (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET");
}

/* Takes the body over. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, Answer *answer) {
        _cleanup_free_ char *body = TAKE_PTR(answer->body);
        struct MHD_Response *response;
        enum MHD_Result result;

        if (!body)
                return MHD_NO;

        response = MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
        if (!response)
                return MHD_NO;

        (void)TAKE_PTR(body);
        add_headers(response, answer);
        result = MHD_queue_response(connection, answer->status, response);
        MHD_destroy_response(response);
        return result;
}

static enum MHD_Result refuse(
                struct MHD_Connection *connection, unsigned status, const char *text) {
        Answer answer;

        answer_error(&answer, status, text);
        return send_answer(connection, &answer);
}

static bool has_body(struct MHD_Connection *connection) {
        const char *length = MHD_lookup_connection_value(
                        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

        return (length && strcmp(length, "0") != 0) ||
                        MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                        MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

/* The headers are here. Whether it may go on: MHD_YES, or what was refused is sent. */
static enum MHD_Result begin(Exchanges *all, struct MHD_Connection *connection, const char *url,
                const char *method, void **context) {
        const char *host = MHD_lookup_connection_value(
                        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
        _cleanup_free_ Exchange *e = NULL;

        if (!host_is_allowed(host, all->allowed_hosts))
                return refuse(connection, MHD_HTTP_MISDIRECTED_REQUEST,
                                "this is not the host that was asked for; see --allow-host");
        if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
                return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET is answered");
        if (has_body(connection))
                return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "a question has no body");

        e = calloc(1, sizeof(*e));
        if (!e)
                return MHD_NO;

        e->connection = connection;
        e->all = all;
        e->route = route_find(url, e->name);
        if (!e->route)
                return refuse(connection, MHD_HTTP_NOT_FOUND,
                                "there is /metrics, /health, /health/components, "
                                "/health/<component>, /api/plugins/list, /api/plugins/<name>, "
                                "/api/plugins/<name>/metrics");

        DL_APPEND(all->list, e);
        *context = TAKE_PTR(e);
        return MHD_YES;
}

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *reterr) {
        Exchange *e = userdata;

        e->slot = sd_bus_slot_unref(e->slot);
        route_answer(e->route, reply, e->name, &e->answer);
        MHD_resume_connection(e->connection);
        e->all->wake(e->all->userdata);
        return 0;
}

static enum MHD_Result ask(Exchange *e) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = e->route->ask(e->all->bus, e->name, &call);
        if (r >= 0)
                r = sd_bus_call_async(e->all->bus, &e->slot, call, on_reply, e, BUS_TIMEOUT_USEC);
        if (r < 0)
                return refuse(e->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "the bus is gone");

        MHD_suspend_connection(e->connection);
        return MHD_YES;
}

enum MHD_Result exchange_handle(void *userdata, struct MHD_Connection *connection, const char *url,
                const char *method, const char *version, const char *upload_data,
                size_t *upload_data_size, void **context) {
        Exchange *e = *context;

        if (!e)
                return begin(userdata, connection, url, method, context);
        if (*upload_data_size > 0)
                return MHD_NO;

        return e->answer.status == 0 ? ask(e) : send_answer(connection, &e->answer);
}

void exchange_completed(void *userdata, struct MHD_Connection *connection, void **context,
                enum MHD_RequestTerminationCode code) {
        Exchanges *all = userdata;
        Exchange *e = *context;

        if (!e)
                return;

        DL_DELETE(all->list, e);
        sd_bus_slot_unref(e->slot);
        free(e->answer.body);
        free(e);
        *context = NULL;
}

void exchanges_end(Exchanges *all) {
        Exchange *e;

        DL_FOREACH (all->list, e) {
                if (!e->slot)
                        continue;

                e->slot = sd_bus_slot_unref(e->slot);
                answer_error(&e->answer, MHD_HTTP_SERVICE_UNAVAILABLE, "this exporter ends now");
                MHD_resume_connection(e->connection);
        }
}
