/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <time.h>

#include "daemon/base/json.h"
#include "daemon/base/read-file.h"
#include "daemon/base/text.h"
#include "tools/tmux-orc/doctor.h"

#define TMUX_OLDEST_MAJOR 3

void doctor_check_tmux(Doctor *d) {
        FILE *f = popen("tmux -V 2>/dev/null", "re");
        unsigned major = 0, minor = 0;
        char version[64] = "";
        int status;

        if (f && !fgets(version, sizeof(version), f))
                version[0] = '\0';
        status = f ? pclose(f) : -1;
        version[strcspn(version, "\n")] = '\0';

        if (status != 0 || version[0] == '\0')
                doctor_add(d, "tmux", DOCTOR_BROKEN, "apt-get install tmux",
                                "tmux is not installed, or not in PATH");
        else if (sscanf(version, "tmux %*[a-z-]%u.%u", &major, &minor) < 1 &&
                        sscanf(version, "tmux %u.%u", &major, &minor) < 1)
                doctor_add(d, "tmux", DOCTOR_WARNING, NULL, "'%s' is no version that is known",
                                version);
        else if (major < TMUX_OLDEST_MAJOR)
                doctor_add(d, "tmux", DOCTOR_BROKEN, NULL, "%s is too old: 3.0 or later is needed",
                                version);
        else
                doctor_add(d, "tmux", DOCTOR_OK, NULL, "%s", version + strlen("tmux "));
}

/* Connecting and leaving again is what every tmux client may do at any time. */
static bool socket_answers(const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = -1;

        if (strlen(path) >= sizeof(address.sun_path))
                return false;
        (void)strcpy(address.sun_path, path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static void add_socket(Doctor *d, const char *path) {
        if (socket_answers(path) && json_append_string(d->sockets, path) < 0)
                d->out_of_memory = true;
}

void doctor_check_servers(Doctor *d) {
        const char *base = getenv("TMUX_TMPDIR");
        _cleanup_free_ char *folder = NULL;
        _cleanup_closedir_ DIR *dir = NULL;
        size_t n;

        if (asprintf(&folder, "%s/tmux-%u", text_is_empty(base) ? "/tmp" : base, getuid()) < 0) {
                d->out_of_memory = true;
                return;
        }
        dir = opendir(folder);
        for (struct dirent *e; dir && (e = readdir(dir));) {
                _cleanup_free_ char *path = NULL;

                if (e->d_name[0] != '.' && asprintf(&path, "%s/%s", folder, e->d_name) >= 0)
                        add_socket(d, path);
        }

        n = json_object_array_length(d->sockets);
        if (n == 0)
                doctor_add(d, "tmux servers", DOCTOR_WARNING, "tmux new-session",
                                "no tmux server of yours runs in %s", folder);
        else
                doctor_add(d, "tmux servers", DOCTOR_OK, NULL, "%zu of yours answer%s in %s", n,
                                n == 1 ? "s" : "", folder);
}

static void check_linger(Doctor *d) {
        const struct passwd *user = getpwuid(getuid());
        _cleanup_free_ char *path = NULL, *mend = NULL;

        /* Without systemd, and for the system's service, nobody waits for a login. */
        if (!user || getuid() == 0 || access("/run/systemd/system", F_OK) < 0)
                return;
        if (asprintf(&path, "/var/lib/systemd/linger/%s", user->pw_name) < 0 ||
                        asprintf(&mend, "loginctl enable-linger %s", user->pw_name) < 0)
                d->out_of_memory = true;
        else if (access(path, F_OK) < 0)
                doctor_add(d, "lingering", DOCTOR_WARNING, mend,
                                "a service of your own ends when you log out");
        else
                doctor_add(d, "lingering", DOCTOR_OK, NULL,
                                "services of yours go on when you log out");
}

void doctor_check_runtime(Doctor *d) {
        const char *folder = getenv("XDG_RUNTIME_DIR");
        struct stat st;

        if (text_is_empty(folder))
                doctor_add(d, "runtime folder", DOCTOR_WARNING, "loginctl enable-linger \"$USER\"",
                                "XDG_RUNTIME_DIR is not set: a service of your own needs it");
        else if (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
                doctor_add(d, "runtime folder", DOCTOR_WARNING, NULL,
                                "XDG_RUNTIME_DIR is %s, which is no folder", folder);
        else if (st.st_uid != getuid())
                doctor_add(d, "runtime folder", DOCTOR_WARNING, NULL,
                                "XDG_RUNTIME_DIR is %s, which belongs to another user", folder);
        else
                doctor_add(d, "runtime folder", DOCTOR_OK, NULL, "%s", folder);
        check_linger(d);
}

void doctor_check_proc(Doctor *d) {
        _cleanup_free_ char *stat = NULL, *mounts = NULL;
        size_t n;

        if (read_proc_file(AT_FDCWD, "/proc/self/stat", 4096, &stat, &n) < 0) {
                doctor_add(d, "/proc", DOCTOR_BROKEN, "mount -t proc proc /proc",
                                "/proc cannot be read: processes cannot be seen");
                return;
        }
        if (read_proc_file(AT_FDCWD, "/proc/self/mountinfo", 256 * 1024, &mounts, &n) >= 0 &&
                        strstr(mounts, "hidepid="))
                doctor_add(d, "/proc", DOCTOR_OK, NULL,
                                "mounted with hidepid: a watcher sees its own user's processes all "
                                "the same");
        else
                doctor_add(d, "/proc", DOCTOR_OK, NULL, "can be read");
}

void doctor_check_clock(Doctor *d) {
        struct timex t = {};
        int state = adjtimex(&t);

        /* Usage limits tell when they end by the clock on the wall. */
        if (state >= 0 && (state == TIME_ERROR || t.status & STA_UNSYNC))
                doctor_add(d, "clock", DOCTOR_WARNING, "timedatectl set-ntp true",
                                "not kept right by a time service: reset times may be off");
        else
                doctor_add(d, "clock", DOCTOR_OK, NULL, "is kept right");
}
