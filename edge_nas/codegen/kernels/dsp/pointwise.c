@note Two functions of assembly, each in parts that an @include puts together: pointwise_lanes.inc makes two output@
@note channels at a time, pointwise_rows.inc one. Registers: the comment at the top of either.@
@if weights lanes@
/* Headers: @header@ of each output channel, of zeros behind the last.
   Weights: a word for two input channels of two outputs a and b: two lanes of 256 * b + a; zeros behind the last. */
@include dsp/pointwise_lanes.inc@
@else@
@include pointwise_tables.inc@
@include dsp/pointwise_rows.inc@
@end@
