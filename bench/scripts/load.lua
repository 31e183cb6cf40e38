-- The load of `cargo xtask bench server`: each request presents the next of many sessions.
--   wrk … --script load.lua URL -- HEADERS [PAUSE]
--
-- HEADERS is a file with the headers of a request in each line, with tabs between them. With PAUSE each connection waits between its requests, for a random time
-- of that many milliseconds on average, so that they do not ask all at once. Prints the figures as a line of JSON.

local requests = {}
local place = 0
local pause

function init(arguments)
   for line in io.lines(arguments[1]) do
      local headers = {}
      for name, value in line:gmatch('([^:\t]+): ([^\t]*)') do headers[name] = value end
      requests[#requests + 1] = wrk.format('GET', nil, headers)
   end
   pause = tonumber(arguments[2])
   -- wrk waits as soon as this function exists.
   if pause then
      function delay() return math.random(0, 2 * pause) end
   end
end

function request()
   place = place % #requests + 1
   return requests[place]
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   print(string.format(
      '{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f}',
      summary.requests, summary.duration / 1e6, failed, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
   ))
end
