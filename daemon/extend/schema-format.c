/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/extend/schema-format.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#include "daemon/base/cleanup.h"
#include "daemon/extend/schema-date.h"
#include "daemon/extend/schema-regex.h"
#include "daemon/extend/schema-uri.h"

struct SchemaFormat {
        const char *name;
        const char *expected;
        const char *example;
        bool (*check)(const char *s); /* UTF-8 without NUL */
};

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One label of a name: letters, digits, and hyphens within. */
static size_t label_length(const char *s) {
        size_t n = 0;

        while (is_alphanumeric(s[n]) || s[n] == '-')
                n++;
        if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-')
                return 0;
        return n;
}

static bool is_hostname(const char *s) {
        if (strlen(s) > 253)
                return false;

        for (;;) {
                size_t n = label_length(s);

                if (n == 0 || (s[n] != '.' && s[n] != '\0'))
                        return false;
                if (s[n] == '\0')
                        return true;
                s += n + 1;
        }
}

static bool is_ipv4(const char *s) {
        struct in_addr address;

        return inet_pton(AF_INET, s, &address) == 1;
}

static bool is_ipv6(const char *s) {
        struct in6_addr address;

        return inet_pton(AF_INET6, s, &address) == 1;
}

/* "[1.2.3.4]" and "[IPv6:::1]" */
static bool is_address_literal(const char *s) {
        char address[INET6_ADDRSTRLEN];
        size_t n = strlen(s);

        if (n < 3 || n >= sizeof(address) + 7 || s[0] != '[' || s[n - 1] != ']')
                return false;
        if (strncmp(s + 1, "IPv6:", 5) == 0) {
                (void)snprintf(address, sizeof(address), "%.*s", (int)(n - 7), s + 6);
                return is_ipv6(address);
        }
        (void)snprintf(address, sizeof(address), "%.*s", (int)(n - 2), s + 1);
        return is_ipv4(address);
}

static bool is_atom_character(char c, bool international) {
        return is_alphanumeric(c) || (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~-", c)) ||
                        (international && (unsigned char)c >= 0x80);
}

/* Atoms with dots between them; returns how many bytes they have. */
static size_t dotted_atoms(const char *s, bool international) {
        size_t n = 0;

        while (is_atom_character(s[n], international) || (s[n] == '.' && n > 0 && s[n - 1] != '.'))
                n++;
        return n > 0 && s[n - 1] != '.' ? n : 0;
}

/* A quoted local part with its quotes. */
static size_t quoted_local(const char *s, bool international) {
        size_t n = 1;

        if (s[0] != '"')
                return 0;
        while (s[n] != '"') {
                unsigned char c = (unsigned char)s[n];

                if (c < 0x20 || c == 0x7F || (c >= 0x80 && !international))
                        return 0;
                if (c == '\\' && (s[n + 1] < 0x20 || s[n + 1] == 0x7F))
                        return 0;
                n += c == '\\' ? 2 : 1;
        }
        return n + 1;
}

static bool is_mailbox(const char *s, bool international) {
        size_t n = dotted_atoms(s, international);

        if (n == 0)
                n = quoted_local(s, international);
        if (n == 0 || s[n] != '@')
                return false;

        s += n + 1;
        if (s[0] == '[')
                return is_address_literal(s);
        /* What stands for a name in another script is not looked at closely. */
        return international ? dotted_atoms(s, true) == strlen(s) && s[0] != '\0' : is_hostname(s);
}

static bool is_email(const char *s) {
        return is_mailbox(s, false);
}

static bool is_idn_email(const char *s) {
        return is_mailbox(s, true);
}

static bool is_json_pointer(const char *s) {
        if (s[0] != '/' && s[0] != '\0')
                return false;
        for (; *s; s++)
                if (s[0] == '~' && s[1] != '0' && s[1] != '1')
                        return false;
        return true;
}

static bool is_relative_json_pointer(const char *s) {
        size_t n = strspn(s, "0123456789");

        if (n == 0 || (s[0] == '0' && n > 1))
                return false;
        return strcmp(s + n, "#") == 0 || is_json_pointer(s + n);
}

static bool is_regex(const char *s) {
        _cleanup_(schema_regex_freep) SchemaRegex *regex = NULL;

        return schema_regex_new(s, &regex, NULL) >= 0;
}

static const SchemaFormat formats[] = {
                {"date-time", "a date with time and zone, as 2024-02-29T13:05:00Z",
                                "2024-02-29T13:05:00Z", schema_is_date_time},
                {"date", "a date, as 2024-02-29", "2024-02-29", schema_is_date},
                {"time", "a time with zone, as 13:05:00Z", "13:05:00Z", schema_is_time},
                {"email", "an e-mail address", "somebody@example.org", is_email},
                {"idn-email", "an e-mail address", "somebody@example.org", is_idn_email},
                {"hostname", "the name of a host", "host.example.org", is_hostname},
                {"ipv4", "an IPv4 address, as 192.0.2.1", "192.0.2.1", is_ipv4},
                {"ipv6", "an IPv6 address, as 2001:db8::1", "2001:db8::1", is_ipv6},
                {"uri", "a URI, as https://example.org/a", "https://example.org/a", schema_is_uri},
                {"uri-reference", "a URI or a part of one", "/a?b#c", schema_is_uri_reference},
                {"iri", "an IRI, as https://example.org/a", "https://example.org/a", schema_is_iri},
                {"iri-reference", "an IRI or a part of one", "/a?b#c", schema_is_iri_reference},
                {"json-pointer", "a JSON pointer, as /a/0", "/a/0", is_json_pointer},
                {"relative-json-pointer", "a relative JSON pointer, as 1/a", "1/a",
                                is_relative_json_pointer},
                {"regex", "a regular expression", "^[a-z]+$", is_regex},
};

const SchemaFormat *schema_format_find(const char *name) {
        FOREACH_ELEMENT (format, formats)
                if (strcmp(format->name, name) == 0)
                        return format;
        return NULL;
}

bool schema_format_check(const SchemaFormat *format, const char *s, size_t n) {
        assert(format && s);

        return strlen(s) == n && format->check(s);
}

const char *schema_format_expected(const SchemaFormat *format) {
        assert(format);
        return format->expected;
}

const char *schema_format_example(const SchemaFormat *format) {
        assert(format);
        return format->example;
}
