/* Prints whether the network computes here what it did where it was made; ends with the number of failures. */
#include <stdio.h>

#include "edge_self_test.h"

int main(void)
{
    int failed = 0;
    for (uint32_t number = 0; number < EDGE_VECTORS; number++) {
        edge_self_test_result result = edge_self_test(number);
        if (result.index < 0) {
            printf("%s: equal\n", result.name);
        } else {
            failed++;
            printf("%s: differs at %ld, expected %d, seen %d\n", result.name, (long)result.index, result.expected,
                   result.seen);
        }
    }
    printf("%s\n", failed == 0 ? "self-test passed" : "self-test FAILED");
    return failed;
}
