/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Exchange
 *
 * One request and its answer: checks what was sent, asks on the bus while the connection sleeps,
 * and sends what the reply means. What is refused is refused before the bus is asked.
 */

#include <microhttpd.h>
#include <systemd/sd-bus.h>

typedef struct Exchange Exchange;

typedef struct Exchanges {
        sd_bus *bus;
        char *const *allowed_hosts;
        void (*wake)(void *userdata); /* a connection is to go on */
        void *userdata;
        Exchange *list;
} Exchanges;

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback; @userdata is the Exchanges. */
enum MHD_Result exchange_handle(void *userdata, struct MHD_Connection *connection, const char *url,
                const char *method, const char *version, const char *upload_data,
                size_t *upload_data_size, void **context);
void exchange_completed(void *userdata, struct MHD_Connection *connection, void **context,
                enum MHD_RequestTerminationCode code);

/* Nobody waits for the bus any more: all that sleep are answered. */
void exchanges_end(Exchanges *exchanges);
