/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * demo-agent: behaves in a terminal as an AI agent of a given type does, without any AI: it works,
 * asks, hits a limit, dies. For the demonstration of tools/quickstart and for tests.
 */

#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/cleanup.h"
#include "daemon/base/clock.h"
#include "tools/demo-agent/dress.h"
#include "tools/demo-agent/frame.h"

#define TICK_MSEC 50
#define MEGABYTE (1U << 20)
#define GROW_MAX 4096U
#define LIMIT_SECONDS (2 * 3600 + 300)

static const char default_script[] =
                "start 1; idle 6; work 12; stream 4; permission 12; tool 8; idle 15; work 10; "
                "question 12; work 6; idle 20; work 8; plan 10; work 15; draft 8; limit 20; "
                "work 6; error 10; idle 30; loop";

typedef struct Agent {
        Stage stage;
        Script script;
        size_t step;
        double until; /* seconds of the monotonic clock; 0: until somebody says so */
        double scene_began, turn_began;
        int control; /* -1: none */
        int keys;    /* where every key is written down; -1: nowhere */
        struct termios terminal;
        char draft[256], prompt[256], cwd[512];
        char shown[4 * FRAME_TEXT_MAX], title[512];
} Agent;

static volatile sig_atomic_t told_to_end, resized = 1;

static void on_end(int sig) {
        told_to_end = 1;
}
static void on_resize(int sig) {
        resized = 1;
}

static double now_seconds(void) {
        return (double)now_monotonic() / 1e6;
}

static void put(const char *text, size_t n) {
        while (n > 0) {
                ssize_t k = write(STDOUT_FILENO, text, n);

                if (k < 0 && errno != EINTR && errno != EAGAIN)
                        return;
                if (k > 0)
                        text += k, n -= (size_t)k;
        }
}

static void put_title(Agent *a, const char *template) {
        char title[sizeof(a->title)], sequence[sizeof(a->title) + 8];
        unsigned width = a->stage.width;

        a->stage.width = 200;
        frame_fill(&a->stage, template, title, sizeof(title));
        a->stage.width = width;
        if (strcmp(title, a->title) == 0)
                return;
        (void)strcpy(a->title, title);
        put(sequence, (size_t)snprintf(sequence, sizeof(sequence), "\033]0;%s\a", title));
}

static void paint(Agent *a) {
        const LookScene *scene = &a->stage.look->scenes[a->stage.scene];
        char text[sizeof(a->shown)];
        size_t n;

        a->stage.scene_seconds = now_seconds() - a->scene_began;
        a->stage.turn_seconds = now_seconds() - a->turn_began;
        if (a->stage.scene == SCENE_START)
                return;
        if (scene->title)
                put_title(a, scene->title);
        n = frame_paint(&a->stage, text, sizeof(text));
        if (strcmp(text, a->shown) == 0)
                return;
        memcpy(a->shown, text, n + 1);
        put(text, n);
}

static void measure(Agent *a) {
        struct winsize size = {};

        resized = 0;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
                size = (struct winsize){.ws_col = 80, .ws_row = 24};
        a->stage.width = size.ws_col;
        a->stage.height = size.ws_row;
        a->shown[0] = '\0';
}

static int terminal_open(Agent *a) {
        struct termios raw;

        if (tcgetattr(STDIN_FILENO, &a->terminal) < 0)
                return -errno;
        raw = a->terminal;
        cfmakeraw(&raw);
        raw.c_oflag |= OPOST | ONLCR;
        return tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0 ? -errno : 0;
}

_Noreturn static void leave(Agent *a) {
        char text[1024], move[32];

        put_title(a, "");
        if (a->stage.look->alternate)
                put("\033[?1049l", 8);
        else
                put(move, (size_t)snprintf(move, sizeof(move), "\033[%u;1H\n", a->stage.height));
        frame_fill(&a->stage, a->stage.look->goodbye, text, sizeof(text));
        put(text, strlen(text));
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &a->terminal);
        exit(EXIT_SUCCESS);
}

/* What was typed and not read yet stays in the terminal, for whoever reads there next. */
static void log_unread(const Agent *a) {
        char line[32];
        int unread = 0, n;

        if (a->keys < 0 || ioctl(STDIN_FILENO, FIONREAD, &unread) < 0)
                return;
        n = snprintf(line, sizeof(line), "unread %d\n", unread);
        (void)!write(a->keys, line, (size_t)n);
}

_Noreturn static void die(const Agent *a, int sig) {
        log_unread(a);
        (void)prctl(PR_SET_DUMPABLE, 0); /* no core of it: nothing is wrong */
        (void)signal(sig, SIG_DFL);
        (void)raise(sig);
        _exit(EXIT_FAILURE);
}

static void first_paint(Agent *a) {
        if (a->stage.look->alternate)
                put("\033[?1049h", 8);
        put("\033[2J", 4);
}

/* A test has no time to wait for hours. */
static uint64_t limit_seconds(void) {
        const char *seconds = getenv("DEMO_AGENT_LIMIT");

        return seconds ? (uint64_t)atoi(seconds) : LIMIT_SECONDS;
}

static void enter(Agent *a, Scene scene, double seconds) {
        const Look *look = a->stage.look;
        Scene old = a->stage.scene;
        bool from_turn = scene_is_turn(old), outcome = scene == SCENE_LIMIT || scene == SCENE_ERROR;

        if (scene == SCENE_EXIT)
                leave(a);
        if (scene == SCENE_CRASH)
                die(a, SIGSEGV);
        if (scene == SCENE_KILL)
                die(a, SIGKILL);

        if (old == SCENE_START && scene != SCENE_START)
                first_paint(a);
        if (!*a->stage.past && scene >= SCENE_IDLE)
                frame_log(&a->stage, look->banner);
        if (!from_turn && (scene_is_turn(scene) || outcome)) {
                a->turn_began = now_seconds();
                frame_log(&a->stage, look->prompt);
        }
        a->scene_began = now_seconds();
        a->until = seconds > 0 ? a->scene_began + seconds : 0;
        a->stage.scene = scene;
        a->stage.scene_seconds = 0;
        if (from_turn && (scene == SCENE_IDLE || scene == SCENE_DRAFT))
                frame_log(&a->stage, look->done);
        if (scene == SCENE_LIMIT)
                a->stage.reset_usec = now_realtime() + limit_seconds() * 1000000ULL;
        if (scene == SCENE_DRAFT && !*a->draft)
                (void)strcpy(a->draft, "and then look at");
        frame_log(&a->stage, look->scenes[scene].log);
        paint(a);
}

static void next_step(Agent *a) {
        if (a->step == a->script.n_steps && a->script.loop)
                for (a->step = 0; a->step + 1 < a->script.n_steps &&
                                a->script.steps[a->step].scene == SCENE_START;)
                        a->step++;
        if (a->step == a->script.n_steps) {
                a->until = 0;
                return;
        }
        *a->draft = '\0';
        enter(a, a->script.steps[a->step].scene, a->script.steps[a->step].seconds);
        a->step++;
}

/* What a human does at the keyboard of an agent that takes input. */
static void on_draft_key(Agent *a, char key) {
        size_t n = strlen(a->draft);

        if (key == '\r' && n > 0) {
                (void)strcpy(a->prompt, a->draft);
                *a->draft = '\0';
                enter(a, SCENE_WORK, 6);
        } else if ((key == 127 || key == '\b') && n > 0) {
                a->draft[n - 1] = '\0';
        } else if ((unsigned char)key >= ' ' && key != 127 && n + 1 < sizeof(a->draft)) {
                a->draft[n] = key;
                a->draft[n + 1] = '\0';
        }
        if (*a->draft && a->stage.scene != SCENE_DRAFT)
                enter(a, SCENE_DRAFT, 30);
}

/* "KEY SCENE", so that a test can tell what came when. */
static void log_key(const Agent *a, char key) {
        char line[64];
        int n = snprintf(line, sizeof(line), "%02x %s\n", (unsigned char)key,
                        scene_to_string(a->stage.scene));

        if (a->keys >= 0)
                (void)!write(a->keys, line, (size_t)n);
}

static void on_key(Agent *a, char key) {
        Scene scene = a->stage.scene;

        log_key(a, key);

        if (key == 3)
                leave(a);
        if (scene == SCENE_IDLE || scene == SCENE_DRAFT || scene == SCENE_ERROR)
                on_draft_key(a, key);
        else if (scene_is_dialog(scene) && strchr("\r1y", key))
                enter(a, scene < SCENE_IDLE ? SCENE_IDLE : SCENE_WORK, 6);
        else if (scene_is_dialog(scene) && scene > SCENE_IDLE && key == '\033')
                enter(a, SCENE_IDLE, 0);
        else if (scene == SCENE_LIMIT && key != '\033')
                on_draft_key(a, key);
        else if ((scene_is_turn(scene) || scene == SCENE_LIMIT) && key == '\033')
                enter(a, SCENE_IDLE, 30);
}

/* "grow 10": it uses so many MiB more, and gives none of them back. */
static bool grow(const char *line) {
        unsigned mega;
        char *more;

        if (sscanf(line, "grow %u", &mega) != 1 || mega > GROW_MAX)
                return false;
        for (; mega > 0; mega--) {
                more = malloc(MEGABYTE);
                if (!more)
                        return false;
                memset(more, 'x', MEGABYTE);
                /* Or a clever compiler leaves it all out. */
                __asm__ volatile("" : : "r"(more) : "memory");
        }
        return true;
}

static void on_command(Agent *a, char *line) {
        Scene scene = scene_from_string(line);
        char reply[64];

        if (grow(line)) {
                (void)snprintf(reply, sizeof(reply), "done %s\n", line);
                (void)send(a->control, reply, strlen(reply), MSG_NOSIGNAL);
                return;
        }
        /* Told before it happens where nothing can be told afterwards. */
        (void)snprintf(reply, sizeof(reply), "%s %s\n", scene < 0 ? "unknown" : "done", line);
        if (scene >= SCENE_EXIT)
                (void)send(a->control, reply, strlen(reply), MSG_NOSIGNAL);
        if (scene >= 0)
                enter(a, scene, 0);
        (void)send(a->control, reply, strlen(reply), MSG_NOSIGNAL);
}

static void on_control(Agent *a) {
        char text[256];
        ssize_t n = recv(a->control, text, sizeof(text) - 1, 0);

        if (n <= 0)
                leave(a);
        text[n] = '\0';
        for (char *rest, *line = strtok_r(text, "\n", &rest); line;
                        line = strtok_r(NULL, "\n", &rest))
                on_command(a, line);
}

_Noreturn static void run(Agent *a) {
        for (;;) {
                struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = a->control, .events = POLLIN}};
                char keys[64];
                ssize_t n;

                if (told_to_end)
                        leave(a);
                if (resized)
                        measure(a);
                if (a->until > 0 && now_seconds() >= a->until)
                        next_step(a);
                paint(a);
                if (poll(fds, 2, TICK_MSEC) <= 0)
                        continue;
                if (fds[1].revents)
                        on_control(a);
                if (!fds[0].revents)
                        continue;
                n = read(STDIN_FILENO, keys, sizeof(keys));
                if (n <= 0)
                        exit(EXIT_SUCCESS); /* the terminal is gone */
                for (ssize_t i = 0; i < n; i++)
                        on_key(a, keys[i]);
        }
}

static int control_open(const char *path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        (void)strcpy(address.sun_path, path);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int fail(int r, const char *what) {
        (void)fprintf(stderr, "demo-agent: cannot %s: %s\n", what, strerror(-r));
        return EXIT_FAILURE;
}

static int open_keys(const char *path) {
        return path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
}

static int play(const Look *look) {
        static Agent agent;
        const char *control = getenv("DEMO_AGENT_CONTROL"), *wrong;
        const struct sigaction end = {.sa_handler = on_end}, resize = {.sa_handler = on_resize};
        int r;

        agent.stage = (Stage){.look = look,
                        .prompt = agent.prompt,
                        .draft = agent.draft,
                        .cwd = agent.cwd};
        agent.control = -1;
        agent.keys = open_keys(getenv("DEMO_AGENT_KEYS"));
        (void)strcpy(agent.prompt, "tidy the parser");
        if (!getcwd(agent.cwd, sizeof(agent.cwd)))
                (void)strcpy(agent.cwd, "/");
        if (!control &&
                        script_parse(getenv("DEMO_AGENT_SCRIPT") ?: default_script, &agent.script,
                                        &wrong) < 0) {
                (void)fprintf(stderr, "demo-agent: cannot understand the script at '%s'\n", wrong);
                return 2;
        }

        r = terminal_open(&agent);
        if (r < 0)
                return fail(r, "use this terminal");
        if (control) {
                agent.control = control_open(control);
                if (agent.control < 0)
                        return fail(agent.control, "reach the control socket");
        }
        (void)sigaction(SIGTERM, &end, NULL);
        (void)sigaction(SIGHUP, &end, NULL);
        (void)sigaction(SIGWINCH, &resize, NULL);
        measure(&agent);
        if (!control)
                next_step(&agent);
        run(&agent);
}

static int usage(int status) {
        (void)fprintf(status ? stderr : stdout,
                        "usage: demo-agent --like claude|codex|gemini|opencode [--script STEPS | "
                        "--control SOCKET]\n"
                        "STEPS is such as 'start 2; idle 3; work 5; ask permission 4; loop':\n"
                        "start trust login idle draft work tool stream permission question plan "
                        "limit error exit crash kill\n");
        return status;
}

/* The arguments go through the environment, for /proc must show the agent's. */
static int parse_arguments(int argc, char **argv) {
        static const struct option options[] = {{"like", required_argument, NULL, 'l'},
                        {"script", required_argument, NULL, 's'},
                        {"control", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'},
                        {}};

        for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) >= 0;) {
                const char *name = c == 'l' ? "DEMO_AGENT_LIKE"
                                : c == 's'  ? "DEMO_AGENT_SCRIPT"
                                            : "DEMO_AGENT_CONTROL";

                if (c == 'h' || c == '?')
                        exit(usage(c == 'h' ? 0 : 2));
                if (setenv(name, optarg, true) < 0)
                        return -errno;
        }
        return optind == argc ? 0 : -EINVAL;
}

int main(int argc, char **argv) {
        const Look *look;
        int r;

        if (!dress_is_on() && parse_arguments(argc, argv) < 0)
                return usage(2);
        look = look_find(getenv("DEMO_AGENT_LIKE") ?: "");
        if (!look)
                return usage(2);
        r = dress_as(look);
        if (r < 0)
                return fail(r, "start as an agent does");
        return play(look);
}
