/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/private-bus.h"

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

/* The socket is there a moment before anybody listens on it. */
static bool is_listening(const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

        assert_true(fd >= 0);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        r = connect(fd, (const struct sockaddr *)&address, sizeof(address));
        (void)close(fd);
        return r == 0;
}

void private_bus_start(PrivateBus *b) {
        char path[48], config[48], argument[80], name[] = "dbus-daemon", fork[] = "--nofork";
        char *argv[] = {name, argument, fork, NULL};
        FILE *file;

        (void)strcpy(b->folder, "/tmp/test-bus-XXXXXX");
        assert_non_null(mkdtemp(b->folder));
        assert_int_equal(chmod(b->folder, 0755), 0);
        (void)snprintf(path, sizeof(path), "%s/bus", b->folder);
        (void)snprintf(b->address, sizeof(b->address), "unix:path=%s", path);
        (void)snprintf(config, sizeof(config), "%s/config", b->folder);
        file = fopen(config, "we");
        assert_non_null(file);
        (void)fprintf(file,
                        "<busconfig><listen>%s</listen><auth>EXTERNAL</auth>"
                        "<policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/>"
                        "<allow send_destination=\"*\"/><allow receive_sender=\"*\"/></policy>"
                        "</busconfig>",
                        b->address);
        (void)fclose(file);
        (void)snprintf(argument, sizeof(argument), "--config-file=%s", config);
        if (posix_spawnp(&b->daemon, argv[0], NULL, NULL, argv, environ) != 0)
                skip();
        for (unsigned i = 0; i < 6000 && !is_listening(path); i++)
                (void)usleep(10000);
}

sd_bus *private_bus_connect(const PrivateBus *b, sd_event *event) {
        sd_bus *bus = NULL;

        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_address(bus, b->address) >= 0);
        assert_true(sd_bus_set_bus_client(bus, true) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        /* Until the bus has let us in: who we are is read at that time. */
        assert_true(sd_bus_get_unique_name(bus, &(const char *){NULL}) >= 0);
        assert_true(sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL) >= 0);
        return bus;
}

void private_bus_stop(PrivateBus *b) {
        char path[64];

        (void)kill(b->daemon, SIGTERM);
        (void)waitpid(b->daemon, NULL, 0);
        (void)snprintf(path, sizeof(path), "%s/config", b->folder);
        (void)unlink(path);
        (void)snprintf(path, sizeof(path), "%s/bus", b->folder);
        (void)unlink(path);
        (void)rmdir(b->folder);
}
