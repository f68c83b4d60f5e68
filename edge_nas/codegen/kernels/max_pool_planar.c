#include "edge_planar.h"
/* MAX_POOL_2D on planar images: windows side by side, all inside the image. */
typedef struct {
  const EdgeImage *input, *output;
  uint8_t height, width;
} EdgeMaxPoolPlanar;
/* function */
@short_kernel@ void @function@(const EdgeMaxPoolPlanar *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  uint8_t *plane = edge_row(out, y) + out->left;
  for (int ky = 0; ky < s->height; ky++) {
    const uint8_t *source = edge_row(in, y * s->height + ky) + in->left;
    uint8_t *target = plane;
    for (int c = out->channels; c > 0; c--, source += in->stride, target += out->stride) {
      const uint8_t *p = source;
      for (int x = 0; x < out->width; x++, p += s->width) {
        uint8_t most = ky > 0 && target[x] > p[0] ? target[x] : p[0];
        for (int kx = 1; kx < s->width; kx++) most = p[kx] > most ? p[kx] : most;
        target[x] = most;
      }
    }
  }
  edge_border(out, y);
}
