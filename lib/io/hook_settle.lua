-- What became of one try of an event.
-- KEYS: as hook_take.lua.
-- ARGV: "delivered", "again" or "dead", the event's id, tries, why not, after how many ms again, how many
--       dead ones are kept, for how many seconds.
-- Answers 1, or 0 when somebody else settled it meanwhile.

local GROUP = 'webhooks'
local word, id = ARGV[1], ARGV[2]
local clock = redis.call('TIME')

if word ~= 'delivered' then
	redis.call('HSET', KEYS[2], 'error', ARGV[4], 'error_at', clock[1])
	redis.call('HINCRBY', KEYS[2], 'failed', 1)
end
if word == 'again' then
	local due = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[5]
	return redis.call('ZADD', KEYS[3], 'XX', 'CH', due, id)
end
redis.call('ZREM', KEYS[3], id)
if redis.call('XACK', KEYS[1], GROUP, id) == 0 then return 0 end
if word == 'delivered' then
	redis.call('HSET', KEYS[2], 'delivered_at', clock[1])
	redis.call('HINCRBY', KEYS[2], 'delivered', 1)
	return 1
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[6], '*', 'event', id, 'tries', ARGV[3], 'time', clock[1],
    'reason', ARGV[4])
redis.call('EXPIRE', KEYS[4], ARGV[7])
redis.call('HINCRBY', KEYS[2], 'dead', 1)
return 1
