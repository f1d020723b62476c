/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/base/yaml-node.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "daemon/base/read-file.h"
#include "daemon/base/text.h"

typedef struct Builder {
        yaml_parser_t *parser;
        unsigned n_nodes;
        YamlError *reterr;
} Builder;

static int build_node(Builder *b, const yaml_event_t *event, unsigned depth, YamlNode **ret);

void yaml_error_set(YamlError *reterr, unsigned line, const char *format, ...) {
        va_list ap;

        if (!reterr)
                return;

        reterr->line = line;
        va_start(ap, format);
        (void)vsnprintf(reterr->message, sizeof(reterr->message), format, ap);
        va_end(ap);
}

YamlNode *yaml_node_free(YamlNode *node) {
        if (!node)
                return NULL;

        for (size_t i = 0; i < node->n_children; i++)
                yaml_node_free(node->children[i]);
        free(node->children);
        free(node->key);
        free(node->scalar);
        free(node);
        return NULL;
}

static int next_event(Builder *b, yaml_event_t *event) {
        const yaml_parser_t *p = b->parser;

        if (yaml_parser_parse(b->parser, event))
                return 0;

        if (p->error == YAML_MEMORY_ERROR)
                return -ENOMEM;

        yaml_error_set(b->reterr, (unsigned)p->problem_mark.line + 1, "not valid YAML: %s",
                        p->problem ?: "unreadable");
        return -EBADMSG;
}

static int refuse(Builder *b, const yaml_event_t *event, int error, const char *what) {
        yaml_error_set(b->reterr, (unsigned)event->start_mark.line + 1, "%s", what);
        return error;
}

static int node_new(Builder *b, const yaml_event_t *event, YamlKind kind, YamlNode **ret) {
        YamlNode *node;

        if (b->n_nodes++ >= YAML_NODES_MAX)
                return refuse(b, event, -E2BIG, "too many values");

        node = calloc(1, sizeof(*node));
        if (!node)
                return -ENOMEM;

        node->kind = kind;
        node->line = (unsigned)event->start_mark.line + 1;
        node->column = (unsigned)event->start_mark.column + 1;
        *ret = node;
        return 0;
}

static int node_adopt(YamlNode *parent, YamlNode **child) {
        YamlNode **longer;

        /* Grows by doubling: reallocate whenever the count is a power of two. */
        if ((parent->n_children & (parent->n_children - 1)) == 0) {
                size_t room = parent->n_children ? parent->n_children * 2 : 1;

                longer = reallocarray(parent->children, room, sizeof(*longer));
                if (!longer)
                        return -ENOMEM;
                parent->children = longer;
        }

        parent->children[parent->n_children++] = TAKE_PTR(*child);
        return 0;
}

static int build_scalar(Builder *b, const yaml_event_t *event, YamlNode **ret) {
        _cleanup_(yaml_node_freep) YamlNode *node = NULL;
        const char *value = (const char *)event->data.scalar.value;
        int r;

        if (event->data.scalar.anchor)
                return refuse(b, event, -EBADMSG, "anchors are not accepted");
        if (event->data.scalar.tag)
                return refuse(b, event, -EBADMSG, "tags are not accepted");
        if (strlen(value) != event->data.scalar.length)
                return refuse(b, event, -EBADMSG, "a NUL character is not accepted");

        r = node_new(b, event, YAML_SCALAR, &node);
        if (r < 0)
                return r;

        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        node->scalar = strdup(value);
        if (!node->scalar)
                return -ENOMEM;

        *ret = TAKE_PTR(node);
        return 0;
}

typedef struct Key {
        char *name; /* NULL: none was read */
        unsigned line;
} Key;

static void key_done(Key *key) {
        free(key->name);
}

static int read_child(
                Builder *b, const yaml_event_t *event, unsigned depth, YamlNode *parent, Key *key) {
        _cleanup_(yaml_node_freep) YamlNode *child = NULL;
        int r;

        r = build_node(b, event, depth, &child);
        if (r < 0)
                return r;

        child->key = TAKE_PTR(key->name);
        child->key_line = child->key ? key->line : child->line;
        return node_adopt(parent, &child);
}

static int take_key(Builder *b, const yaml_event_t *event, Key *key) {
        _cleanup_free_ char *clean = NULL;
        const char *name;
        size_t n;

        if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor || event->data.scalar.tag)
                return refuse(b, event, -EBADMSG, "a key must be a plain word");

        name = (const char *)event->data.scalar.value;
        n = event->data.scalar.length;
        if (strlen(name) != n)
                return refuse(b, event, -EBADMSG, "a NUL character is not accepted");

        /* Keys are shown in messages. */
        clean = text_clean(name, n, n);
        if (!clean)
                return -ENOMEM;
        if (strcmp(clean, name) != 0)
                return refuse(b, event, -EBADMSG, "a key must be a plain word");

        key->name = TAKE_PTR(clean);
        key->line = (unsigned)event->start_mark.line + 1;
        return 0;
}

static int compare_places(const YamlNode *a, const YamlNode *b) {
        if (a->key_line != b->key_line)
                return a->key_line < b->key_line ? -1 : 1;
        if (a->line != b->line)
                return a->line < b->line ? -1 : 1;
        return a->column < b->column ? -1 : a->column > b->column;
}

static int compare_keys(const void *a, const void *b) {
        const YamlNode *const *x = a, *const *y = b;

        return strcmp((*x)->key, (*y)->key) ?: compare_places(*x, *y);
}

/* Looked for once and sorted: a file may have many keys. */
static int refuse_twins(Builder *b, const YamlNode *mapping) {
        _cleanup_free_ const YamlNode **sorted = NULL;
        const YamlNode *first = NULL, *twin = NULL;
        size_t n = mapping->n_children;

        if (n < 2)
                return 0;

        sorted = reallocarray(NULL, n, sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                sorted[i] = mapping->children[i];
        qsort(sorted, n, sizeof(*sorted), compare_keys);

        for (size_t i = 1; i < n; i++)
                if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 &&
                                (!twin || compare_places(sorted[i], twin) < 0)) {
                        first = sorted[i - 1];
                        twin = sorted[i];
                }
        if (!twin)
                return 0;

        yaml_error_set(b->reterr, twin->key_line, "'%.100s' is given twice, first on line %u",
                        twin->key, first->key_line);
        return -EBADMSG;
}

/* Reads what is in a sequence or a mapping up to its end. */
static int fill(Builder *b, unsigned depth, YamlNode *node) {
        _cleanup_(key_done) Key key = {};
        int r;

        for (;;) {
                _cleanup_(yaml_event_delete) yaml_event_t event = {};

                r = next_event(b, &event);
                if (r < 0)
                        return r;

                if (event.type == YAML_SEQUENCE_END_EVENT)
                        return 0;
                if (event.type == YAML_MAPPING_END_EVENT)
                        return refuse_twins(b, node);

                if (node->kind == YAML_MAPPING && !key.name)
                        r = take_key(b, &event, &key);
                else
                        r = read_child(b, &event, depth, node, &key);
                if (r < 0)
                        return r;
        }
}

static int build_collection(Builder *b, const yaml_event_t *event, YamlKind kind, unsigned depth,
                YamlNode **ret) {
        _cleanup_(yaml_node_freep) YamlNode *node = NULL;
        const yaml_char_t *anchor = kind == YAML_MAPPING ? event->data.mapping_start.anchor
                                                         : event->data.sequence_start.anchor;
        const yaml_char_t *tag = kind == YAML_MAPPING ? event->data.mapping_start.tag
                                                      : event->data.sequence_start.tag;
        int r;

        if (anchor)
                return refuse(b, event, -EBADMSG, "anchors are not accepted");
        if (tag)
                return refuse(b, event, -EBADMSG, "tags are not accepted");
        if (depth >= YAML_DEPTH_MAX)
                return refuse(b, event, -E2BIG, "nested too deeply");

        r = node_new(b, event, kind, &node);
        if (r < 0)
                return r;

        r = fill(b, depth + 1, node);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(node);
        return 0;
}

static int build_node(Builder *b, const yaml_event_t *event, unsigned depth, YamlNode **ret) {
        if (event->type == YAML_SCALAR_EVENT)
                return build_scalar(b, event, ret);
        if (event->type == YAML_SEQUENCE_START_EVENT)
                return build_collection(b, event, YAML_SEQUENCE, depth, ret);
        if (event->type == YAML_MAPPING_START_EVENT)
                return build_collection(b, event, YAML_MAPPING, depth, ret);
        if (event->type == YAML_ALIAS_EVENT)
                return refuse(b, event, -EBADMSG, "aliases are not accepted");
        return refuse(b, event, -EBADMSG, "a value is missing");
}

static int build_document(Builder *b, YamlNode **root) {
        int r;

        for (;;) {
                _cleanup_(yaml_event_delete) yaml_event_t event = {};

                r = next_event(b, &event);
                if (r < 0)
                        return r;

                if (event.type == YAML_STREAM_END_EVENT)
                        break;
                if (event.type == YAML_STREAM_START_EVENT ||
                                event.type == YAML_DOCUMENT_START_EVENT ||
                                event.type == YAML_DOCUMENT_END_EVENT)
                        continue;
                if (*root)
                        return refuse(b, &event, -EBADMSG, "more than one document");

                r = build_node(b, &event, 0, root);
                if (r < 0)
                        return r;
        }

        return 0;
}

static YamlNode *empty_mapping(void) {
        YamlNode *node = calloc(1, sizeof(*node));

        if (node)
                *node = (YamlNode){.kind = YAML_MAPPING, .line = 1, .column = 1};
        return node;
}

int yaml_parse(const char *text, size_t n_text, YamlNode **ret, YamlError *reterr) {
        _cleanup_(yaml_parser_delete) yaml_parser_t parser = {};
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        Builder b = {.parser = &parser, .reterr = reterr};
        int r;

        assert(text || n_text == 0);
        assert(ret);

        if (n_text > YAML_SIZE_MAX) {
                yaml_error_set(reterr, 1, "larger than %u bytes", YAML_SIZE_MAX);
                return -E2BIG;
        }
        if (!yaml_parser_initialize(&parser))
                return -ENOMEM;
        yaml_parser_set_input_string(&parser, (const unsigned char *)(text ?: ""), n_text);

        r = build_document(&b, &root);
        if (r < 0)
                return r;

        if (!root || yaml_node_is_null(root)) {
                yaml_node_free(root);
                root = empty_mapping();
                if (!root)
                        return -ENOMEM;
        }

        *ret = TAKE_PTR(root);
        return 0;
}

int yaml_parse_file(const char *path, YamlNode **ret, YamlError *reterr) {
        _cleanup_free_ char *text = NULL;
        size_t n_text;
        int r;

        r = read_regular_file(path, YAML_SIZE_MAX, &text, &n_text);
        if (r == -EFBIG) {
                yaml_error_set(reterr, 1, "larger than %u bytes", YAML_SIZE_MAX);
                return -E2BIG;
        }
        if (r < 0)
                return r;

        return yaml_parse(text, n_text, ret, reterr);
}

const YamlNode *yaml_node_get(const YamlNode *node, const char *key) {
        if (!node || node->kind != YAML_MAPPING)
                return NULL;

        for (size_t i = 0; i < node->n_children; i++)
                if (strcmp(node->children[i]->key, key) == 0)
                        return node->children[i];
        return NULL;
}

const char *yaml_node_get_scalar(const YamlNode *node, const char *key) {
        const YamlNode *child = yaml_node_get(node, key);

        return child && child->kind == YAML_SCALAR ? child->scalar : NULL;
}

int yaml_node_get_bool(const YamlNode *scalar, bool *ret) {
        static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

        if (scalar->kind != YAML_SCALAR)
                return -EINVAL;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strcasecmp(scalar->scalar, words[i]) == 0) {
                        *ret = i % 2 == 1;
                        return 0;
                }
        return -EINVAL;
}

bool yaml_node_is_null(const YamlNode *node) {
        return node->kind == YAML_SCALAR && !node->quoted &&
                        (strcmp(node->scalar, "") == 0 || strcmp(node->scalar, "~") == 0 ||
                                        strcmp(node->scalar, "null") == 0);
}
