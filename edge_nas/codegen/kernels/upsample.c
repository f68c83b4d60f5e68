#include "edge_planar.h"
/* RESIZE_NEAREST_NEIGHBOR by whole factors on planar images. */
typedef struct {
  const EdgeImage *input, *output;
  uint8_t height; /* how often a row is there; of a pixel in its row the function knows it */
} EdgeUpsample;
/* function */
@short_kernel@ void @function@(const EdgeUpsample *s, int y) {
  enum { copies = @copies@ };
  const EdgeImage *const in = s->input, *const out = s->output;
  const int in_stride = in->stride, out_stride = out->stride;
  int width = in->width;
  EDGE_UNKNOWN(width);
  const uint8_t *p = edge_row(in, y / s->height) + in->left;
  uint8_t *plane = edge_row(out, y) + out->left;
  for (int c = out->channels; c > 0; c--, p += in_stride, plane += out_stride) {
    uint8_t *o = plane;
#if EDGE_MVE
    const uint16x8_t places = edge_steps(copies);
    for (int x = 0; x < width; x += 8, o += 8 * copies) {
      const mve_pred16_t pixels = vctp16q((uint32_t)(width - x));
      const uint16x8_t codes = vldrbq_z_u16(p + x, pixels);
#pragma GCC unroll 4
      for (int k = 0; k < copies; k++) vstrbq_scatter_offset_p_u16(o + k, places, codes, pixels);
    }
#else
    const uint8_t *source = p;
#if EDGE_DSP
    if (copies == 2)
      for (const uint8_t *const end = p + width / 2 * 2; source != end; source += 2, o += 4) {
        uint32_t word = source[0] | (uint32_t)source[1] << 16;
        word |= word << 8;
        memcpy(o, &word, 4);
      }
#endif
    for (const uint8_t *const end = p + width; source != end; source++)
#pragma GCC unroll 8
      for (int k = 0; k < copies; k++) *o++ = *source;
#endif
  }
  edge_border(out, y);
}
