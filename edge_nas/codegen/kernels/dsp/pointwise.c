@note Three functions of assembly, two of them in parts that an @include puts together: pointwise_lanes.inc and@
@note pointwise_two_outputs.inc make two output channels at a time, pointwise_rows.inc one. Registers: the comment at the@
@note top of each.@
@if weights lanes@
/* Headers: @header@ of each output channel, of zeros behind the last.
   Weights: a word for two input channels of two outputs a and b: two lanes of 256 * b + a; zeros behind the last. */
@include dsp/pointwise_lanes.inc@
@end@
@if sums two_outputs@
/* Headers: @header@ of each output channel, of zeros behind the last.
   Weights: int16_t, scaled, of two outputs a and b for two input channels at a time: two of a, two of b; zeros as of
   headers. */
@include dsp/pointwise_two_outputs.inc@
@end@
@if outputs one@
@include pointwise_tables.inc@
@include dsp/pointwise_rows.inc@
@end@
