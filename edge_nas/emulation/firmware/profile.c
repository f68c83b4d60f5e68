/* A QEMU plugin (interface version 1, Debian's 7.2) that counts instructions, in two ways.
 *
 * By address: how often each is executed. By call: how many are executed in what edge_model_run calls, for each place
 * that it calls from. Arguments, addresses and lengths as numbers: base=, bytes= of the code; run=, run_bytes= of
 * edge_model_run; skip= the end of the program around the network, which starts at base; out=FILE. The file gets, for
 * every two bytes of code, a 64-bit count of its executions; then, for every two bytes of edge_model_run, a 64-bit
 * count of the instructions called from there, and the address called first.
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
void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *), void *data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { ADD_TO_64_BITS = 0, READS_NO_REGISTERS = 0 };

/* A block of instructions: how many, where it starts and, if it is of edge_model_run, which place it ends at. */
struct block {
    uint64_t instructions, start, place;
};

static uint64_t base, bytes, run, run_bytes, skip;
static char *out;
static uint64_t *counts;          /* by address */
static uint64_t *called, *target; /* by place in edge_model_run */
static uint64_t current;          /* the place that edge_model_run was last at, or: */
static const uint64_t nowhere = UINT64_MAX;

static void in_run(unsigned int processor, void *data)
{
    (void)processor;
    current = ((const struct block *)data)->place;
}

static void in_program(unsigned int processor, void *data)
{
    (void)processor;
    (void)data;
    current = nowhere;
}

static void elsewhere(unsigned int processor, void *data)
{
    (void)processor;
    const struct block *block = data;
    if (current == nowhere) {
        return; /* called by the program around the network */
    }
    if (target[current] == 0) {
        target[current] = block->start;
    }
    called[current] += block->instructions;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *translation)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(translation);
    uint64_t address = 0;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(translation, i);
        address = qemu_plugin_insn_vaddr(instruction);
        if (address >= base && address < base + bytes) {
            qemu_plugin_register_vcpu_insn_exec_inline(
                instruction, ADD_TO_64_BITS, &counts[(address - base) / 2], 1);
        }
    }
    struct block *block = malloc(sizeof *block);
    if (block == NULL) {
        abort();
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
        !written(file, target, run_bytes / 2) || fclose(file) != 0) {
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
    if (counts == NULL || called == NULL || target == NULL || out == NULL) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
