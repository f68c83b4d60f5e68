/* What the measuring program needs of the machine it runs on; one startup_*.c per family implements it. */
#ifndef EDGE_HARNESS_H
#define EDGE_HARNESS_H

#include <stdint.h>

/* One request of the Arm semihosting interface (also spoken by RISC-V): returns what the host answers. */
int32_t edge_semihost(uint32_t operation, const void *argument);

/* Begins counting at zero. The program calls nothing but the counted function before edge_count_stop(). */
void edge_count_start(void);

/* Ends counting. counts[0..1]: low and high word of the counter, counts[2]: how often it wrapped on the way. */
void edge_count_stop(uint32_t counts[3]);

/* The stack: lowest address the program may use, and where it is now. */
uint32_t *edge_stack_limit(void);
uint32_t *edge_stack_now(void);

_Noreturn void edge_exit(uint32_t code);

int main(void);

#endif
