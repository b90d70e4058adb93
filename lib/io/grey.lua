-- grey.lua - one try of one tuple, atomically: grey_advance() of lib/policy/grey.c in Redis's
-- words. The rules are told in grey.h; tests/contract/test_store.c holds both to the same table.
--
-- KEYS[1]  PREFIXgrey:{IDENTITY}:SENDER:RCPT   hash: first, last, tries, passed (once it passed)
-- KEYS[2]  PREFIXknown:{IDENTITY}              hash: passes, last_counted, last
-- ARGV     block, pass, expire, promote_after, promote_gap (seconds), learn (1 or 0)
-- Returns  "OUTCOME NOW FIRST TRIES", OUTCOME one of N E P R K L (new, early, passed, repeat,
--          known, learned).
--
-- The keys live a minute longer than the windows, so that what is on a boundary is decided here and
-- not by the expiry. Every redis.call() costs about as much as all the Lua around it: few are made.
local call = redis.call
local tuple_key, known_key = KEYS[1], KEYS[2]
local block, pass, expire = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local promote_after = tonumber(ARGV[4])
local slack = 60
local time = call('TIME')[1]
local now = tonumber(time)

local passes, last_counted = 0, 0
if promote_after > 0 then
	local known = call('HMGET', known_key, 'passes', 'last_counted', 'last')
	if known[1] and now - known[3] <= expire then
		passes, last_counted = tonumber(known[1]), tonumber(known[2])
		if passes >= promote_after then
			if known[3] ~= time then
				call('HSET', known_key, 'last', time)
				call('EXPIRE', known_key, expire + slack)
			end
			return 'K ' .. time .. ' ' .. time .. ' 1'
		end
	end
end

local tuple = call('HMGET', tuple_key, 'first', 'last', 'tries', 'passed')
local first, tries, passed = tuple[1], tuple[3], tuple[4]
local outcome = 'P '

if not first or now < tonumber(first) or (passed and now - tuple[2] > expire) or
    (not passed and now - first > pass) then
	-- The first try.
	if first then
		call('DEL', tuple_key)
	end
	first, tries = time, 1
	if ARGV[6] == '1' then
		outcome = 'L '
	elseif block > 0 then
		call('HSET', tuple_key, 'first', time, 'last', time, 'tries', 1)
		call('EXPIRE', tuple_key, pass + slack)
		return 'N ' .. time .. ' ' .. time .. ' 1'
	end
elseif passed then
	if tuple[2] ~= time then
		call('HSET', tuple_key, 'last', time)
		call('EXPIRE', tuple_key, expire + slack)
	end
	return 'R ' .. time .. ' ' .. first .. ' ' .. tries
else
	tries = tries + 1
	if now - first < block and ARGV[6] ~= '1' then
		call('HSET', tuple_key, 'last', time, 'tries', tries)
		return 'E ' .. time .. ' ' .. first .. ' ' .. tries
	end
end

-- It passes, for the first time: a step towards promotion, unless the last one was just now.
call('HSET', tuple_key, 'first', first, 'last', time, 'tries', tries, 'passed', time)
call('EXPIRE', tuple_key, expire + slack)
if promote_after > 0 and (passes == 0 or now - last_counted >= tonumber(ARGV[5])) then
	call('HSET', known_key, 'passes', passes + 1, 'last_counted', time, 'last', time)
	call('EXPIRE', known_key, expire + slack)
end
return outcome .. time .. ' ' .. first .. ' ' .. tries
