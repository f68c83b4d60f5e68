/* Runs a generated network on every frame of input.bin, in an emulator.
 *
 * output.bin gets the outputs. report.bin gets 32-bit words: magic, input, output and arena bytes, stack bytes of one
 * inference, three counts of an empty function, then three counts per frame. Nothing of the C library is used, so that
 * whatever of it ends up in the image is there because the network needs it.
 */
#include "edge_model.h"
#include "harness.h"

#ifndef EDGE_MODEL_CONVERTS
#define EDGE_MODEL_CONVERTS 0
#endif
#ifndef EDGE_MODEL_ARGUMENTS
#define EDGE_MODEL_EACH_INPUT(DO) DO(INPUT, input)
#define EDGE_MODEL_EACH_OUTPUT(DO) DO(OUTPUT, output)
#define EDGE_MODEL_ARGUMENTS input, output
#endif

#if EDGE_MODEL_CONVERTS && !defined(EDGE_ONCE)
/* The network converts what it takes and gives: its user has both, and the conversions are counted. Who counts steps
 * gives codes. */
#define DEFINE(NAME, name) \
    static EDGE_MODEL_##NAME##_TYPE name[EDGE_MODEL_##NAME##_BYTES / sizeof(EDGE_MODEL_##NAME##_TYPE)];
EDGE_MODEL_EACH_INPUT(DEFINE)
EDGE_MODEL_EACH_OUTPUT(DEFINE)
#define PLACE(name) name
#define LENGTH(NAME, name) EDGE_MODEL_##NAME##_BYTES
static void infer(void)
{
    edge_model_invoke(EDGE_MODEL_ARGUMENTS);
}
#else
#define PLACE(name) edge_model_##name()
#if EDGE_MODEL_CONVERTS
#define LENGTH(NAME, name) (EDGE_MODEL_##NAME##_CODES * sizeof *edge_model_##name())
#else
#define LENGTH(NAME, name) EDGE_MODEL_##NAME##_BYTES
#endif
#define infer edge_model_run
#endif

#define REPORT_MAGIC 0x45444745u
#define PAINT 0xC5C5A7A7u

enum { SYS_OPEN = 1, SYS_CLOSE = 2, SYS_WRITE = 5, SYS_READ = 6 };
enum { MODE_READ = 1, MODE_WRITE = 5 };

static int32_t open_file(const char *name, uint32_t length, uint32_t mode)
{
    uint32_t block[3] = {(uint32_t)(uintptr_t)name, mode, length};
    int32_t handle = edge_semihost(SYS_OPEN, block);
    if (handle < 0) {
        edge_exit(10);
    }
    return handle;
}

static void close_file(int32_t handle)
{
    uint32_t block[1] = {(uint32_t)handle};
    if (edge_semihost(SYS_CLOSE, block) != 0) {
        edge_exit(11);
    }
}

static void write_file(int32_t handle, const void *data, uint32_t length)
{
    uint32_t block[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)data, length};
    if (edge_semihost(SYS_WRITE, block) != 0) {
        edge_exit(12);
    }
}

/* Returns 0 at the end of the file, 1 for a whole tensor. */
static int read_tensor(int32_t handle, void *data, uint32_t length)
{
    uint32_t block[3] = {(uint32_t)handle, (uint32_t)(uintptr_t)data, length};
    uint32_t missing = (uint32_t)edge_semihost(SYS_READ, block);
    if (missing == length) {
        return 0;
    }
    if (missing != 0) {
        edge_exit(13);
    }
    return 1;
}

#define READ(NAME, name) whole += read_tensor(handle, PLACE(name), LENGTH(NAME, name));
#define COUNT(NAME, name) tensors++;
#define WRITE(NAME, name) write_file(answers, PLACE(name), LENGTH(NAME, name));

/* Returns 0 at the end of the file, 1 for a whole frame: all inputs, one after the other. */
static int read_frame(int32_t handle)
{
    int whole = 0, tensors = 0;
    EDGE_MODEL_EACH_INPUT(READ)
    EDGE_MODEL_EACH_INPUT(COUNT)
    if (whole != 0 && whole != tensors) {
        edge_exit(13);
    }
    return whole != 0;
}

static __attribute__((noinline)) void nothing(void)
{
    __asm__ volatile("");
}

/* The same call for the empty function and for the network, so that the one can be subtracted from the other. */
static __attribute__((noinline)) void count(void (*function)(void), uint32_t counts[3])
{
    edge_count_start();
    function();
    edge_count_stop(counts);
}

/* Returns the bytes of stack that the function uses, its return address included. */
__attribute__((unused, noinline)) static uint32_t stack_of(void (*function)(void))
{
    /* No interrupt is on, so nothing but the function uses what lies below the stack pointer. */
    uint32_t *limit = edge_stack_limit();
    uint32_t *now = edge_stack_now();
    for (uint32_t *word = limit; word < now; word++) {
        *(volatile uint32_t *)word = PAINT;
    }
    function();
    uint32_t *word = limit;
    while (word < now && *(volatile uint32_t *)word == PAINT) {
        word++;
    }
    if (word == limit) {
        edge_exit(14);
    }
    return (uint32_t)((uintptr_t)now - (uintptr_t)word);
}

int main(void)
{
    static const char input_name[] = "input.bin";
    static const char output_name[] = "output.bin";
    static const char report_name[] = "report.bin";
    int32_t frames = open_file(input_name, sizeof input_name - 1, MODE_READ);
    int32_t answers = open_file(output_name, sizeof output_name - 1, MODE_WRITE);
    int32_t report = open_file(report_name, sizeof report_name - 1, MODE_WRITE);
    uint32_t head[8];
    head[0] = REPORT_MAGIC; /* one by one: an initialiser would call memset */
    head[1] = EDGE_MODEL_INPUT_BYTES;
    head[2] = EDGE_MODEL_OUTPUT_BYTES;
    head[3] = EDGE_MODEL_ARENA_BYTES;
    if (!read_frame(frames)) {
        edge_exit(15);
    }
    /* A run of its own: in the counted ones the interrupt of the counter uses the same stack. */
#ifdef EDGE_ONCE
    head[4] = 0;
#else
    head[4] = stack_of(infer);
#endif
#ifdef EDGE_MODEL_KEEPS_STATE
    edge_model_reset();
#endif
    count(nothing, head + 5);
    write_file(report, head, sizeof head);
    close_file(frames);
    frames = open_file(input_name, sizeof input_name - 1, MODE_READ);
    while (read_frame(frames)) {
        uint32_t counts[3];
#ifdef EDGE_ONCE
        /* Something else counts; the counter's interrupt would be in its way. */
        infer();
        counts[0] = counts[1] = counts[2] = 0;
#else
        count(infer, counts);
#endif
        EDGE_MODEL_EACH_OUTPUT(WRITE)
        write_file(report, counts, sizeof counts);
    }
    close_file(report);
    close_file(answers);
    return 0;
}
