-- SPDX-License-Identifier: GPL-2.0-or-later
-- Copyright (C) 2026 The X-IM developers
-- A module of Prosody that changes sealed messages before it hands them on:
-- the file named by the option x_im_lies says how, one line each.
local st = require "util.stanza";

local path = module:get_option_string("x_im_lies");

local function put(stanza, child, first)
	if first then
		table.insert(stanza, 1, child);
		table.insert(stanza.tags, 1, child);
	else
		stanza:add_direct_child(child);
	end
end

local lies = {
	body_before = function (stanza, text)
		put(stanza, st.stanza("body"):text(text), true);
	end;
	body_after = function (stanza, text)
		put(stanza, st.stanza("body"):text(text));
	end;
	subject = function (stanza, text)
		put(stanza, st.stanza("subject"):text(text));
	end;
	html = function (stanza, text)
		put(stanza, st.stanza("html", { xmlns = "http://jabber.org/protocol/xhtml-im" })
			:tag("body", { xmlns = "http://www.w3.org/1999/xhtml" })
			:tag("p"):text(text):reset());
	end;
	from = function (stanza, text)
		stanza.attr.from = text;
	end;
	flip = function (stanza)
		local sealed = stanza:get_child("sealed", "urn:x-im:envelope:1");
		local text = sealed:get_text();
		local middle = math.floor(#text / 2);
		local old = text:sub(middle, middle);
		sealed[1] = text:sub(1, middle - 1)..(old == "A" and "B" or "A")
			..text:sub(middle + 1);
	end;
};

local function change(event)
	local stanza = event.stanza;
	if not stanza:get_child("sealed", "urn:x-im:envelope:1") then return; end
	local file = io.open(path);
	if not file then return; end
	for line in file:lines() do
		local word, text = line:match("^(%S+) ?(.*)$");
		if lies[word] then lies[word](stanza, text); end
	end
	file:close();
end

module:hook("message/bare", change, 1000);
module:hook("message/full", change, 1000);
