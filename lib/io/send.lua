-- send.lua - may an account send now? limit_advance() and limit_warm() of lib/policy in Redis's words.
-- The rules are told in limit.h and send.h; tests/contract/test_send.c holds both to the same table.
--
-- KEYS[1] PREFIXrate:{ACCOUNT}  hash: tat_us, day, count
-- KEYS[2] PREFIXsupp:{ACCOUNT}  hash, only when recipients are named
--	rate INTERVAL BURST DAILY N RECIPIENT...
--		If there is an entry for any recipient: an array, the time and all entries, and nothing
--		is counted. Else N recipients, the first of whom may be refused.
--	back MOVED N DAY
--		What `rate` had counted is taken back: it moved tat_us by MOVED.
-- KEYS[1] PREFIXwarm:{LANE}     hash: step, day, count
--	warm N MORE FIRST PERCENT UNTIL [PERCENT UNTIL ...]
--
-- Returns "OUTCOME NOW COUNT WAIT X": P passed, R rate, D daily, W warm-up; NOW in microseconds, WAIT
-- in seconds; X is MOVED of rate, and of warm the day's limit. Numbers are below 2^53, and written by
-- whole(): as a string, Lua's own would lose digits. Fields that hold no such number count as 0.
local call, floor = redis.call, math.floor
local op, key = ARGV[1], KEYS[1]
local day_s, million = 86400, 1000000
local time = call('TIME')
local second = tonumber(time[1])
local now = second * million + time[2]
local day = floor(second / day_s)

local function whole(n)
	return string.format('%.0f', n)
end

local function number(text)
	local n = tonumber(text or '')
	if n and n >= 0 and n < 9007199254740992 then
		return floor(n)
	end
	return 0
end

local function answer(outcome, count, wait, x)
	return outcome .. ' ' .. whole(now) .. ' ' .. whole(count) .. ' ' .. whole(wait) .. ' ' .. whole(x)
end

-- What is left of the day, rounded up.
local function day_rest()
	return day_s - second % day_s
end

if op == 'rate' then
	local interval, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
	local daily, n = tonumber(ARGV[4]), tonumber(ARGV[5])
	if KEYS[2] then
		local entries = call('HMGET', KEYS[2], unpack(ARGV, 6))
		for i = 1, #entries do
			if entries[i] then
				table.insert(entries, 1, whole(now))
				return entries
			end
		end
	end
	local bucket = call('HMGET', key, 'tat_us', 'day', 'count')
	local kept, today = number(bucket[1]), number(bucket[2]) == day
	local tat, count, moved = kept, today and number(bucket[3]) or 0, 0
	if daily > 0 and count >= daily then
		return answer('D', count, day_rest(), 0)
	end
	if interval > 0 then
		-- No bucket takes longer than 30 days to fill.
		local ahead = interval * math.min(burst, floor(30 * day_s * million / interval))
		tat = math.max(now, math.min(tat, now + ahead))
		if tat + interval > now + ahead then
			if tat < kept then
				call('HSET', key, 'tat_us', whole(tat))
			end
			return answer('R', count, math.ceil((tat + interval - now - ahead) / million), 0)
		end
		moved = interval * math.min(n, floor((now + ahead - tat) / interval))
		tat = tat + moved
	end
	count = count + n
	call('HSET', key, 'tat_us', whole(tat), 'day', whole(day), 'count', whole(count))
	-- Once a day, unless the bucket takes longer to fill.
	if not today or tat - now > day_s * million then
		call('EXPIRE', key, whole(math.max(2 * day_s, math.ceil((tat - now) / million) + day_s)))
	end
	return answer('P', count, 0, moved)
end

if op == 'back' then
	local bucket = call('HMGET', key, 'tat_us', 'day', 'count')
	if bucket[1] then
		call('HSET', key, 'tat_us', whole(math.max(0, number(bucket[1]) - ARGV[2])))
		if bucket[2] == ARGV[4] then
			call('HSET', key, 'count', whole(math.max(0, number(bucket[3]) - ARGV[3])))
		end
	end
	return answer('P', 0, 0, 0)
end

-- How many that step of the ramp allows; `over` is as many as may be.
local over = 1000000
local function ramp_at(step)
	local n, part = tonumber(ARGV[4]), 5
	while step > 0 and n < over do
		local more = floor(n * ARGV[part] / 100)
		-- a factor near 1 of a small number would stand still
		n = math.min(math.max(more, n + 1), tonumber(ARGV[part + 1]))
		if n == tonumber(ARGV[part + 1]) and ARGV[part + 2] then
			part = part + 2
		end
		step = step - 1
	end
	return n
end

local warmth = call('HMGET', key, 'step', 'day', 'count')
local step, count = number(warmth[1]), number(warmth[3])
local today = number(warmth[2]) == day
local limit = ramp_at(step)
if not today then
	if limit < over and count * 2 >= limit then
		step = step + 1
	end
	count = 0
	limit = ramp_at(step)
end
if limit >= over then
	limit = 0
elseif count >= limit and ARGV[3] ~= '1' then
	return answer('W', count, day_rest(), limit)
end
count = count + ARGV[2]
call('HSET', key, 'step', whole(step), 'day', whole(day), 'count', whole(count))
if not today then
	call('EXPIRE', key, 60 * day_s)
end
return answer('P', count, 0, limit)
