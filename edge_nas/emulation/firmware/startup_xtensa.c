/* Start of an Xtensa lx106 under emulation: memory, semihosting, and CCOUNT as the instruction counter. */
#include "harness.h"

enum { SYS_OPEN = 1, SYS_CLOSE = 2, SYS_WRITE = 5, SYS_READ = 6, MODE_WRITE = 5, FAULT_EXIT = 64 };
/* Calls of the simulator (simcall); QEMU hands the flags of open to Linux as they are: write, create, truncate. */
enum { SIM_EXIT = 1, SIM_READ = 3, SIM_WRITE = 4, SIM_OPEN = 5, SIM_CLOSE = 6 };
enum { O_READ = 0, O_WRITE_NEW = 0x241, PERMISSIONS = 0644 };

extern uint32_t edge_stack_bottom;
extern uint32_t edge_data_load, edge_data_start, edge_data_end, edge_bss_start, edge_bss_end;

static uint32_t begun;

static int32_t simulator(int32_t call, uint32_t first, uint32_t second, uint32_t third)
{
    register int32_t a2 __asm__("a2") = call;
    register uint32_t a3 __asm__("a3") = first;
    register uint32_t a4 __asm__("a4") = second;
    register uint32_t a5 __asm__("a5") = third;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return a2;
}

/* The requests of the Arm interface that the program around the network makes. */
int32_t edge_semihost(uint32_t operation, const void *argument)
{
    const uint32_t *block = argument;
    switch (operation) {
    case SYS_OPEN:
        return simulator(SIM_OPEN, block[0], block[1] == MODE_WRITE ? O_WRITE_NEW : O_READ, PERMISSIONS);
    case SYS_CLOSE:
        return simulator(SIM_CLOSE, block[0], 0, 0);
    case SYS_WRITE:
        return (int32_t)block[2] - simulator(SIM_WRITE, block[0], block[1], block[2]);
    case SYS_READ:
        return (int32_t)block[2] - simulator(SIM_READ, block[0], block[1], block[2]);
    default:
        return -1;
    }
}

_Noreturn void edge_exit(uint32_t code)
{
    simulator(SIM_EXIT, code, 0, 0);
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
    __asm__ volatile("mov %0, sp" : "=r"(now));
    return now;
}

static uint32_t counter(void)
{
    uint32_t now;
    __asm__ volatile("rsr %0, ccount" : "=r"(now));
    return now;
}

void edge_count_start(void)
{
    begun = counter();
}

/* The counter has 32 bits: enough for half an hour of instructions, of which a frame takes seconds. */
void edge_count_stop(uint32_t counts[3])
{
    counts[0] = counter() - begun;
    counts[1] = 0;
    counts[2] = 0;
}

__attribute__((used)) static void fault(void)
{
    uint32_t cause;
    __asm__ volatile("rsr %0, exccause" : "=r"(cause));
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

/* The machine begins at the first address of its code, and literals lie before their first use. Debug, NMI, kernel, user
 * and double exceptions lie 16 bytes and more behind each other, from 0x10 to 0x70. All of it is at a fixed place, so that
 * what is left free before the vectors does not depend on the network. */
__asm__(
    ".section .edge_start, \"ax\"\n"
    ".global edge_reset\n"
    ".type edge_reset, @function\n"
    "edge_reset:\n"
    "    j after_literals\n"
    ".align 4\n"
    ".literal_position\n"
    "after_literals:\n"
    "    movi a0, edge_vectors\n"
    "    wsr a0, vecbase\n"
    "    movi a0, 0\n"
    "    wsr a0, intenable\n"
    "    wsr a0, ps\n" /* else a trap is passed over */
    "    rsync\n"
    "    movi sp, edge_stack_top\n"
    "    j begin\n"
    ".align 256\n"
    ".type edge_vectors, @function\n"
    "edge_vectors:\n"
    ".rept 8\n"
    "    .align 16\n"
    "    j fault\n"
    ".endr\n"
    ".text\n");
