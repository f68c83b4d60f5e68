/* A QEMU plugin (interface version 1, Debian's 7.2) that counts instructions, in two ways.
 *
 * By address: how often each is executed. By call: how many are executed in what edge_model_run calls, for each place
 * that it calls from. Arguments, addresses and lengths as numbers: base=, bytes= of the code; run=, run_bytes= of
 * edge_model_run; skip= the end of the program around the network, which starts at base; out=FILE. The file gets, for
 * every two bytes of code, a 64-bit count of its executions; then, for every two bytes of edge_model_run, a 64-bit
 * count of the instructions called from there, and the address called first.
 *
 * With times=FILE it also sums cycles, by call: the file has, for every two bytes of code, what the instruction there
 * takes, 32 bits, and then, for every two bytes again, what it takes more when execution goes on elsewhere than behind
 * it. Of instructions of edge_model_run itself only the latter is summed: their counts say the rest. With them come the
 * bytes that are loaded from flash=, flash_bytes=. Both stand behind the other counts, 64 bits for every two bytes of
 * edge_model_run.
 *
 * Debian ships no header for plugins, so what is used of the interface is declared here.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
typedef uint64_t qemu_plugin_id_t;

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_inline(
    struct qemu_plugin_insn *instruction, int operation, void *target, uint64_t value);
void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *block, void (*callback)(unsigned int, void *), int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
    void (*callback)(unsigned int, uint32_t, uint64_t, void *), int flags, int kind, void *data);
unsigned int qemu_plugin_mem_size_shift(uint32_t access);
_Bool qemu_plugin_mem_is_store(uint32_t access);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *), void *data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { ADD_TO_64_BITS = 0, READS_NO_REGISTERS = 0, LOADS_AND_STORES = 3 };

/* A block of instructions: how many, where it starts and, if it is of edge_model_run, which place it ends at; what it
 * takes in cycles, what more if the next block does not stand behind it, and where that would be. */
struct block {
    uint64_t instructions, start, place, cycles, jump, end;
};

static uint64_t base, bytes, run, run_bytes, skip, flash, flash_bytes;
static char *out, *times;
static uint64_t *counts;          /* by address */
static uint64_t *called, *target; /* by place in edge_model_run */
static uint64_t current;          /* the place that edge_model_run was last at, or: */
static const uint64_t nowhere = UINT64_MAX;
static uint32_t *taken;            /* cycles by place of the code, then those of jumps */
static uint64_t *cycles, *loaded;  /* by place in edge_model_run */
static const struct block *before; /* the block that was executed last */

/* A jump belongs to the call that its block belongs to, so that it is looked for before `current` moves on. */
static void jumped(const struct block *next)
{
    if (before != NULL && current != nowhere && before->end != next->start) {
        cycles[current] += before->jump;
    }
    before = next;
}

static void loads(unsigned int processor, uint32_t access, uint64_t address, void *data)
{
    (void)processor;
    (void)data;
    if (current != nowhere && !qemu_plugin_mem_is_store(access) && address >= flash && address < flash + flash_bytes) {
        loaded[current] += UINT64_C(1) << qemu_plugin_mem_size_shift(access);
    }
}

static void in_run(unsigned int processor, void *data)
{
    (void)processor;
    const struct block *block = data;
    jumped(block);
    current = block->place;
}

static void in_program(unsigned int processor, void *data)
{
    (void)processor;
    jumped(data);
    current = nowhere;
}

static void elsewhere(unsigned int processor, void *data)
{
    (void)processor;
    const struct block *block = data;
    jumped(block);
    if (current == nowhere) {
        return; /* called by the program around the network */
    }
    if (target[current] == 0) {
        target[current] = block->start;
    }
    called[current] += block->instructions;
    cycles[current] += block->cycles;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *translation)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(translation);
    uint64_t address = 0;
    struct block *block = calloc(1, sizeof *block);
    if (block == NULL) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(translation, i);
        address = qemu_plugin_insn_vaddr(instruction);
        block->end = address + qemu_plugin_insn_size(instruction);
        if (times != NULL) {
            /* Asked for loads alone, version 7.2 tells of stores instead. */
            qemu_plugin_register_vcpu_mem_cb(instruction, loads, READS_NO_REGISTERS, LOADS_AND_STORES, NULL);
        }
        if (times != NULL && address >= base && address < base + bytes) {
            block->cycles += taken[(address - base) / 2];
            block->jump = taken[bytes / 2 + (address - base) / 2];
        }
        if (address >= base && address < base + bytes) {
            qemu_plugin_register_vcpu_insn_exec_inline(
                instruction, ADD_TO_64_BITS, &counts[(address - base) / 2], 1);
        }
    }
    block->instructions = count;
    block->start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(translation, 0));
    block->place = (address - run) / 2;
    if (block->start >= run && block->start < run + run_bytes) {
        qemu_plugin_register_vcpu_tb_exec_cb(translation, in_run, READS_NO_REGISTERS, block);
    } else if (block->start < skip) {
        qemu_plugin_register_vcpu_tb_exec_cb(translation, in_program, READS_NO_REGISTERS, block);
    } else {
        qemu_plugin_register_vcpu_tb_exec_cb(translation, elsewhere, READS_NO_REGISTERS, block);
    }
}

static int written(FILE *file, const uint64_t *values, uint64_t count)
{
    return fwrite(values, sizeof *values, count, file) == count;
}

static void ended(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    FILE *file = fopen(out, "wb");
    if (file == NULL || !written(file, counts, bytes / 2) || !written(file, called, run_bytes / 2) ||
        !written(file, target, run_bytes / 2) ||
        (times != NULL && (!written(file, cycles, run_bytes / 2) || !written(file, loaded, run_bytes / 2))) ||
        fclose(file) != 0) {
        fprintf(stderr, "the counts cannot be written\n");
    }
}

static void argument(const char *text)
{
    static const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {
        {"base=", &base}, {"bytes=", &bytes}, {"run=", &run}, {"run_bytes=", &run_bytes}, {"skip=", &skip},
        {"flash=", &flash}, {"flash_bytes=", &flash_bytes},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        size_t length = strlen(numbers[i].name);
        if (strncmp(text, numbers[i].name, length) == 0) {
            *numbers[i].value = strtoull(text + length, NULL, 0);
        }
    }
    if (strncmp(text, "out=", 4) == 0) {
        out = strdup(text + 4);
    }
    if (strncmp(text, "times=", 6) == 0) {
        times = strdup(text + 6);
    }
}

/* Returns whether what instructions take was asked for and cannot be read. */
static int unread(void)
{
    taken = calloc(bytes, sizeof *taken);
    if (times == NULL || taken == NULL) {
        return taken == NULL;
    }
    FILE *file = fopen(times, "rb");
    if (file == NULL) {
        return 1;
    }
    size_t places = fread(taken, sizeof *taken, bytes, file);
    fclose(file);
    return places != bytes / 2 * 2;
}

__attribute__((visibility("default"))) int qemu_plugin_install(
    qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        argument(argv[i]);
    }
    current = nowhere;
    counts = calloc(bytes / 2, sizeof *counts);
    called = calloc(run_bytes / 2, sizeof *called);
    target = calloc(run_bytes / 2, sizeof *target);
    cycles = calloc(run_bytes / 2, sizeof *cycles);
    loaded = calloc(run_bytes / 2, sizeof *loaded);
    if (counts == NULL || called == NULL || target == NULL || cycles == NULL || loaded == NULL || out == NULL ||
        unread()) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
