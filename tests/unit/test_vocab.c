/*
 * test_vocab.c - the table of tokens: what is in it, and files made against it
 */
#include "test.h"

#include "base/buffer.h"
#include "tokenizer/vocab.h"

static bert_error err;

static void test_vocab_finds_every_line(void)
{
    static const char text[] = "the\n##s\nthe\n\nlast  ";
    vocab             v = {0};

    CHECK_INT(vocab_read_lines(&v, text, sizeof text - 1, "vocab.txt", &err),
              BERT_OK);
    CHECK_INT(v.count, 5);
    CHECK_INT(vocab_find(&v, "the", 3), 2);
    CHECK_INT(vocab_find(&v, "##s", 3), 1);
    CHECK_INT(vocab_find(&v, "", 0), 3);
    CHECK_INT(vocab_find(&v, "last", 4), 4);
    CHECK_INT(vocab_find(&v, "th", 2), -1);
    CHECK(vocab_token(&v, 0, NULL) == NULL);
    vocab_free(&v);
    CHECK_INT(vocab_read_lines(&v, "a\n\xFF\n", 4, "vocab.txt", &err),
              BERT_BAD_FILE);
    CHECK_TEXT(err.message, "vocab.txt: not UTF-8 at byte 3");
    vocab_free(&v);
}

/* `count` lines whose tokens want one of the first `slots` places of a table
   of 4,096. */
static bert_status read_lines(size_t count, size_t slots)
{
    vocab       table = {.mask = 4095}, v = {0};
    bert_buffer lines = {0};

    for (size_t found = 0, number = 0; found < count; number++) {
        char     token[32];
        size_t   size = (size_t)snprintf(token, sizeof token, "%zu\n", number);
        uint64_t hash = VOCAB_HASH;
        for (size_t i = 0; i + 1 < size; i++) {
            hash = vocab_hash(hash, (unsigned char)token[i]);
        }
        if (vocab_begin(&table, hash) < slots) {
            found++;
            CHECK(buffer_put(&lines, token, size));
        }
    }
    bert_status s =
        vocab_read_lines(&v, lines.data, lines.size, "vocab.txt", &err);
    CHECK(s != BERT_OK || v.mask == table.mask);
    vocab_free(&v);
    bert_buffer_free(&lines);
    return s;
}

static void test_vocab_that_was_made_to_collide_is_refused(void)
{
    CHECK_INT(read_lines(2000, 4096), BERT_OK);
    CHECK_INT(read_lines(2000, 3000), BERT_OK);
    CHECK_INT(read_lines(2000, 16), BERT_BAD_FILE);
    CHECK(strstr(err.message, "vocab.txt: ") == err.message);
    CHECK(strstr(err.message, "collide") != NULL);
}

int main(void)
{
    TEST(test_vocab_finds_every_line);
    TEST(test_vocab_that_was_made_to_collide_is_refused);
    TEST_END;
}
