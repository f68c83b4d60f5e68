
/* Fills the border pixels around row y of an image of pixels, and with the first row the border rows above. */
EDGE_KERNEL void edge_pixel_border(const EdgeImage *image, int y) {
  uint8_t *const row = edge_row(image, y);
  const int before = image->left * image->channels, behind = image->right * image->channels;
  memset(row, image->pad, (size_t)before);
  memset(row + before + image->width * image->channels, image->pad, (size_t)behind);
  if (y == 0)
    for (int i = image->top; i > 0; i--) edge_border_row(image, -i);
}
