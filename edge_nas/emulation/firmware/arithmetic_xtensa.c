/* What gcc calls for products of 64 bits and for quotients, which an Xtensa lx106 has no instructions for. Debian's libgcc
 * lacks these: the chip has them in its ROM. */
#include <stdint.h>

int64_t __muldi3(int64_t a, int64_t b);
uint32_t __udivsi3(uint32_t value, uint32_t by);
uint32_t __umodsi3(uint32_t value, uint32_t by);
int32_t __divsi3(int32_t value, int32_t by);

int64_t __muldi3(int64_t a, int64_t b)
{
    uint32_t a_low = (uint32_t)a, b_low = (uint32_t)b;
    uint32_t a0 = a_low & 0xFFFFu, a1 = a_low >> 16, b0 = b_low & 0xFFFFu, b1 = b_low >> 16;
    uint32_t low = a0 * b0, middle = a1 * b0 + (low >> 16), other = a0 * b1 + (middle & 0xFFFFu);
    uint32_t high = a1 * b1 + (middle >> 16) + (other >> 16);
    high += a_low * (uint32_t)((uint64_t)b >> 32) + b_low * (uint32_t)((uint64_t)a >> 32);
    return (int64_t)((uint64_t)high << 32 | (uint64_t)(other << 16 | (low & 0xFFFFu)));
}

/* Returns the quotient and what is left, as schoolbooks divide. */
static uint32_t divide(uint32_t value, uint32_t by, uint32_t *left)
{
    uint32_t quotient = 0, bit = 1;
    while (by < value && by >> 31 == 0) {
        by <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, by >>= 1) {
        if (value >= by) {
            value -= by;
            quotient |= bit;
        }
    }
    *left = value;
    return quotient;
}

uint32_t __udivsi3(uint32_t value, uint32_t by)
{
    uint32_t left;
    return divide(value, by, &left);
}

uint32_t __umodsi3(uint32_t value, uint32_t by)
{
    uint32_t left;
    divide(value, by, &left);
    return left;
}

static uint32_t magnitude(int32_t value)
{
    return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

int32_t __divsi3(int32_t value, int32_t by)
{
    uint32_t left, quotient = divide(magnitude(value), magnitude(by), &left);
    return (int32_t)((value < 0) != (by < 0) ? 0u - quotient : quotient);
}
