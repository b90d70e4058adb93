-- suppress_step.lua - what one return made of a recipient, recorded once. The rule itself is in
-- lib/policy/suppress_rule.c: `look` says what is known, `put` writes what the rule made of that,
-- unless somebody else has changed it meanwhile.
--
-- KEYS[1] PREFIXsupp:{ACCOUNT}         hash: recipient -> entry
-- KEYS[2] PREFIXbounce:{ACCOUNT}:RCPT  hash: soft, the failures that count; seen, the marks of
--                                      the last returns, newest first: some hundred; until, the
--                                      time to which they are kept
-- KEYS[3] PREFIXmsg:{ACCOUNT}:ID       hash: the message, only for `put`
-- KEYS[4] PREFIXev:{ACCOUNT}           stream, only when there is an event
--	look RCPT RETURN
--		Returns NOW, "seen" or "new", VERSION, the entry (its beginning), soft; without RETURN
--		all are new. What is not there is false.
--	put RCPT RETURN VERSION TTL ENTRY SOFT FIELD BECAME KEEP RETENTION NAME VALUE ...
--		ENTRY, SOFT: "=", as it is; "-", none; "+...", that from now on. FIELD, BECAME: of the
--		message, if it has that field; "deferred" only while nothing final is known. KEEP, RETENTION, NAME, VALUE: the event, which is the only
--		one with KEYS[4]. TTL: for so many seconds the return is known again; a later one with less
--		does not shorten that. Returns "done", "seen", or "changed": look again.
--
-- Each `put` looks at some entries, at random, and takes away those that have ended.
local call = redis.call
local supp, bounce = KEYS[1], KEYS[2]
local rcpt, id = ARGV[2], ARGV[3]
local now = tonumber(call('TIME')[1])
local look_bytes, seen_bytes, sweep_most = 1000, 10000, 10
local year_9999 = 253402300799

local entry = call('HMGET', supp, rcpt)[1]
local known = call('HMGET', bounce, 'soft', 'seen', 'until')
local soft, seen, ends = known[1], known[2] or '', tonumber(known[3]) or 0

local function is_seen()
	return id ~= '' and string.find(' ' .. seen .. ' ', ' ' .. id .. ' ', 1, true)
end

local function version()
	return redis.sha1hex((entry and '+' .. entry or '-') .. '\n' .. (soft and '+' .. soft or '-'))
end

if ARGV[1] == 'look' then
	return {now, is_seen() and 'seen' or 'new', version(), entry and string.sub(entry, 1, look_bytes),
		soft and string.sub(soft, 1, look_bytes)}
end

if is_seen() then
	return 'seen'
end
if version() ~= ARGV[4] then
	return 'changed'
end

-- True for an entry of ours that has ended; in other words, it is an operator's, for good.
local function has_ended(text)
	local reason, n, first, last, ends = string.match(text .. ' ', '^(%l+) (%d+) (%d+) (%d+) (%d+) ')
	if not reason or #n > 12 or #first > 12 or #last > 12 or #ends > 12 then
		return false
	end
	local known_reason = reason == 'bounced' or reason == 'complained' or reason == 'unsubscribed' or
		reason == 'manual'
	ends = tonumber(ends)
	return known_reason and tonumber(first) <= year_9999 and tonumber(last) <= year_9999 and
		ends > 0 and ends <= now
end

local function sweep()
	-- Redis 6.2 has this, and a right for it may be missing: then they stay.
	local some = redis.pcall('HRANDFIELD', supp, -sweep_most, 'WITHVALUES')
	if some.err then
		return
	end
	for i = 1, #some, 2 do
		if has_ended(some[i + 1]) then
			call('HDEL', supp, some[i])
		end
	end
end

local function put(key, field, text)
	if text == '-' then
		call('HDEL', key, field)
	elseif text ~= '=' then
		call('HSET', key, field, string.sub(text, 2))
	end
end

sweep()
put(supp, rcpt, ARGV[6])
put(bounce, 'soft', ARGV[7])
if id ~= '' then
	local marks = id .. ' ' .. seen
	if #marks > seen_bytes then
		marks = string.match(string.sub(marks, 1, seen_bytes), '^(.*) ')
	end
	ends = math.max(ends, now + ARGV[5])
	call('HSET', bounce, 'seen', marks, 'until', ends)
end
call('EXPIRE', bounce, math.max(ends - now, ARGV[5]))
local became = call('HMGET', KEYS[3], ARGV[8])[1]
-- A notice of a delay may come later than that of the end.
local is_final = became and became ~= 'sent' and became ~= 'deferred'
if ARGV[9] ~= '' and became and not (is_final and ARGV[9] == 'deferred') then
	call('HSET', KEYS[3], ARGV[8], ARGV[9])
end
if KEYS[4] then
	call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[10], '*', unpack(ARGV, 12))
	call('EXPIRE', KEYS[4], ARGV[11])
end
return 'done'
