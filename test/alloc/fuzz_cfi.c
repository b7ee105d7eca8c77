/*
 * Call frame information of anybody's. The input is an image: two bytes say where .eh_frame_hdr is in it, the rest is the image. Promises: nothing outside of it is read; a rule
 * that is found says where the caller's stack pointer and the address to return to are in terms of what is known, or that there is no caller.
 */
#include "../fuzz.h"

#include "alloc/cfi.h"

enum { ADDRESS = 0x10000, STEP = 7, MOST = 4096 };

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static void check_place(const wtfcb_alloc_place *place, bool may_be_cfa)
{
    FUZZ_ASSERT(place->base <= WTFCB_ALLOC_CFA && place->base != WTFCB_ALLOC_CONSTANT);
    FUZZ_ASSERT(may_be_cfa || place->base != WTFCB_ALLOC_CFA);
}

static void check(const wtfcb_alloc_image *image, uint64_t header, uint64_t address)
{
    wtfcb_alloc_rule rule;
    if (!wtfcb_alloc_cfi_find(image, header, address, address, &rule)) return;
    check_place(&rule.cfa, false);
    check_place(&rule.frame, true);
    check_place(&rule.result, true);
    FUZZ_ASSERT(rule.result.base == WTFCB_ALLOC_UNDEFINED || rule.cfa.base != WTFCB_ALLOC_UNDEFINED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    uint64_t header = ADDRESS + (uint64_t)data[0] + ((uint64_t)data[1] << 8);
    unsigned char *bytes = (unsigned char *)fuzz_copy(data + 2, size - 2, 0, 0);
    wtfcb_alloc_image image = {bytes, size - 2, ADDRESS};
    for (uint64_t i = 0; i < MOST && i < 4 * size; i += STEP)
        check(&image, header, ADDRESS + i - size);
    check(&image, header, 0);
    check(&image, header, UINT64_MAX);
    wtfcb_alloc_reader whole = wtfcb_alloc_read_from(&image, ADDRESS, image.size);
    wtfcb_alloc_place place = wtfcb_alloc_cfi_evaluate(whole, ADDRESS, true);
    FUZZ_ASSERT(place.base <= WTFCB_ALLOC_CFA && place.base != WTFCB_ALLOC_CONSTANT);
    free(bytes);
    return 0;
}
