/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/agents/cache-blob.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int cache_blob_new(const void *data, size_t n_data, CacheBlob **ret) {
        CacheBlob *blob;

        assert(data || n_data == 0);
        assert(ret);

        if (n_data > SIZE_MAX - sizeof(*blob) - 1)
                return -ENOMEM;
        blob = malloc(sizeof(*blob) + n_data + 1);
        if (!blob)
                return -ENOMEM;

        blob->n_refs = 1;
        blob->n_data = n_data;
        if (n_data > 0)
                memcpy(blob->data, data, n_data);
        blob->data[n_data] = '\0';

        *ret = blob;
        return 0;
}

CacheBlob *cache_blob_ref(CacheBlob *blob) {
        assert(blob && blob->n_refs > 0);

        blob->n_refs++;
        return blob;
}

CacheBlob *cache_blob_unref(CacheBlob *blob) {
        if (!blob)
                return NULL;

        assert(blob->n_refs > 0);
        if (--blob->n_refs == 0)
                free(blob);
        return NULL;
}
