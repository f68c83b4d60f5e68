
/* Fills the border around row y of a planar image, and with the first row the border rows above. */
EDGE_KERNEL void edge_border(const EdgeImage *image, int y) {
  const int left = image->left, right = image->right, stride = image->stride;
  const uint8_t pad = image->pad;
  uint8_t *plane = edge_row(image, y);
  uint8_t *behind = plane + left + image->width;
  for (int c = image->channels; c > 0; c--, plane += stride, behind += stride) {
    /* Mostly one byte: a loop alone would become a call of memset. */
    if (left > 0) plane[0] = pad;
    if (right > 0) behind[0] = pad;
    for (int x = 1; x < left; x++) plane[x] = pad;
    for (int x = 1; x < right; x++) behind[x] = pad;
  }
  if (y == 0)
    for (int i = image->top; i > 0; i--) edge_border_row(image, -i);
}
