-- hit.lua - keeps a hit as far as the account's privacy and the recipient's consent allow: the rule of
-- lib/policy/hit.h and consent.h, where Redis knows who the recipient is.
--
-- KEYS[1] PREFIXev:{ACCOUNT}               stream
-- KEYS[2] PREFIXmsg:{ACCOUNT}:ID           hash: to, the fields of consent with ", " between; nrcpt, tag
-- KEYS[3] PREFIXhits:{ACCOUNT}:YYYYMMDD    hash: counts
-- KEYS[4] PREFIXconsent:{ACCOUNT}          hash
-- KEYS[5] PREFIXconsent:{*}                hash, only when there is one
-- ARGV    1 the account's privacy, 0 identified to 3 off  2 the how-manieth recipient, 0: not known
--	   3 events to keep  4 retention in seconds  5 what is counted: "clicked human"
--	   6 the page of a click, or ''  7 the recipient's field of consent, or ''
--	   then for each field of the event: name, value, and the modes in which it is kept (1, 2, 3)
--
-- Returns the privacy that was applied.
local call = redis.call
local order = { identified = 0, pseudonymous = 1, anonymous = 2, off = 3 }
local mode, nth = tonumber(ARGV[1]), tonumber(ARGV[2])
local message = call('HMGET', KEYS[2], 'to', 'nrcpt', 'tag')
local tag = message[3] or ''

-- "a@x, b@y" in parts. A comma within quotes does not divide, and the end of a list is whole.
local function split(list)
	local parts, part = {}, ''
	for piece in string.gmatch(list .. ', ', '(.-), ') do
		part = part .. piece
		if string.sub(part, 1, 1) ~= '"' or string.find(part, '"@', 2, true) then
			parts[#parts + 1] = part
			part = ''
		else
			part = part .. ', '
		end
	end
	return parts
end

-- Who it may be: all recipients where it cannot be told which; none where he is not in the list, which
-- is cut when there are many.
local people = {}
if ARGV[7] ~= '' then
	people[1] = ARGV[7]
elseif message[1] then
	people = split(message[1])
	if nth > 0 then
		people = { people[nth] }
	elseif #people ~= tonumber(message[2] or 0) then
		people = {}
	end
end

local function heed(key, address)
	local consent = call('HMGET', key, address)[1]
	if consent then
		mode = math.max(mode, order[string.match(consent, '^%S*')] or 3)
	end
end

if mode < 3 and call('EXISTS', unpack(KEYS, 4)) > 0 then
	if #people == 0 then
		mode = math.max(mode, 2)
	end
	for _, address in ipairs(people) do
		for i = 4, #KEYS do
			heed(KEYS[i], address)
		end
	end
end

-- An account may have any number of links: what is counted has a bound. What is counted already goes on.
local function count(field)
	if call('HLEN', KEYS[3]) < 10000 or call('HMGET', KEYS[3], field)[1] then
		call('HINCRBY', KEYS[3], field, 1)
	end
end

if mode == 2 then
	call('HINCRBY', KEYS[3], ARGV[5], 1)
	if tag ~= '' then
		count(ARGV[5] .. ' tag=' .. tag)
	end
	if ARGV[6] ~= '' then
		count(ARGV[5] .. ' url=' .. ARGV[6])
	end
	call('EXPIRE', KEYS[3], ARGV[4])
elseif mode < 2 then
	local add = { 'XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*' }
	for i = 8, #ARGV, 3 do
		local modes = tonumber(ARGV[i + 2])
		if modes == 3 or modes == mode + 1 then
			add[#add + 1] = ARGV[i]
			add[#add + 1] = ARGV[i + 1]
		end
	end
	if tag ~= '' then
		add[#add + 1] = 'tag'
		add[#add + 1] = tag
	end
	if mode == 0 and ARGV[7] == '' and #people == 1 then
		add[#add + 1] = 'rcpt'
		add[#add + 1] = people[1]
	end
	call(unpack(add))
end
return mode
