-- Puts a dead event back, to be tried at once, as often as at first.
-- KEYS: as hook_take.lua. ARGV: its entry in the dead list.
-- Answers 1, or 0: it is not in the list, or the event itself is kept no more; then it stays there.

local dead = redis.call('XRANGE', KEYS[4], ARGV[1], ARGV[1])[1]
local clock = redis.call('TIME')
local id

if not dead then return 0 end
for i = 1, #dead[2], 2 do
	if dead[2][i] == 'event' then id = dead[2][i + 1] end
end
if not id or #redis.call('XRANGE', KEYS[1], id, id) == 0 then return 0 end
redis.call('XCLAIM', KEYS[1], 'webhooks', 'retry', 0, id, 'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
redis.call('ZADD', KEYS[3], clock[1] * 1000 + math.floor(clock[2] / 1000), id)
redis.call('XDEL', KEYS[4], ARGV[1])
return 1
