/*
 * test_pickle.c - what pickles say, and all that they may not
 *
 * The pickles are what CPython's pickle.dumps() gives (checked with
 * pickletools), or are made by hand where no Python would write them.
 */
#include "test.h"

#include "io/pickle.h"

static const pickle_global globals[] = {
    {"collections", "OrderedDict", PICKLE_MAKES_DICT},
    {"torch._utils", "_rebuild_parameter", PICKLE_CALLED},
    {"torch", "FloatStorage", PICKLE_NAMED},
};
enum { GLOBALS = sizeof globals / sizeof *globals };

static bert_error err;

static bert_status read_bytes(pickle **p, const void *bytes, size_t size,
                              size_t *used)
{
    /* On the heap and no byte longer, so that a sanitizer sees what is read
       beyond the end. */
    unsigned char *copy = malloc(size + (size == 0));
    static void   *last;

    free(last);
    last = copy;
    memcpy(copy, bytes, size);
    *p = NULL;
    err.message[0] = '\0';
    return pickle_read(p, copy, size, globals, GLOBALS, "file", "part", used,
                       &err);
}

/* A pickle of a string literal. */
#define READ(p, text) read_bytes((p), (text), sizeof(text) - 1, &used)

static size_t used;

static bool is_text(const pickle_value *v, const char *text)
{
    return v->kind == PICKLE_TEXT && v->count == strlen(text) &&
           memcmp(v->as.text, text, v->count) == 0;
}

static void test_pickle_reads_plain_values(void)
{
    pickle             *p;
    const pickle_value *v, *root;

    /* (None, True, False, 7, 300, -2, 1 << 40, -1 << 40, 1.5, 'h\u00e9') */
    CHECK_INT(READ(&p, "\x80\x02(N\x88\x89K\x07M\x2C\x01J\xFE\xFF\xFF\xFF"
                       "\x8A\x06\0\0\0\0\0\x01\x8A\x06\0\0\0\0\0\xFF"
                       "G\x3F\xF8\0\0\0\0\0\0X\x03\0\0\0h\xC3\xA9tq\0.rest"),
              BERT_OK);
    CHECK_INT(used, 53);
    root = pickle_root(p);
    CHECK(root->kind == PICKLE_TUPLE && root->count == 10);
    CHECK(pickle_item(p, root, 0)->kind == PICKLE_NONE);
    v = pickle_item(p, root, 1);
    CHECK(v->kind == PICKLE_BOOL && v->as.integer == 1);
    v = pickle_item(p, root, 2);
    CHECK(v->kind == PICKLE_BOOL && v->as.integer == 0);
    CHECK_INT(pickle_item(p, root, 3)->as.integer, 7);
    CHECK_INT(pickle_item(p, root, 4)->as.integer, 300);
    CHECK_INT(pickle_item(p, root, 5)->as.integer, -2);
    CHECK_INT(pickle_item(p, root, 6)->as.integer, INT64_C(1) << 40);
    CHECK_INT(pickle_item(p, root, 7)->as.integer, -(INT64_C(1) << 40));
    v = pickle_item(p, root, 8);
    CHECK(v->kind == PICKLE_FLOAT && v->as.number == 1.5);
    CHECK(is_text(pickle_item(p, root, 9), "h\xC3\xA9"));
    pickle_free(p);
    /* torch's magic number, ten bytes long */
    CHECK_INT(READ(&p, "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50"
                       "\x19."),
              BERT_OK);
    CHECK(pickle_root(p)->kind == PICKLE_LONG && pickle_root(p)->count == 10);
    pickle_free(p);
    CHECK_INT(READ(&p, "\x80\x02\x8A\x00."), BERT_OK); /* LONG1 of nothing: 0 */
    CHECK(pickle_root(p)->kind == PICKLE_INT &&
          pickle_root(p)->as.integer == 0);
    pickle_free(p);
}

static void test_pickle_reads_containers(void)
{
    pickle             *p;
    const pickle_value *root, *v;

    /* [[1], (), (2,), (3, 4), (5, 6, 7), {'a': 8, 'b': 9}], and the first list
       again by its memo */
    CHECK_INT(READ(&p, "\x80\x02]q\0(]q\x01K\x01"
                       "a)K\x02\x85K\x03K\x04\x86K\x05K\x06K\x07\x87}q\x02("
                       "U\x01"
                       "aK\x08U\x01"
                       "bK\x09uh\x01"
                       "e."),
              BERT_OK);
    root = pickle_root(p);
    CHECK(root->kind == PICKLE_LIST && root->count == 7);
    v = pickle_item(p, root, 0);
    CHECK(v->kind == PICKLE_LIST && v->count == 1);
    CHECK(pickle_item(p, root, 6) == v);
    for (size_t i = 1; i < 5; i++) {
        v = pickle_item(p, root, i);
        CHECK(v->kind == PICKLE_TUPLE);
        CHECK_INT(v->count, i - 1);
    }
    CHECK_INT(pickle_item(p, v, 2)->as.integer, 7);
    v = pickle_item(p, root, 5);
    CHECK(v->kind == PICKLE_DICT && v->count == 4);
    CHECK(is_text(pickle_item(p, v, 2), "b"));
    CHECK_INT(pickle_item(p, v, 3)->as.integer, 9);
    pickle_free(p);
    /* A list that holds itself. */
    CHECK_INT(READ(&p, "\x80\x02]q\0h\0a."), BERT_OK);
    CHECK(pickle_item(p, pickle_root(p), 0) == pickle_root(p));
    pickle_free(p);
}

static void test_pickle_reads_protocol_4(void)
{
    pickle             *p;
    const pickle_value *root;

    /* OrderedDict(a=torch.FloatStorage), as protocol 4 spells it */
    CHECK_INT(READ(&p, "\x80\x04\x95\x3A\0\0\0\0\0\0\0\x8C\x0B"
                       "collections\x94\x8C\x0BOrderedDict\x94\x93\x94)R\x94"
                       "\x8C\x01"
                       "a\x8C\x05torch\x8C\x0C"
                       "FloatStorage\x93s."),
              BERT_OK);
    root = pickle_root(p);
    CHECK(root->kind == PICKLE_DICT && root->count == 2);
    CHECK(pickle_item(p, root, 1)->kind == PICKLE_GLOBAL);
    CHECK_INT(pickle_item(p, root, 1)->as.integer, 2);
    pickle_free(p);
}

static void test_pickle_keeps_calls_as_values(void)
{
    pickle             *p;
    const pickle_value *root, *v;

    CHECK_INT(READ(&p, "\x80\x02"
                       "ctorch._utils\n_rebuild_parameter\nK\x05QK\x06\x86R."),
              BERT_OK);
    root = pickle_root(p);
    CHECK(root->kind == PICKLE_CALL && root->count == 2);
    CHECK_INT(pickle_item(p, root, 0)->as.integer, 1);
    v = pickle_item(p, pickle_item(p, root, 1), 0);
    CHECK(v->kind == PICKLE_PERSISTENT);
    CHECK_INT(pickle_item(p, v, 0)->as.integer, 5);
    pickle_free(p);
    /* Python 2: OrderedDict([['a', 1]]), then its state. */
    CHECK_INT(READ(&p, "\x80\x02"
                       "ccollections\nOrderedDict\n]]U\x01"
                       "aaK\x01"
                       "aa\x85R}b."),
              BERT_OK);
    root = pickle_root(p);
    CHECK(root->kind == PICKLE_DICT && root->count == 2);
    CHECK(is_text(pickle_item(p, root, 0), "a"));
    pickle_free(p);
}

static void refuse(const char *bytes, size_t size, const char *message)
{
    pickle *p;

    CHECK_INT(read_bytes(&p, bytes, size, &used), BERT_BAD_FILE);
    CHECK(p == NULL);
    CHECK_TEXT(err.message, message);
    pickle_free(p);
}

#define REFUSE(bytes, message) refuse((bytes), sizeof(bytes) - 1, (message))

static void test_pickle_runs_nothing(void)
{
    REFUSE("\x80\x02"
           "cos\nsystem\nU\x02id\x85R.",
           "file: part: byte 2: it names os.system, which is not allowed in "
           "weights");
    REFUSE("\x80\x04\x8C\x08"
           "builtins\x8C\x04"
           "eval\x93U\x01"
           "1\x85R.",
           "file: part: byte 18: it names builtins.eval, which is not allowed "
           "in weights");
    REFUSE("\x80\x02"
           "c\n\n.",
           "file: part: byte 2: it names ., which is not allowed in weights");
    REFUSE("\x80\x02"
           "ctorch\nFloatStorage\n)R.",
           "file: part: byte 23: a call of torch.FloatStorage, which is not "
           "allowed in weights");
    REFUSE("\x80\x02U\x02id)R.",
           "file: part: byte 7: a call of what is no function");
    REFUSE("\x80\x02"
           "ctorch._utils\n_rebuild_parameter\n]R.",
           "file: part: byte 36: a call of what is no function");
    REFUSE("\x80\x02(ios\nsystem\n.",
           "file: part: byte 3: opcode INST is not allowed in weights");
    REFUSE("\x80\x02(o.",
           "file: part: byte 3: opcode OBJ is not allowed in weights");
    REFUSE("\x80\x02)\x81.",
           "file: part: byte 3: opcode NEWOBJ is not allowed in weights");
    REFUSE("\x80\x04)}\x92.",
           "file: part: byte 4: opcode NEWOBJ_EX is not allowed in weights");
    REFUSE("\x80\x02\x82\x01.",
           "file: part: byte 2: opcode EXT1 is not allowed in weights");
    REFUSE("\x80\x02Pid\n.",
           "file: part: byte 2: opcode PERSID is not allowed in weights");
    REFUSE("\x80\x02K\x01}b.",
           "file: part: byte 5: a state for what is no dict");
    REFUSE("\x80\x02I01\n.", "file: part: byte 2: opcode 0x49 is not known");
}

static void test_pickle_refuses_what_makes_no_sense(void)
{
    REFUSE("", "file: part: byte 0: it breaks off");
    REFUSE("\x80", "file: part: byte 0: it breaks off");
    REFUSE("\x80\x02N", "file: part: byte 3: it breaks off");
    REFUSE("\x80\x06N.", "file: part: byte 0: protocol 6 is not 2 to 5");
    REFUSE("\x80\x02.",
           "file: part: byte 2: 0 values and 0 marks are left at the end");
    REFUSE("\x80\x02NN.",
           "file: part: byte 4: 2 values and 0 marks are left at the end");
    REFUSE("\x80\x02N(.",
           "file: part: byte 4: 1 values and 1 marks are left at the end");
    REFUSE("\x80\x02t", "file: part: byte 2: no mark on the stack");
    REFUSE("\x80\x02N(\x85", "file: part: byte 4: too few values on the stack");
    REFUSE("\x80\x02NR", "file: part: byte 3: too few values on the stack");
    REFUSE("\x80\x02q\0", "file: part: byte 2: too few values on the stack");
    REFUSE("\x80\x02N(a", "file: part: byte 4: too few values on the stack");
    REFUSE("\x80\x02h\x05", "file: part: byte 2: memo 5 is not set");
    REFUSE("\x80\x02Nq\x05h\x04", "file: part: byte 5: memo 4 is not set");
    REFUSE("\x80\x02Nr\xFF\xFF\xFF\xFF",
           "file: part: byte 3: memo 4294967295 is beyond 1048576");
    REFUSE("\x80\x02}NNa", "file: part: byte 5: items for what is no list");
    REFUSE("\x80\x02]NNs", "file: part: byte 5: items for what is no dict");
    REFUSE("\x80\x02}(Nu", "file: part: byte 5: items for what is no dict");
    REFUSE("\x80\x02X\xFF\xFF\xFF\xFF"
           "a",
           "file: part: byte 2: it breaks off");
    REFUSE("\x80\x04\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
           "a",
           "file: part: byte 2: it breaks off");
    REFUSE("\x80\x02\x8A\x09"
           "12345678",
           "file: part: byte 2: it breaks off");
    REFUSE("\x80\x02G1234567", "file: part: byte 2: it breaks off");
    REFUSE("\x80\x02"
           "ccollections\nOrdered",
           "file: part: byte 2: it breaks off");
    REFUSE("\x80\x04\x95\x02\0\0\0\0\0\0\0N",
           "file: part: byte 2: a frame beyond the end");
    REFUSE("\x80\x02U\x02\xC3(.",
           "file: part: byte 2: a string that is no UTF-8");
    REFUSE("\x80\x02NK\x01\x93",
           "file: part: byte 5: a global whose name is no string");
    REFUSE("\x80\x02"
           "ccollections\nOrderedDict\nK\x01\x85R.",
           "file: part: byte 30: an OrderedDict of something else than pairs");
    REFUSE("\x80\x02"
           "ccollections\nOrderedDict\n])a\x85R.",
           "file: part: byte 31: an OrderedDict of something else than pairs");
}

/* `count` times the same bytes between a head and a tail. */
static bert_status read_repeated(const char *head, size_t head_size,
                                 const char *unit, size_t unit_size,
                                 size_t count, const char *tail)
{
    size_t  size = head_size + count * unit_size + strlen(tail);
    char   *bytes = malloc(size);
    pickle *p;

    memcpy(bytes, head, head_size);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + head_size + i * unit_size, unit, unit_size);
    }
    memcpy(bytes + head_size + count * unit_size, tail, strlen(tail));
    bert_status s = read_bytes(&p, bytes, size, &used);
    free(bytes);
    pickle_free(p);
    return s;
}

static void refuse_many(bert_status s, const char *part)
{
    CHECK_INT(s, BERT_BAD_FILE);
    if (strstr(err.message, part) == NULL) {
        CHECK_TEXT(err.message, part);
    }
}

static void test_pickle_limits_what_it_makes(void)
{
    /* Depth: tuples in tuples need no mark, and none is walked. */
    CHECK_INT(read_repeated("\x80\x02N", 3, "\x85", 1, 100000, "."), BERT_OK);
    CHECK_INT(read_repeated("\x80\x02", 2, "(", 1, 1000, ""), BERT_BAD_FILE);
    CHECK(strstr(err.message, "it breaks off") != NULL);
    refuse_many(read_repeated("\x80\x02", 2, "(", 1, 1001, ""),
                "byte 1002: nested deeper than 1000");
    refuse_many(read_repeated("\x80\x02", 2, "]", 1, 2000000, ""),
                "more than 1048576 values");
    refuse_many(read_repeated("\x80\x02Nq\0", 5, "h\0", 2, 2000000, ""),
                "more than 1048576 values on the stack");
    /* Billion laughs: lists of ten times the list before, by its memo, stay
       small, for an item is a number. */
    static const char laugh[] = "](h\0h\0h\0h\0h\0h\0h\0h\0h\0h\0eq\0";
    CHECK_INT(
        read_repeated("\x80\x02(]q\0", 6, laugh, sizeof laugh - 1, 1000, "t."),
        BERT_OK);
    /* But OrderedDict(pairs) copies: one long list, over and over. */
    char   head[32 + 4 * 40000 + 8];
    size_t n;
    memcpy(head, "\x80\x02(]q\1(NN\x86q\2", 12);
    n = 12;
    for (int i = 0; i < 40000; i++) {
        memcpy(head + n, "h\2", 2);
        n += 2;
    }
    memcpy(head + n, "e\x85q\3", 4);
    n += 4;
    refuse_many(read_repeated(head, n, "ccollections\nOrderedDict\nh\3R", 28,
                              1000, "t."),
                "more than 4194304 items");
}

/* Cut anywhere, a pickle is an error that names a byte. */
static void test_pickle_cut_short_is_refused(void)
{
    static const char whole[] =
        "\x80\x02"
        "ccollections\nOrderedDict\nq\0)Rq\x01(X\x01\0\0\0aq\x02"
        "ctorch._utils\n_rebuild_parameter\nq\x03((X\x07\0\0\0storageq\x04"
        "ctorch\nFloatStorage\nq\x05U\x01"
        "0K\x0CtQK\0\x88h\0)RtRu}X\x09\0\0\0_metadatah\0)Rsb.";
    pickle *p;

    CHECK_INT(READ(&p, whole), BERT_OK);
    CHECK_TEXT(err.message, "");
    CHECK(p != NULL && pickle_root(p)->kind == PICKLE_DICT);
    pickle_free(p);
    for (size_t size = 0; size + 1 < sizeof whole; size++) {
        CHECK_INT(read_bytes(&p, whole, size, &used), BERT_BAD_FILE);
        CHECK(strncmp(err.message, "file: part: byte ", 17) == 0);
    }
}

int main(void)
{
    TEST(test_pickle_reads_plain_values);
    TEST(test_pickle_reads_containers);
    TEST(test_pickle_reads_protocol_4);
    TEST(test_pickle_keeps_calls_as_values);
    TEST(test_pickle_runs_nothing);
    TEST(test_pickle_refuses_what_makes_no_sense);
    TEST(test_pickle_limits_what_it_makes);
    TEST(test_pickle_cut_short_is_refused);
    TEST_END;
}
