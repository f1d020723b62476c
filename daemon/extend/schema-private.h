/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the files of schema share
 *
 * A schema becomes a node for each schema in it; a node is a list of rules, one for each of its
 * keywords; a keyword is a row of a table: how a rule is made of it, and how a value is checked by
 * the rule. The nodes belong to the schema, the rules to their node.
 */

#include <stdbool.h>
#include <uthash.h>

#include "daemon/base/json.h"
#include "daemon/extend/schema-format.h"
#include "daemon/extend/schema-regex.h"
#include "daemon/extend/schema.h"

typedef struct SchemaNode SchemaNode;
typedef struct SchemaRule SchemaRule;
typedef struct SchemaKeyword SchemaKeyword;
typedef struct SchemaCompiler SchemaCompiler;
typedef struct SchemaChecker SchemaChecker;

/* One of several that a keyword has: a name or a canonical value, a pattern, a schema. */
typedef struct SchemaMember {
        char *text;
        SchemaRegex *regex;
        SchemaNode *node;
        char **names;
} SchemaMember;

struct SchemaRule {
        const SchemaKeyword *keyword;
        uint64_t count;
        long double number;
        SchemaRegex *regex;
        const SchemaFormat *format;
        SchemaNode *node;
        SchemaMember *members;
        size_t n_members;
};

/* Bits of a mask. */
#define SCHEMA_TYPE(type) (1U << (type))
#define SCHEMA_TYPE_NUMBER (SCHEMA_TYPE(json_type_int) | SCHEMA_TYPE(json_type_double))
#define SCHEMA_TYPE_ANY 0xFFU

struct SchemaKeyword {
        const char *name;
        unsigned types; /* values of other types fit */
        bool in_place;  /* its schemas are for the same value */
        /* Returns -EBADMSG through schema_complain(). */
        int (*compile)(SchemaCompiler *c, json_object *value, SchemaRule *rule);
        /* Returns 1 if it fits, 0 through schema_refuse() if not. NULL: it says nothing of values.
         */
        int (*check)(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                        json_object *value);
};

typedef enum SchemaMark {
        SCHEMA_UNSEEN,
        SCHEMA_ON_PATH,
        SCHEMA_SEEN,
} SchemaMark;

struct SchemaNode {
        json_object *source; /* borrowed from the schema: an object or a boolean */
        const SchemaNode *parent;
        const char *keyword; /* of the parent: where the node is */
        const char *name;    /* below the keyword, or NULL; borrowed from the schema */
        size_t index;        /* the same, or SIZE_MAX */
        const char *base;    /* URI; borrowed from the schema */
        bool refuses;        /* it is false: nothing fits */
        SchemaMark mark;
        SchemaRule *rules;
        size_t n_rules;
        UT_hash_handle hh; /* by source */
};

/* What a reference can name. */
typedef struct SchemaResource {
        char *uri;
        const SchemaNode *node;
        UT_hash_handle hh;
} SchemaResource;

struct Schema {
        json_object *source;
        SchemaNode *root;
        SchemaNode **nodes; /* in the order they were found */
        size_t n_nodes;
        SchemaNode *by_source;
        SchemaResource *resources;
};

/* Each ends with an entry without a name. */
extern const SchemaKeyword schema_any_keywords[];
extern const SchemaKeyword schema_number_keywords[];
extern const SchemaKeyword schema_string_keywords[];
extern const SchemaKeyword schema_array_keywords[];
extern const SchemaKeyword schema_object_keywords[];
extern const SchemaKeyword schema_combine_keywords[];
extern const SchemaKeyword schema_reference_keywords[];

/* Making rules ****************************************************************************** */

struct SchemaCompiler {
        Schema *schema;
        SchemaNode *node; /* whose rules are made */
        const char *keyword;
        unsigned n_patterns;
        char *error;
};

/* "/place/keyword must be …". Returns -EBADMSG, or -ENOMEM. */
int schema_complain(SchemaCompiler *c, const char *format, ...) _printf_(2, 3);

/* The node of a schema below the present one; the same for the same @value. */
int schema_compile_child(SchemaCompiler *c, json_object *value, const char *name, size_t index,
                SchemaNode **ret);
/* Each schema of an array becomes a member of the rule. */
int schema_compile_children(SchemaCompiler *c, json_object *array, SchemaRule *rule);
/* A whole number that is not negative, into the rule's count. */
int schema_compile_count(SchemaCompiler *c, json_object *value, SchemaRule *rule);
int schema_compile_regex(SchemaCompiler *c, const char *text, SchemaRegex **ret);
/* Room for @n members, which the rule frees. */
int schema_rule_reserve(SchemaRule *rule, size_t n);

/* Even without a name of its own the whole is what "#" points at. */
int schema_name_root(SchemaCompiler *c);
/* Takes the node's $id, and resolves its $ref once all schemas are known. */
int schema_identify(SchemaCompiler *c, SchemaNode *node);
int schema_resolve(SchemaCompiler *c, SchemaNode *node, SchemaRule *rule);
/* Complains of the first schema that could be checked for ever. */
int schema_find_circle(SchemaCompiler *c);

/* Checking values *************************************************************************** */

/* 1: fits, 0: does not, or an error that ends the check. */
int schema_check_node(SchemaChecker *k, const SchemaNode *node, json_object *value);
int schema_check_member(
                SchemaChecker *k, const SchemaNode *node, json_object *value, const char *name);
int schema_check_item(SchemaChecker *k, const SchemaNode *node, json_object *value, size_t index);
/* The same, and nobody hears why not. */
int schema_try_node(SchemaChecker *k, const SchemaNode *node, json_object *value);

/* Returns 0, so that a check can end with it. The sentence goes on after the place. */
int schema_refuse(SchemaChecker *k, const char *format, ...) _printf_(2, 3);
/* -E2BIG if there is too much to do. */
int schema_spend(SchemaChecker *k, uint64_t steps);
/* 1, 0, or -ETIME. */
int schema_match(SchemaChecker *k, const SchemaRegex *regex, const char *s, size_t n);

/* "a string", "the number 7"; the text is good until the next call with the same buffer. */
#define SCHEMA_DESCRIBE_MAX 64U
const char *schema_describe(const json_object *value, char buffer[static SCHEMA_DESCRIBE_MAX]);

/* The same. */
#define SCHEMA_NUMBER_MAX 40U
const char *schema_number_text(long double number, char buffer[static SCHEMA_NUMBER_MAX]);

const SchemaRule *schema_rule_find(const SchemaNode *node, const char *keyword);
/* NULL if it has none; a null is one. */
bool schema_has(const SchemaNode *node, const char *keyword, json_object **ret);
long double schema_number(const json_object *value);
bool schema_is_whole(const json_object *value);
