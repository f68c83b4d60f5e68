/* Start of an RV32 hart under emulation: memory, semihosting, and minstret as the instruction counter. */
#include "harness.h"

enum { SYS_EXIT_EXTENDED = 0x20, STOPPED_BY_APPLICATION = 0x20026, FAULT_EXIT = 64 };

extern uint32_t edge_stack_bottom;
extern uint32_t edge_data_load, edge_data_start, edge_data_end, edge_bss_start, edge_bss_end;

static uint32_t begun[2];

/* The three instructions must be uncompressed and on one page for the emulator to know them. */
__attribute__((naked, noinline, aligned(16))) int32_t edge_semihost(uint32_t operation, const void *argument)
{
    (void)operation;
    (void)argument;
    __asm__ volatile(
        ".option push\n\t.option norvc\n\t"
        "slli zero, zero, 0x1f\n\t"
        "ebreak\n\t"
        "srai zero, zero, 7\n\t"
        ".option pop\n\t"
        "ret");
}

_Noreturn void edge_exit(uint32_t code)
{
    uint32_t block[2] = {STOPPED_BY_APPLICATION, code};
    edge_semihost(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

uint32_t *edge_stack_limit(void)
{
    return &edge_stack_bottom;
}

uint32_t *edge_stack_now(void)
{
    uint32_t *now;
    __asm__ volatile("mv %0, sp" : "=r"(now));
    return now;
}

static void read_counter(uint32_t words[2])
{
    uint32_t high, low, again;
    do {
        __asm__ volatile("csrr %0, minstreth" : "=r"(high));
        __asm__ volatile("csrr %0, minstret" : "=r"(low));
        __asm__ volatile("csrr %0, minstreth" : "=r"(again));
    } while (high != again);
    words[0] = low;
    words[1] = high;
}

void edge_count_start(void)
{
    read_counter(begun);
}

void edge_count_stop(uint32_t counts[3])
{
    uint32_t now[2];
    read_counter(now);
    uint64_t taken = (((uint64_t)now[1] << 32) | now[0]) - (((uint64_t)begun[1] << 32) | begun[0]);
    counts[0] = (uint32_t)taken;
    counts[1] = (uint32_t)(taken >> 32);
    counts[2] = 0;
}

__attribute__((aligned(4), used)) static void fault(void)
{
    uint32_t cause;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    edge_exit(FAULT_EXIT + (cause & 0x3Fu));
}

__attribute__((used)) static void begin(void)
{
    const uint32_t *from = &edge_data_load;
    for (uint32_t *to = &edge_data_start; to < &edge_data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &edge_bss_start; to < &edge_bss_end; to++) {
        *to = 0;
    }
    edge_exit((uint32_t)main());
}

__attribute__((naked, used, section(".edge_start"))) void edge_reset(void)
{
    __asm__ volatile(
        ".option push\n\t.option norelax\n\t"
        "la gp, __global_pointer$\n\t"
        ".option pop\n\t"
        "la sp, edge_stack_top\n\t"
        "la t0, fault\n\t"
        "csrw mtvec, t0\n\t"
        "j begin");
}
