-- Load of the benchmark, for wrk: PIPELINE=N in the environment puts N requests into one write (default 1).
--
-- wrk asks wrk.format for the request once, before the load starts, unless a global `request` is defined: so the batch is
-- built there once and no Lua runs while load is made. wrk counts every request of a batch.

local depth = tonumber(os.getenv("PIPELINE") or "1")
local format = wrk.format
wrk.format = function(...)
  return string.rep(format(...), depth)
end

-- One line for run.sh. Times in microseconds.
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
