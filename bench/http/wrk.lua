-- Load of bench/http, for wrk. From the environment: METHOD, BODY_BYTES (of zeros), CLOSE=1 (a connection for each request).

local bytes = tonumber(os.getenv("BODY_BYTES") or "0")
wrk.method = os.getenv("METHOD") or "GET"
if bytes > 0 then
  wrk.body = string.rep("\0", bytes)
  wrk.headers["Content-Type"] = "application/octet-stream"
end
if os.getenv("CLOSE") == "1" then
  wrk.headers["Connection"] = "close"
end

-- One line for run.sh. Times in microseconds.
function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
