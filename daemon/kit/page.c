/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/kit/page.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "daemon/base/text.h"

/* Within a line: a control character is never part of the text. */
static void escape_man(FILE *out, const char *text) {
        if (text[0] == '.' || text[0] == '\'')
                (void)fputs("\\&", out);
        for (const char *c = text; *c; c++)
                if (*c == '\\')
                        (void)fputs("\\e", out);
                else if (*c == '-')
                        (void)fputs("\\-", out);
                else
                        (void)fputc(*c, out);
}

static void escape_markdown(FILE *out, const char *text) {
        for (const char *c = text; *c; c++) {
                if (strchr("\\`*_<>|#[]", *c))
                        (void)fputc('\\', out);
                (void)fputc(*c, out);
        }
}

static void escape(const Page *p, const char *text) {
        _cleanup_free_ char *clean = text_clean(text, strlen(text), strlen(text));

        if (!clean)
                return;
        if (p->man)
                escape_man(p->out, clean);
        else
                escape_markdown(p->out, clean);
}

void page_title(const Page *p, const char *name, const char *summary) {
        (void)fputs(p->man ? ".TH \"" : "# ", p->out);
        escape(p, name);
        (void)fputs(p->man ? "\" 7 \"\" \"tmux-orchestrator\" \"Plugins\"\n.SH NAME\n" : "\n\n",
                        p->out);
        if (p->man) {
                escape(p, name);
                (void)fputs(" \\- ", p->out);
        }
        escape(p, summary);
        (void)fputc('\n', p->out);
}

void page_section(const Page *p, const char *heading) {
        (void)fputs(p->man ? ".SH " : "\n## ", p->out);
        for (const char *c = heading; *c; c++)
                (void)fputc(p->man ? toupper((unsigned char)*c) : *c, p->out);
        (void)fputs(p->man ? "\n" : "\n\n", p->out);
}

void page_text(const Page *p, const char *text) {
        if (p->man)
                (void)fputs(".PP\n", p->out);
        escape(p, text);
        (void)fputs(p->man ? "\n" : "\n\n", p->out);
}

void page_item(const Page *p, const char *term, const char *format, ...) {
        _cleanup_free_ char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        if (r < 0) {
                text = NULL;
                return;
        }

        (void)fputs(p->man ? ".TP\n.B " : "- **", p->out);
        escape(p, term);
        (void)fputs(p->man ? "\n" : "**: ", p->out);
        escape(p, text);
        (void)fputc('\n', p->out);
}

void page_code(const Page *p, const char *text) {
        (void)fputs(p->man ? ".PP\n.RS 4\n.nf\n" : "\n```\n", p->out);
        for (const char *line = text; *line;) {
                const char *end = strchrnul(line, '\n');
                _cleanup_free_ char *one = strndup(line, (size_t)(end - line));

                if (one && p->man)
                        escape_man(p->out, one);
                else if (one)
                        (void)fputs(one, p->out);
                (void)fputc('\n', p->out);
                line = *end ? end + 1 : end;
        }
        (void)fputs(p->man ? ".fi\n.RE\n" : "```\n", p->out);
}
