/* Start of a Cortex-M under emulation: vector table, memory, semihosting, and SysTick as the instruction counter.
 *
 * The emulator advances its clock by a fixed time per instruction, so SysTick ticks are instructions times a constant.
 */
#include "harness.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)
#define SCB_ICSR REGISTER(0xE000ED04u)
#define SCB_CPACR REGISTER(0xE000ED88u)
#define SYST_TOP 0x00FFFFFFu
#define SYST_RUN 7u /* enable, interrupt at zero, core clock */
#define SYST_STOP 4u /* still the core clock: with the other one the count would be rescaled */

enum { SYS_EXIT_EXTENDED = 0x20, STOPPED_BY_APPLICATION = 0x20026, FAULT_EXIT = 64 };

extern uint32_t edge_stack_top, edge_stack_bottom;
extern uint32_t edge_data_load, edge_data_start, edge_data_end, edge_bss_start, edge_bss_end;

volatile uint32_t edge_wraps;

int32_t edge_semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
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
    __asm__ volatile("mov %0, sp" : "=r"(now));
    return now;
}

void edge_count_start(void)
{
    edge_wraps = 0;
    SYST_RVR = SYST_TOP;
    SYST_CVR = 0;
    SYST_CSR = SYST_RUN;
}

void edge_count_stop(uint32_t counts[3])
{
    SYST_CSR = SYST_STOP;
    /* A wrap just before the stop is still pending as an interrupt; it is taken here. */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    uint64_t ticks = ((uint64_t)edge_wraps << 24) + (SYST_TOP - SYST_CVR);
    counts[0] = (uint32_t)ticks;
    counts[1] = (uint32_t)(ticks >> 32);
    counts[2] = edge_wraps;
}

/* Five instructions, which the host subtracts for every wrap: in assembly, so that they stay five. */
__attribute__((naked)) static void wrapped(void)
{
    __asm__ volatile(
        ".syntax unified\n\t"
        "ldr r0, =edge_wraps\n\t"
        "ldr r1, [r0]\n\t"
        "adds r1, r1, #1\n\t"
        "str r1, [r0]\n\t"
        "bx lr\n\t"
        ".ltorg");
}

static void fault(void)
{
    edge_exit(FAULT_EXIT + (SCB_ICSR & 0x1FFu));
}

_Noreturn static void reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    SCB_CPACR |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    const uint32_t *from = &edge_data_load;
    for (uint32_t *to = &edge_data_start; to < &edge_data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &edge_bss_start; to < &edge_bss_end; to++) {
        *to = 0;
    }
    edge_exit((uint32_t)main());
}

typedef void (*handler)(void);

__attribute__((section(".edge_start"), used)) static const handler vectors[16] = {
    (handler)&edge_stack_top, (handler)reset, fault, fault, fault, fault, fault, fault,
    fault,                    fault,          fault, fault, fault, fault, fault, wrapped,
};
