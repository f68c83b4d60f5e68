@if weights lanes@
/* Headers: @header@ of each output channel, of zeros behind the last.
   Weights: a word for two input channels of two outputs a and b: two lanes of 256 * b + a; zeros behind the last. */
@include dsp/pointwise_lanes.inc@
@else@
@include pointwise_tables.inc@
@include dsp/pointwise_rows.inc@
@end@
