/* Kernels of one step, of which there is a call in plain C for speed nevertheless: what that step's constants spare, the
   registers that they take cost again, more in one step than in another (16 % of a depthwise layer on a Cortex-M0+, whose
   instructions were not to be foretold). */
#if EDGE_DSP || defined(EDGE_SMALL)
#define EDGE_ONLY_CALLED_KERNEL EDGE_INLINE
#else
#define EDGE_ONLY_CALLED_KERNEL EDGE_KERNEL
#endif
#if EDGE_THUMB && !defined(EDGE_SMALL)
#define EDGE_ONLY_CALLED_ROW_KERNEL EDGE_KERNEL
#else
#define EDGE_ONLY_CALLED_ROW_KERNEL EDGE_INLINE
#endif
