-- Takes events for an account's webhook: first those whose time has come again, then new ones.
-- KEYS: the events, what is known of the webhook, when which is due, the dead list.
-- ARGV: consumer, how many, for how many ms each is ours, wanted types (" all " or " sent bounced "),
--       ms of events from before the webhook was first seen, how many dead ones are kept, for how many
--       seconds, "1": the consumer's first time.
-- Answers {more, gone, lost, {id, tries, {name, value, ...}}, ...}.
--
-- Each that is taken is due again when its time with us is over: so a consumer that dies loses nothing,
-- and whose turn it is does not hang on who took it. The group's pending list counts the tries.

local GROUP = 'webhooks'
local TURNS = 50

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local wanted, lease, types = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local gone, lost = 0, 0
local taken = {}

-- What the stream's group is, as a table; nil: there is none.
local function group_find()
	local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
	if groups.err then return nil end
	for _, flat in ipairs(groups) do
		local group = {}
		for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
		if group.name == GROUP then return group end
	end
	return nil
end

-- A stream that expired and was made anew is all new.
local function group_make()
	local from = '0'
	if redis.call('HSETNX', KEYS[2], 'since', math.floor(now / 1000)) == 1 then
		from = string.format('%.0f-0', now - tonumber(ARGV[5]))
	end
	redis.call('XGROUP', 'CREATE', KEYS[1], GROUP, from, 'MKSTREAM')
end

-- Pending ones that nobody would look at again, since the list of times was lost.
local function due_mend()
	for _, pending in ipairs(redis.call('XPENDING', KEYS[1], GROUP, '-', '+', 10000)) do
		redis.call('ZADD', KEYS[3], 'NX', now, pending[1])
	end
end

-- How many went from the stream unread: Redis 7 counts what was added and what was read.
local function lost_count(group)
	local read = group['entries-read']
	local stream = {}
	if not read then return end
	local flat = redis.call('XINFO', 'STREAM', KEYS[1])
	for i = 1, #flat, 2 do stream[flat[i]] = flat[i + 1] end
	lost = stream['entries-added'] - stream.length - read
	if lost <= 0 then lost = 0 return end
	redis.call('XGROUP', 'SETID', KEYS[1], GROUP, group['last-delivered-id'], 'ENTRIESREAD', read + lost)
	redis.call('HINCRBY', KEYS[2], 'lost', lost)
end

local function dead_add(id, tries, reason)
	redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[6], '*', 'event', id, 'tries', tries,
	    'time', clock[1], 'reason', reason)
	redis.call('EXPIRE', KEYS[4], ARGV[7])
	redis.call('HINCRBY', KEYS[2], 'dead', 1)
end

local function take(id, tries, fields)
	redis.call('ZADD', KEYS[3], now + lease, id)
	taken[#taken + 1] = {id, tries, fields}
end

local function again()
	for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, wanted)) do
		local tries = 1
		local pending = redis.call('XPENDING', KEYS[1], GROUP, id, id, 1)
		if pending[1] then tries = pending[1][4] + 1 end
		local entry = redis.call('XCLAIM', KEYS[1], GROUP, ARGV[1], 0, id, 'RETRYCOUNT', tries, 'FORCE')[1]
		if entry and entry[2] then
			take(id, tries, entry[2])
		else
			redis.call('XACK', KEYS[1], GROUP, id)
			redis.call('ZREM', KEYS[3], id)
			dead_add(id, tries - 1, 'the event is kept no more')
			gone = gone + 1
		end
	end
end

-- An event that was written anew without a person was told before.
local function is_wanted(fields)
	local all, good = string.find(types, ' all ', 1, true), false
	for i = 1, #fields, 2 do
		if fields[i] == 'forgot' then return false end
		if fields[i] == 'type' then
			good = all or string.find(types, ' ' .. fields[i + 1] .. ' ', 1, true)
		end
	end
	return good
end

-- True when there may be more.
local function new()
	for _ = 1, TURNS do
		if #taken >= wanted then return true end
		local answer = redis.call('XREADGROUP', 'GROUP', GROUP, ARGV[1], 'COUNT', wanted - #taken,
		    'STREAMS', KEYS[1], '>')
		if not answer then return false end
		for _, entry in ipairs(answer[1][2]) do
			if is_wanted(entry[2]) then
				take(entry[1], 1, entry[2])
			else
				redis.call('XACK', KEYS[1], GROUP, entry[1])
			end
		end
	end
	return true
end

local group = group_find()
if not group then
	group_make()
	group = group_find()
end
if ARGV[8] == '1' then due_mend() end
lost_count(group)
again()
local more = new()
if #taken > 0 then redis.call('EXPIRE', KEYS[3], ARGV[7]) end
return {more and 1 or 0, gone, lost, unpack(taken)}
