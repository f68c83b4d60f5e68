/* The taps of a window along one axis that lie inside an image: the first of them, and the one behind the last. */
EDGE_INLINE int edge_inside_first(int start, int dilation) {
  int first = 0;
  for (; start < 0; start += dilation) first++;
  return first;
}

EDGE_INLINE int edge_inside_last(int start, int dilation, int taps, int size) {
  int last = taps;
  for (start += (taps - 1) * dilation; last > 0 && start >= size; start -= dilation) last--;
  return last;
}
