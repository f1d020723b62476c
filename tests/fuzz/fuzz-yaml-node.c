/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <assert.h>

#include "daemon/base/yaml-node.h"
#include "tests/fuzz/fuzz.h"

static void visit(const YamlNode *node) {
        assert(node->line > 0);
        assert((node->kind == YAML_SCALAR) == (node->scalar != NULL));
        for (size_t i = 0; i < node->n_children; i++)
                visit(node->children[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(yaml_node_freep) YamlNode *root = NULL;
        YamlError error = {};

        if (yaml_parse((const char *)data, size, &root, &error) == 0)
                visit(root);
        else
                assert(!root && error.line > 0);
        return 0;
}
