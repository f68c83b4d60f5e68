/* What main.c needs of the board besides a camera; the bundle's self_test/qemu/startup.c has it. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdint.h>

/* Ticks of the core's clock between the two calls. */
void timer_start(void);
uint32_t timer_stop(void);

#endif
