/*
 * test_crc32c.c - the checksum, with the processor's instruction and without
 */
#include "test.h"

#include "io/crc32c.h"

/* RFC 3720, appendix B.4, and the check value of the catalogue of CRCs. */
static void test_crc32c_of_known_bytes(void)
{
    unsigned char zeros[32] = {0}, ones[32], rising[32], falling[32];

    for (size_t i = 0; i < 32; i++) {
        ones[i] = 0xFF;
        rising[i] = (unsigned char)i;
        falling[i] = (unsigned char)(31 - i);
    }
    CHECK_INT(crc32c(0, zeros, 32), 0x8A9136AA);
    CHECK_INT(crc32c(0, ones, 32), 0x62A8AB43);
    CHECK_INT(crc32c(0, rising, 32), 0x46DD794E);
    CHECK_INT(crc32c(0, falling, 32), 0x113FDB5C);
    CHECK_INT(crc32c(0, "123456789", 9), 0xE3069283);
    CHECK_INT(crc32c(0, "", 0), 0);
    CHECK_INT(crc32c_plain(0, "123456789", 9), 0xE3069283);
}

/* The instruction's three lanes are 8192 bytes each. */
static void test_crc32c_is_the_plain_one_at_every_size(void)
{
    const size_t   size = 60000;
    unsigned char *data = malloc(size);
    uint32_t       x = 1;

    for (size_t i = 0; i < size; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (unsigned char)(x >> 24);
    }
    for (size_t n = 0; n < size; n += n < 100 ? 1 : n < 24500 ? 997 : 3511) {
        for (size_t from = 0; from < 9 && n + from <= size; from++) {
            uint32_t want = crc32c_plain(77, data + from, n);
            CHECK(crc32c(77, data + from, n) == want);
        }
    }
    for (size_t n = 3 * 8192 - 9; n < 3 * 8192 + 9; n++) {
        CHECK_INT(crc32c(0, data, n), crc32c_plain(0, data, n));
        CHECK_INT(crc32c(crc32c(0, data, 5), data + 5, n - 5),
                  crc32c(0, data, n));
    }
    free(data);
}

/* tensorflow/core/lib/hash/crc32c_test.cc, Mask: it is not itself undone by
   being done again. */
static void test_crc32c_mask_changes_it(void)
{
    uint32_t crc = crc32c(0, "foo", 3);

    CHECK(crc32c_mask(crc) != crc);
    CHECK(crc32c_mask(crc32c_mask(crc)) != crc);
    CHECK_INT(crc32c_mask(0), 0xA282EAD8);
}

int main(void)
{
    TEST(test_crc32c_of_known_bytes);
    TEST(test_crc32c_is_the_plain_one_at_every_size);
    TEST(test_crc32c_mask_changes_it);
    TEST_END;
}
