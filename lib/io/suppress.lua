-- suppress.lua - one more reason to send somebody nothing, put together with what there was: a value
-- of lib/policy/suppression.h in Redis's words.
--
-- KEYS[1] PREFIXsupp:{ACCOUNT}
-- ARGV    1 recipient  2 reason  3 count  4 first  5 last  6 until, 0: for good  7 evidence
--
-- What holds for good for a weightier reason stays, and gets the newer time; an operator's own words
-- stay as they are. The same reason again adds up.
local weight = { bounced = 1, unsubscribed = 2, complained = 3, manual = 4 }
local reason, till, evidence = ARGV[2], tonumber(ARGV[6]), ARGV[7]
local count, first, last = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local old = redis.call('HMGET', KEYS[1], ARGV[1])[1]

local function whole(n)
	return string.format('%.0f', n)
end

if old then
	local r, c, f, l, u, e = string.match(old, '^(%a+) (%d+) (%d+) (%d+) (%d+) ?(.*)$')
	if not r or not weight[r] then
		return old
	end
	c, f, l, u = tonumber(c), tonumber(f), tonumber(l), tonumber(u)
	if u == 0 and weight[r] > weight[reason] then
		reason, count, first, till, evidence = r, c, f, u, e
		last = math.max(last, l)
	elseif r == reason then
		count = count + c
		first = math.min(first, f)
		last = math.max(last, l)
		if u == 0 or till == 0 then
			till = 0
		else
			till = math.max(till, u)
		end
	end
end
local new = table.concat({ reason, whole(count), whole(first), whole(last), whole(till) }, ' ')
if evidence ~= '' then
	new = new .. ' ' .. evidence
end
redis.call('HSET', KEYS[1], ARGV[1], new)
return new
