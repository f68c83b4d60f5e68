@if weights lanes@
@include dsp/pointwise_lanes.inc@
@else@
@include dsp/pointwise_rows.inc@
@end@
