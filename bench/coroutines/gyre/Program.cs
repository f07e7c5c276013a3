// Gyre's side: each request runs on a loop of its own, through the real driver (GYRE_DRIVER names it), with tracking on as always.
using Gyre;

// No stall reports: a measurement that never suspends holds the loop on purpose.
var options = new RuntimeOptions { StallThreshold = Timeout.InfiniteTimeSpan };
Requests.Answer((mechanism, milliseconds) =>
{
    Sample? sample = null;
    GyreRuntime.Run(async () => sample = await Mechanisms.MeasureAsync(mechanism, milliseconds), options);
    return sample;
});
