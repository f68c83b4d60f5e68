/* Fills the border pixels around row y of an image of pixels, and with the first row the border rows above. */
EDGE_KERNEL void edge_pixel_border(const EdgeImage *image, int y) {
  EdgePixelCode *p = (EdgePixelCode *)(void *)edge_row(image, y);
  for (int i = image->left * image->channels; i > 0; i--) *p++ = (EdgePixelCode)image->fill;
  p += image->width * image->channels;
  for (int i = image->right * image->channels; i > 0; i--) *p++ = (EdgePixelCode)image->fill;
  if (y == 0)
    for (int i = image->top; i > 0; i--) edge_border_row(image, -i);
}
