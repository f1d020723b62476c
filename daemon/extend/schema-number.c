/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keywords for numbers. */

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/extend/schema-private.h"

static int compile_number(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        if (!json_object_is_type(value, json_type_int) &&
                        !json_object_is_type(value, json_type_double))
                return schema_complain(c, "must be a number");
        rule->number = schema_number(value);
        return 0;
}

static int compile_multiple(SchemaCompiler *c, json_object *value, SchemaRule *rule) {
        int r;

        r = compile_number(c, value, rule);
        if (r >= 0 && !(rule->number > 0))
                return schema_complain(c, "must be a number above 0");
        return r;
}

static bool is_nearly_whole(long double d) {
        return fabsl(d) < 0x1p53L && fabsl(d - rintl(d)) <= fabsl(d) * (long double)DBL_EPSILON;
}

/* Decimal fractions are not exact: 0.0075 is a multiple of 0.0001. */
static bool is_multiple(long double value, long double of) {
        if (fmodl(value, of) == 0)
                return true;
        if (value == rintl(value) && of < 1 && is_nearly_whole(1 / of))
                return true;
        return is_nearly_whole(value / of);
}

/* As short as it can be; whole numbers with all of their digits. */
const char *schema_number_text(long double number, char buffer[static SCHEMA_NUMBER_MAX]) {
        int digits = 15;

        if (number == rintl(number) && fabsl(number) < 0x1p64L) {
                (void)snprintf(buffer, SCHEMA_NUMBER_MAX, "%.0Lf", number);
                return buffer;
        }
        do
                (void)snprintf(buffer, SCHEMA_NUMBER_MAX, "%.*Lg", digits, number);
        while (digits++ < 17 && strtod(buffer, NULL) != (double)number);
        return buffer;
}

static int refuse_number(
                SchemaChecker *k, const char *must, const SchemaRule *rule, json_object *value) {
        char expected[SCHEMA_NUMBER_MAX], given[SCHEMA_NUMBER_MAX];

        return schema_refuse(k, "must be %s %s, and is %s", must,
                        schema_number_text(rule->number, expected),
                        schema_number_text(schema_number(value), given));
}

static int check_multiple(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (is_multiple(schema_number(value), rule->number))
                return 1;
        return refuse_number(k, "a multiple of", rule, value);
}

static int check_minimum(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (schema_number(value) >= rule->number)
                return 1;
        return refuse_number(k, "at least", rule, value);
}

static int check_maximum(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (schema_number(value) <= rule->number)
                return 1;
        return refuse_number(k, "at most", rule, value);
}

static int check_above(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (schema_number(value) > rule->number)
                return 1;
        return refuse_number(k, "above", rule, value);
}

static int check_below(SchemaChecker *k, const SchemaNode *node, const SchemaRule *rule,
                json_object *value) {
        if (schema_number(value) < rule->number)
                return 1;
        return refuse_number(k, "below", rule, value);
}

const SchemaKeyword schema_number_keywords[] = {
                {"multipleOf", SCHEMA_TYPE_NUMBER, false, compile_multiple, check_multiple},
                {"minimum", SCHEMA_TYPE_NUMBER, false, compile_number, check_minimum},
                {"maximum", SCHEMA_TYPE_NUMBER, false, compile_number, check_maximum},
                {"exclusiveMinimum", SCHEMA_TYPE_NUMBER, false, compile_number, check_above},
                {"exclusiveMaximum", SCHEMA_TYPE_NUMBER, false, compile_number, check_below},
                {},
};
