/*
 * test_places.c - offsets in any unit to bytes and characters: every offset of
 * texts of all widths, against counting from the front
 */
#include "test.h"

#include <bert.h>

#include "common/places.h"

enum { LONGEST = 1024 };

/* Characters of 1 to 4 bytes in turn, and what each unit counts of them. */
static size_t fill(char *text, size_t characters, size_t kind)
{
    static const char *const all[] = {"a", "é", "今", "😀"};
    size_t                   size = 0;

    for (size_t i = 0; i < characters; i++) {
        const char *c = all[kind < 4 ? kind : (i * 7 + i / 3) % 4];

        memcpy(text + size, c, strlen(c));
        size += strlen(c);
    }
    return size;
}

static size_t width(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static void check_text(text_places *places, bert_text text, bert_unit unit)
{
    size_t offset = 0, chars = 0, byte, character;

    CHECK(text_places_set(places, text, unit));
    for (size_t i = 0; i < text.size;) {
        size_t n = width((unsigned char)text.data[i]);
        size_t units = unit == BERT_UNIT_BYTES   ? n
                       : unit == BERT_UNIT_UTF16 ? (n == 4 ? 2 : 1)
                                                 : 1;

        CHECK(text_places_find(places, offset, &byte, &character));
        CHECK_INT(byte, i);
        CHECK_INT(character, chars);
        for (size_t k = 1; k < units; k++) {
            CHECK(!text_places_find(places, offset + k, &byte, &character));
        }
        offset += units;
        chars++;
        i += n;
    }
    CHECK(text_places_find(places, offset, &byte, &character));
    CHECK_INT(byte, text.size);
    CHECK_INT(character, chars);
    CHECK_INT(text_places_chars(places), chars);
    CHECK(!text_places_find(places, offset + 1, &byte, &character));
}

static void test_every_offset_finds_its_character(void)
{
    static const size_t lengths[] = {0, 1, 15, 16, 17, 63, 64, 65, 128, 200};
    text_places         places = {0};
    char                text[LONGEST];

    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        for (size_t kind = 0; kind < 5; kind++) {
            size_t size = fill(text, lengths[l], kind);

            for (int unit = 0; unit < 3; unit++) {
                check_text(&places, (bert_text){text, size}, (bert_unit)unit);
            }
        }
    }
    text_places_free(&places);
}

int main(void)
{
    TEST(test_every_offset_finds_its_character);
    TEST_END;
}
