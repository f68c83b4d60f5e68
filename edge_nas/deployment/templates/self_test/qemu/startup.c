/* Start of a Cortex-M: vector table, memory, SysTick as a stopwatch, and printf through the debugger (semihosting).
 *
 * On a chip without a debugger, replace _write by your serial port and _exit by a loop.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Ticks of the core's clock between the two calls, for programs that time what they do. */
void timer_start(void);
uint32_t timer_stop(void);

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYST_CSR REGISTER(0xE000E010u)
#define SYST_RVR REGISTER(0xE000E014u)
#define SYST_CVR REGISTER(0xE000E018u)
#define SYST_TOP 0x00FFFFFFu
#define SYST_RUN 7u
#define SYST_STOP 4u

enum { SYS_WRITEC = 3, SYS_EXIT_EXTENDED = 0x20, STOPPED_BY_APPLICATION = 0x20026, FAULT_EXIT = 99 };

extern uint32_t stack_top, data_load, data_start, data_end, bss_start, bss_end;
extern char heap_start;

int main(void);
void reset(void);
void _exit(int code);

static volatile uint32_t wraps;

static int32_t semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}

void timer_start(void)
{
    wraps = 0;
    SYST_RVR = SYST_TOP;
    SYST_CVR = 0;
    SYST_CSR = SYST_RUN;
}

uint32_t timer_stop(void)
{
    SYST_CSR = SYST_STOP;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    return (wraps << 24) + (SYST_TOP - SYST_CVR);
}

static void timer_wrapped(void)
{
    wraps++;
}

static void fault(void)
{
    _exit(FAULT_EXIT);
}

void reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    REGISTER(0xE000ED88u) |= 0xFu << 20;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end; to++) {
        *to = 0;
    }
    _exit(main());
}

typedef void (*handler)(void);

__attribute__((section(".vectors"), used)) static const handler vectors[16] = {
    (handler)&stack_top, reset, fault, fault, fault, fault, fault, fault,
    fault,               fault, fault, fault, fault, fault, fault, timer_wrapped,
};

/* What newlib asks of the system. */

void _exit(int code)
{
    uint32_t block[2] = {STOPPED_BY_APPLICATION, (uint32_t)code};
    semihost(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

int _write(int file, const char *text, int length)
{
    (void)file;
    for (int i = 0; i < length; i++) {
        semihost(SYS_WRITEC, text + i);
    }
    return length;
}

void *_sbrk(ptrdiff_t increment)
{
    static char *end = &heap_start;
    char *before = end;
    end += increment;
    return before;
}

int _read(int file, char *text, int length)
{
    (void)file;
    (void)text;
    (void)length;
    return 0;
}

int _close(int file)
{
    (void)file;
    return -1;
}

int _lseek(int file, int offset, int from)
{
    (void)file;
    (void)offset;
    (void)from;
    return -1;
}

int _fstat(int file, struct stat *status)
{
    (void)file;
    status->st_mode = S_IFCHR;
    return 0;
}

int _isatty(int file)
{
    (void)file;
    return 1;
}
