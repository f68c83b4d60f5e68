typedef uint32_t EdgeDenseWeight; /* two lanes */

typedef struct {
  int32_t bias, factor, multiplier, rounding, shift;
} EdgeDenseChannels;

enum { EDGE_DENSE_UNROLLED = 12 }; /* steps of the loop in the blocks below */
