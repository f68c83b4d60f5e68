/* Fills the border around row y of a planar image, and with the first row the border rows above. */
EDGE_KERNEL void edge_border(const EdgeImage *image, int y) {
  const int width = image->width, between = image->stride - width; /* one plane's right border is the next one's left */
  const uint8_t pad = (uint8_t)image->fill;
  uint8_t *border = edge_row(image, y);
  if (between == 1) { /* mostly: before the first plane where there is a left border, and behind each */
    const int stride = image->stride;
    border += image->left > 0 ? 0 : width;
    for (int c = image->channels + image->left; c > 0; c--, border += stride) *border = pad;
  } else {
    uint8_t *inside = border + image->left;
    for (int c = image->channels; c >= 0; c--) { /* channels + 1 borders: before, between and behind the planes */
      while (border < inside) {
        *border++ = pad;
        EDGE_STAY_LOOP; /* few bytes: not worth a call of memset */
      }
      border += width;
      inside = border + between;
    }
  }
  if (y == 0)
    for (int i = image->top; i > 0; i--) edge_border_row(image, -i);
}
