-- Tunnel Endpoint Discovery, version 3 and the draft form, for Wireshark and tshark: docs/protocol.md, field by field.
--
--   tshark -X lua_script:opented.lua -r FILE          or copy it to ~/.local/lib/wireshark/plugins
--
-- A datagram is shown up to its first fault, which has the name and the offset that `tedctl decode` gives it.
-- Filters: ted, ted.error, ted.cookie.initiator == …, ted.summary.dst4 == 10.2.0.0/16, ted.response_time > 0.1

local ted = Proto("ted", "Tunnel Endpoint Discovery")

local HEADER, MAX_DATAGRAM, MAX_PAYLOADS, MAX_ENDS = 28, 4096, 16, 64
local VERSION_1, PROBE, RESPONSE = 0x10, 240, 241
local ID, CERTIFICATE, HASH, SIGNATURE, VENDOR = 5, 6, 8, 9, 13
local MAX_CERTIFICATES = 4
local HASHES = {
  e0ffa8390276ddbd9f6885a51bee7f1d = "capabilities",
  ["8320355d3c37c2d95badba15e73c79f5"] = "summary",
  ["6493403a84d21359ed1823e97c1b28ee"] = "response",
  ["45b8402362e22d1a36b569475a3b1c50"] = "offer",
  ["ec9dea3059a07515d051fe0c0c03b253"] = "proof",
  ["9e67424c2b409965ca32301e1942cf5c"] = "padding",
}

local exchanges = { [PROBE] = "probe", [RESPONSE] = "response" }
local payload_types = { [0] = "none", [ID] = "identification", [CERTIFICATE] = "certificate", [HASH] = "hash", [SIGNATURE] = "signature", [VENDOR] = "vendor ID" }
local id_types = { [1] = "IPv4 address", [4] = "IPv4 subnet", [5] = "IPv6 address", [6] = "IPv6 subnet" }
local protocols = { [0] = "any", [1] = "ICMP", [6] = "TCP", [17] = "UDP", [33] = "DCCP", [58] = "ICMPv6", [132] = "SCTP", [136] = "UDP-Lite" }

local f = {
  icookie = ProtoField.bytes("ted.cookie.initiator", "Initiator cookie"),
  rcookie = ProtoField.bytes("ted.cookie.responder", "Responder cookie"),
  next = ProtoField.uint8("ted.next", "Next payload", base.DEC, payload_types),
  version = ProtoField.uint8("ted.version", "ISAKMP version", base.HEX),
  exchange = ProtoField.uint8("ted.exchange", "Exchange type", base.DEC, exchanges),
  flags = ProtoField.uint8("ted.flags", "Flags", base.HEX),
  message_id = ProtoField.uint32("ted.message_id", "Message ID", base.HEX),
  length = ProtoField.uint32("ted.length", "Length"),
  form = ProtoField.string("ted.form", "Form"),

  payload_length = ProtoField.uint16("ted.payload.length", "Length"),
  reserved = ProtoField.uint8("ted.payload.reserved", "Reserved", base.HEX),
  hash = ProtoField.bytes("ted.vendor.hash", "Vendor hash"),
  unknown = ProtoField.bytes("ted.payload.unknown", "Unknown payload, skipped"),
  padding = ProtoField.bytes("ted.padding", "Padding"),

  capabilities = ProtoField.uint32("ted.capabilities", "Capability flags", base.HEX),
  can_list = ProtoField.bool("ted.capabilities.selector_list", "selector-list", 32, nil, 1),
  can_hash = ProtoField.bool("ted.capabilities.keyed_hash", "keyed-hash", 32, nil, 2),
  can_sign = ProtoField.bool("ted.capabilities.signature", "signature", 32, nil, 4),
  tells_tunnels = ProtoField.bool("ted.capabilities.tells_tunnels", "tells-tunnels", 32, nil, 8),
  tunnel_stands = ProtoField.bool("ted.capabilities.tunnel_stands", "tunnel-stands", 32, nil, 16),
  tunnel_coming = ProtoField.bool("ted.capabilities.tunnel_coming", "tunnel-coming", 32, nil, 32),
  tunnel_mine = ProtoField.bool("ted.capabilities.tunnel_mine", "tunnel-mine", 32, nil, 64),
  tunnel_yours = ProtoField.bool("ted.capabilities.tunnel_yours", "tunnel-yours", 32, nil, 128),
  echoes = ProtoField.bool("ted.capabilities.echoes", "echoes", 32, nil, 256),
  observes = ProtoField.bool("ted.capabilities.observes", "observes", 32, nil, 512),

  id_type = ProtoField.uint8("ted.id.type", "ID type", base.DEC, id_types),
  id_protocol = ProtoField.uint8("ted.id.protocol", "Protocol"),
  id_port = ProtoField.uint16("ted.id.port", "Port"),
  gateway4 = ProtoField.ipv4("ted.gateway4", "Gateway"),
  gateway6 = ProtoField.ipv6("ted.gateway6", "Gateway"),
  half4 = ProtoField.ipv4("ted.half_proxy.address4", "Half proxy, address"),
  half6 = ProtoField.ipv6("ted.half_proxy.address6", "Half proxy, address"),
  half_mask4 = ProtoField.ipv4("ted.half_proxy.mask4", "Half proxy, mask"),
  half_mask6 = ProtoField.ipv6("ted.half_proxy.mask6", "Half proxy, mask"),

  ted_version = ProtoField.uint8("ted.discovery.version", "Version of discovery"),
  ip_version = ProtoField.uint8("ted.ip.version", "IP version"),
  zero = ProtoField.uint8("ted.discovery.reserved", "Reserved", base.HEX),

  protocol = ProtoField.uint8("ted.summary.protocol", "Protocol of P", base.DEC, protocols),
  src4 = ProtoField.ipv4("ted.summary.src4", "Source of P"),
  src6 = ProtoField.ipv6("ted.summary.src6", "Source of P"),
  dst4 = ProtoField.ipv4("ted.summary.dst4", "Destination of P"),
  dst6 = ProtoField.ipv6("ted.summary.dst6", "Destination of P"),
  sport = ProtoField.uint16("ted.summary.srcport", "Source port of P (ICMP: type)"),
  dport = ProtoField.uint16("ted.summary.dstport", "Destination port of P (ICMP: code)"),

  proxy_protocol = ProtoField.uint8("ted.proxy.protocol", "Protocol", base.DEC, protocols),
  zeros = ProtoField.uint8("ted.proxy.zeros", "Ports that are 0 itself", base.HEX),
  local4 = ProtoField.ipv4("ted.proxy.local.address4", "Local address"),
  local6 = ProtoField.ipv6("ted.proxy.local.address6", "Local address"),
  local_mask4 = ProtoField.ipv4("ted.proxy.local.mask4", "Local mask"),
  local_mask6 = ProtoField.ipv6("ted.proxy.local.mask6", "Local mask"),
  remote4 = ProtoField.ipv4("ted.proxy.remote.address4", "Remote address"),
  remote6 = ProtoField.ipv6("ted.proxy.remote.address6", "Remote address"),
  remote_mask4 = ProtoField.ipv4("ted.proxy.remote.mask4", "Remote mask"),
  remote_mask6 = ProtoField.ipv6("ted.proxy.remote.mask6", "Remote mask"),
  local_port = ProtoField.uint16("ted.proxy.local.port", "Local port (0: any)"),
  remote_port = ProtoField.uint16("ted.proxy.remote.port", "Remote port (0: any)"),

  offer_protocol = ProtoField.uint8("ted.offer.protocol", "Protocol", base.DEC, protocols),
  offer_flags = ProtoField.uint8("ted.offer.flags", "Flags", base.HEX),
  takes_ranges = ProtoField.bool("ted.offer.takes_ranges", "Takes ranges of ports", 8, nil, 1),
  with_ports = ProtoField.bool("ted.offer.with_ports", "Ends carry ports", 8, nil, 2),
  locals = ProtoField.uint8("ted.offer.locals", "Local ends"),
  remotes = ProtoField.uint8("ted.offer.remotes", "Remote ends"),
  exemptions = ProtoField.uint8("ted.offer.exemptions", "Exemptions"),
  local_end = ProtoField.string("ted.offer.local", "Local end"),
  remote_end = ProtoField.string("ted.offer.remote", "Remote end"),
  exemption = ProtoField.string("ted.offer.exemption", "Exemption"),

  proof_time = ProtoField.absolute_time("ted.proof.time", "Made at", base.UTC),
  proof_milliseconds = ProtoField.uint64("ted.proof.milliseconds", "Made at, milliseconds since 1970"),
  certificate_encoding = ProtoField.uint8("ted.proof.certificate.encoding", "Encoding"),
  certificate = ProtoField.bytes("ted.proof.certificate", "Certificate"),
  signature = ProtoField.bytes("ted.proof.signature", "Signature"),
  keyed_hash = ProtoField.bytes("ted.proof.keyed_hash", "Keyed hash"),

  error = ProtoField.string("ted.error", "Fault"),
  error_offset = ProtoField.uint32("ted.error_offset", "Offset of the fault"),
  response_in = ProtoField.framenum("ted.response_in", "Response in", base.NONE, frametype.RESPONSE),
  response_to = ProtoField.framenum("ted.response_to", "Response to the probe in", base.NONE, frametype.REQUEST),
  response_time = ProtoField.double("ted.response_time", "Time since the probe, s"),
}
ted.fields = f

local e = {
  malformed = ProtoExpert.new("ted.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR),
  no_probe = ProtoExpert.new("ted.no_probe", "No probe in this capture has its cookie", expert.group.SEQUENCE, expert.severity.NOTE),
  repeated = ProtoExpert.new("ted.repeated", "The probe is repeated", expert.group.SEQUENCE, expert.severity.CHAT),
}
ted.experts = e

ted.prefs.always = Pref.bool("Take all of UDP port 500 for discovery", false,
                             "Off: what is neither a probe nor a response by its version and exchange type is left to ISAKMP")

-- ---- faults, reading

local function fault(name, offset)
  error({ name = name, offset = offset })
end

local function any_bit(range)
  return range:bytes():tohex():find("[^0]") ~= nil
end

local function is_icmp(protocol) return protocol == 1 or protocol == 58 end
local function has_ports(protocol)
  return protocol == 6 or protocol == 17 or protocol == 33 or protocol == 132 or protocol == 136 or is_icmp(protocol)
end

local function ip_text(range)
  return tostring(range:len() == 4 and range:ipv4() or range:ipv6())
end

-- Adds the field for the width of `range`.
local function add_ip(tree, v4, v6, range)
  return tree:add(range:len() == 4 and v4 or v6, range)
end

-- ---- payloads: each has the datagram `tvb`, its place `at` and length, its subtree, and what was found so far

local function read_id(tvb, at, length, tree, found)
  found.ids = found.ids + 1
  if found.ids > 2 then fault("too_many_ids", at) end
  if length < 8 then fault("id_length", at + 2) end
  local first, kind = found.ids == 1, tvb(at + 4, 1):uint()
  tree:add(f.id_type, tvb(at + 4, 1))
  tree:add(f.id_protocol, tvb(at + 5, 1))
  tree:add(f.id_port, tvb(at + 6, 2))
  if not id_types[kind] then fault("id_type_unsupported", at + 4) end
  local width = kind <= 4 and 4 or 16
  local subnet = kind == 4 or kind == 6
  if length ~= 8 + width * (subnet and 2 or 1) then fault("id_length", at + 2) end
  if first and subnet then fault("id_not_an_address", at + 4) end
  local protocol, port = tvb(at + 5, 1):uint(), tvb(at + 6, 2):uint()
  if protocol ~= 0 and not (first and protocol == 17) then fault("id_protocol_set", at + 5) end
  if port ~= 0 and not (first and port == 500) then fault("id_port_set", at + 6) end
  if first then
    add_ip(tree, f.gateway4, f.gateway6, tvb(at + 8, width))
    found.gateway = ip_text(tvb(at + 8, width))
    return
  end
  add_ip(tree, f.half4, f.half6, tvb(at + 8, width))
  if subnet then add_ip(tree, f.half_mask4, f.half_mask6, tvb(at + 8 + width, width)) end
  found.half_at, found.half_width = at, width
end

local function read_capabilities(tvb, at, length, tree, found)
  if found.capabilities then fault("duplicate_vendor", at) end
  if length ~= 24 then fault("vendor_length", at + 2) end
  found.capabilities = true
  local flags = tree:add(f.capabilities, tvb(at + 20, 4))
  found.echoes = math.floor(tvb(at + 20, 4):uint() / 256) % 2 == 1
  for _, flag in ipairs({ f.can_list, f.can_hash, f.can_sign, f.tells_tunnels, f.tunnel_stands, f.tunnel_coming, f.tunnel_mine, f.tunnel_yours, f.echoes, f.observes }) do
    flags:add(flag, tvb(at + 20, 4))
  end
end

-- The four bytes that summary, response and offer begin with. The width of the addresses.
local function read_versions(tvb, at, length, tree, name, length_of)
  if length < 24 then fault(name .. "_length", at + 2) end
  tree:add(f.ted_version, tvb(at + 20, 1))
  tree:add(f.ip_version, tvb(at + 21, 1))
  if tvb(at + 20, 1):uint() ~= 3 then fault(name .. "_version", at + 20) end
  local ip_version = tvb(at + 21, 1):uint()
  if ip_version ~= 4 and ip_version ~= 6 then fault(name .. "_ip_version", at + 21) end
  local width = ip_version == 4 and 4 or 16
  if length_of and length ~= length_of(width) then fault(name .. "_length", at + 2) end
  return width
end

local function read_summary(tvb, at, length, tree, found)
  if found.summary_width then fault("duplicate_summary", at) end
  if found.exchange == RESPONSE then fault("summary_in_response", at) end
  local width = read_versions(tvb, at, length, tree, "summary", function(w) return 28 + 2 * w end)
  local protocol, ports = tvb(at + 22, 1):uint(), at + 24 + 2 * width
  tree:add(f.protocol, tvb(at + 22, 1))
  tree:add(f.zero, tvb(at + 23, 1))
  add_ip(tree, f.src4, f.src6, tvb(at + 24, width))
  add_ip(tree, f.dst4, f.dst6, tvb(at + 24 + width, width))
  tree:add(f.sport, tvb(ports, 2))
  tree:add(f.dport, tvb(ports + 2, 2))
  if tvb(at + 23, 1):uint() ~= 0 then fault("summary_reserved_set", at + 23) end
  if protocol == 0 then fault("summary_protocol", at + 22) end
  local from, to = tvb(ports, 2):uint(), tvb(ports + 2, 2):uint()
  if (not has_ports(protocol) and (from ~= 0 or to ~= 0)) or (is_icmp(protocol) and (from > 255 or to > 255)) then
    fault("summary_ports", ports)
  end
  found.summary_width = width
  found.summary = string.format("%s %s > %s", protocols[protocol] or protocol, ip_text(tvb(at + 24, width)), ip_text(tvb(at + 24 + width, width)))
end

local function read_response(tvb, at, length, tree, found)
  if found.response_width then fault("duplicate_response", at) end
  if found.exchange == PROBE then fault("response_in_probe", at) end
  local width = read_versions(tvb, at, length, tree, "response", function(w) return 28 + 4 * w end)
  local protocol, zeros, ports = tvb(at + 22, 1):uint(), tvb(at + 23, 1):uint(), at + 24 + 4 * width
  tree:add(f.proxy_protocol, tvb(at + 22, 1))
  tree:add(f.zeros, tvb(at + 23, 1))
  for i, pair in ipairs({ { f.local4, f.local6 }, { f.local_mask4, f.local_mask6 }, { f.remote4, f.remote6 }, { f.remote_mask4, f.remote_mask6 } }) do
    add_ip(tree, pair[1], pair[2], tvb(at + 24 + (i - 1) * width, width))
  end
  tree:add(f.local_port, tvb(ports, 2))
  tree:add(f.remote_port, tvb(ports + 2, 2))
  if zeros > 3 then fault("response_reserved_set", at + 23) end
  local here, there = tvb(ports, 2):uint(), tvb(ports + 2, 2):uint()
  local given = here ~= 0 or there ~= 0 or zeros ~= 0
  if (not has_ports(protocol) and given) or (is_icmp(protocol) and (here > 255 or there > 255)) or (zeros % 2 == 1 and here ~= 0) or
      (zeros >= 2 and there ~= 0) then
    fault("response_ports", ports)
  end
  found.response_width = width
  found.proxy = string.format("%s/%s > %s/%s", ip_text(tvb(at + 24, width)), ip_text(tvb(at + 24 + width, width)),
                              ip_text(tvb(at + 24 + 2 * width, width)), ip_text(tvb(at + 24 + 3 * width, width)))
end

-- ---- the offer: what stands in it is as long as its prefixes need

-- Reads forward from `at`, never beyond `last`, the end of its payload.
local Reader = {}
Reader.__index = Reader

function Reader:take(count)
  if self.at + count > self.last then fault("offer_length", self.payload + 2) end
  self.at = self.at + count
  return self.tvb(self.at - count, count)
end

-- `ADDRESS/LENGTH`, or `ADDRESS/MASK`.
function Reader:address()
  local start = self.at
  local length = self:take(1):uint()
  if length == 255 then
    local address = ip_text(self:take(self.width))
    return address .. "/" .. ip_text(self:take(self.width))
  end
  if length > self.width * 8 then fault("offer_address", start) end
  local count = math.ceil(length / 8)
  local bytes = count > 0 and self:take(count):bytes() or ByteArray.new()
  if length % 8 ~= 0 and bytes:get_index(count - 1) % 2 ^ (8 - length % 8) ~= 0 then fault("offer_address", start) end
  bytes:set_size(self.width)
  return ip_text(bytes:tvb("network")()) .. "/" .. length
end

function Reader:ports(protocol)
  local start = self.at
  local first, last = self:take(2):uint(), self:take(2):uint()
  if first > last then fault("offer_ports", start) end
  if first == 0 and last == 65535 then return nil end
  if not has_ports(protocol) or (is_icmp(protocol) and last > 255) then fault("offer_ports", start) end
  return first == last and tostring(first) or first .. "-" .. last
end

function Reader:end_text(protocol, with_ports)
  local text = self:address()
  local ports = with_ports and self:ports(protocol)
  return ports and text .. " port " .. ports or text
end

function Reader:exemption()
  local protocol, start = self:take(1):uint(), self.at
  local flags = self:take(1):uint()
  if flags > 3 then fault("offer_reserved_set", start) end
  local near, far = self:address(), self:address()
  local near_ports = flags % 2 == 1 and self:ports(protocol)
  local far_ports = flags >= 2 and self:ports(protocol)
  return (protocols[protocol] or protocol) .. " " .. near .. (near_ports and " port " .. near_ports or "") .. " > " .. far ..
      (far_ports and " port " .. far_ports or "")
end

local function read_offer(tvb, at, length, tree, found)
  if found.offer_width then fault("duplicate_offer", at) end
  if found.exchange == PROBE then fault("offer_in_probe", at) end
  if length < 28 then fault("offer_length", at + 2) end
  local width = read_versions(tvb, at, length, tree, "offer")
  local protocol, flags = tvb(at + 22, 1):uint(), tvb(at + 23, 1):uint()
  tree:add(f.offer_protocol, tvb(at + 22, 1))
  local flag_tree = tree:add(f.offer_flags, tvb(at + 23, 1))
  for _, flag in ipairs({ f.takes_ranges, f.with_ports }) do flag_tree:add(flag, tvb(at + 23, 1)) end
  if flags > 3 then fault("offer_reserved_set", at + 23) end
  local counts = {}
  for i, field in ipairs({ f.locals, f.remotes, f.exemptions }) do
    tree:add(field, tvb(at + 23 + i, 1))
    counts[i] = tvb(at + 23 + i, 1):uint()
    if counts[i] > MAX_ENDS or (i < 3 and counts[i] == 0) then fault("offer_count", at + 24) end
  end
  tree:add(f.zero, tvb(at + 27, 1))
  if tvb(at + 27, 1):uint() ~= 0 then fault("offer_reserved_set", at + 27) end
  local reader = setmetatable({ tvb = tvb, at = at + 28, last = at + length, payload = at, width = width }, Reader)
  for i, field in ipairs({ f.local_end, f.remote_end, f.exemption }) do
    for _ = 1, counts[i] do
      local start = reader.at
      local text = i == 3 and reader:exemption() or reader:end_text(protocol, flags >= 2)
      tree:add(field, tvb(start, reader.at - start), text)
    end
  end
  if reader.at ~= reader.last then fault("offer_length", at + 2) end
  found.offer_width = width
end

-- ---- the proof: behind the payload that opens it nothing stands but its parts, in the order of PARTS

local PARTS = { [VENDOR] = 1, [CERTIFICATE] = 2, [SIGNATURE] = 3, [HASH] = 4 }

local function read_proof(tvb, at, length, tree, found)
  if found.part then fault("duplicate_proof", at) end
  if length ~= 28 then fault("proof_length", at + 2) end
  local milliseconds = tvb(at + 20, 8):uint64()
  tree:add(f.proof_milliseconds, tvb(at + 20, 8))
  local seconds = (milliseconds / 1000):tonumber()
  if seconds < 2 ^ 33 then
    tree:add(f.proof_time, tvb(at + 20, 8), NSTime.new(seconds, (milliseconds % 1000):tonumber() * 1000000))
  end
  found.part, found.certificates = 1, 0
end

local function read_proof_part(tvb, kind, at, length, tree, found)
  local part = PARTS[kind]
  if kind == CERTIFICATE and found.certificates == MAX_CERTIFICATES then fault("too_many_certificates", at) end
  if part < found.part or (part == found.part and kind ~= CERTIFICATE) then fault("proof_order", at) end
  found.part = part
  if kind == CERTIFICATE then
    found.certificates = found.certificates + 1
    if length < 6 or tvb(at + 4, 1):uint() ~= 4 then fault("certificate_encoding", at + 4) end
    tree:add(f.certificate_encoding, tvb(at + 4, 1))
    tree:add(f.certificate, tvb(at + 5, length - 5))
  elseif kind == SIGNATURE then
    if length ~= 68 then fault("signature_length", at + 2) end
    tree:add(f.signature, tvb(at + 4, 64))
    found.signed = true
  else
    if length ~= 36 then fault("keyed_hash_length", at + 2) end
    tree:add(f.keyed_hash, tvb(at + 4, 32))
    found.hashed = true
  end
end

local function check_proof(found, size)
  if not found.part then return end
  if (found.certificates > 0) ~= (found.signed or false) or not (found.signed or found.hashed) then fault("proof_incomplete", size) end
end

local vendors = { capabilities = read_capabilities, summary = read_summary, response = read_response, offer = read_offer, proof = read_proof }

local function read_vendor(tvb, at, length, tree, found)
  local known = length >= 20 and HASHES[tvb(at + 4, 16):bytes():tohex(true)]
  if length >= 20 then tree:add(f.hash, tvb(at + 4, 16)) end
  if known == "padding" then
    tree:add(f.padding, tvb(at, length))
  elseif known then
    tree:append_text(": " .. known)
    vendors[known](tvb, at, length, tree, found)
  elseif length > 4 then
    tree:add(f.unknown, tvb(at + 4, length - 4))
  end
end

-- ---- the datagram

local function read_header(tvb, tree, found)
  local size = tvb:len()
  if size > MAX_DATAGRAM then fault("datagram_too_long", MAX_DATAGRAM) end
  if size < HEADER then fault("truncated_header", size) end
  for _, part in ipairs({ { f.icookie, 0, 8 }, { f.rcookie, 8, 8 }, { f.next, 16, 1 }, { f.version, 17, 1 }, { f.exchange, 18, 1 },
                          { f.flags, 19, 1 }, { f.message_id, 20, 4 }, { f.length, 24, 4 } }) do
    tree:add(part[1], tvb(part[2], part[3]))
  end
  found.exchange = tvb(18, 1):uint()
  if tvb(17, 1):uint() ~= VERSION_1 then fault("not_isakmp_v1", 17) end
  if not exchanges[found.exchange] then fault("unknown_exchange", 18) end
  if tvb(19, 1):uint() ~= 0 then fault("flags_set", 19) end
  if tvb(20, 4):uint() ~= 0 then fault("message_id_set", 20) end
  if not any_bit(tvb(0, 8)) then fault("zero_initiator_cookie", 0) end
  found.answered = any_bit(tvb(8, 8))
  if found.exchange == RESPONSE and not found.answered then fault("zero_responder_cookie", 8) end
  local length = tvb(24, 4):uint()
  if length < HEADER then fault("length_too_small", 24) end
  if length > size then fault("truncated_datagram", 24) end
  if length < size then fault("trailing_bytes", length) end
end

local function opens_proof(tvb, at, length)
  return length >= 20 and HASHES[tvb(at + 4, 16):bytes():tohex(true)] == "proof"
end

local function read_payloads(tvb, tree, found)
  local kind, at, size, count = tvb(16, 1):uint(), HEADER, tvb:len(), 0
  while kind ~= 0 do
    count = count + 1
    if count > MAX_PAYLOADS then fault("too_many_payloads", at) end
    if at + 4 > size then fault("truncated_payload", at) end
    local length = tvb(at + 2, 2):uint()
    if tvb(at + 1, 1):uint() ~= 0 then fault("reserved_set", at + 1) end
    if length < 4 then fault("payload_too_short", at + 2) end
    if at + length > size then fault("truncated_payload", at) end
    local payload = tree:add(ted, tvb(at, length), "Payload: " .. (payload_types[kind] or kind))
    payload:add(f.next, tvb(at, 1))
    payload:add(f.reserved, tvb(at + 1, 1))
    payload:add(f.payload_length, tvb(at + 2, 2))
    if found.part and (kind ~= VENDOR and not PARTS[kind] or kind == VENDOR and not opens_proof(tvb, at, length)) then
      fault("proof_order", at)
    elseif found.part and kind ~= VENDOR then
      read_proof_part(tvb, kind, at, length, payload, found)
    elseif kind == ID then
      read_id(tvb, at, length, payload, found)
    elseif kind == VENDOR then
      read_vendor(tvb, at, length, payload, found)
    elseif length > 4 then
      payload:add(f.unknown, tvb(at + 4, length - 4))
    end
    kind, at = tvb(at, 1):uint(), at + length
  end
  if at ~= size then fault("trailing_bytes", at) end
end

local function judge_whole(tvb, found)
  local size = tvb:len()
  check_proof(found, size)
  if found.exchange == PROBE and found.answered and not found.echoes then fault("responder_cookie_set", 8) end
  if found.ids == 0 then fault("missing_id", size) end
  if found.offer_width and found.offer_width ~= found.response_width then fault("offer_alone", size) end
  local width = found.summary_width or found.response_width
  found.asks_echo = found.exchange == RESPONSE and not width and not found.half_at
  if found.asks_echo and not found.echoes then fault("missing_half_proxy", size) end
  if width and found.half_at and found.half_width ~= width then fault("half_proxy_family", found.half_at) end
end

-- ---- probes and their responses, by the initiator's cookie

local probes = {}   -- cookie: the frame and time of the first and of the last probe, and of the first response

function ted.init() probes = {} end

local function link(tvb, pinfo, tree, found)
  local cookie = tvb(0, 8):bytes():tohex()
  local probe = probes[cookie]
  if found.exchange == PROBE then
    if not pinfo.visited then
      if probe then
        probe.last, probe.times[pinfo.number] = pinfo.number, pinfo.abs_ts
      else
        probes[cookie] = { first = pinfo.number, last = pinfo.number, times = { [pinfo.number] = pinfo.abs_ts } }
      end
    end
    probe = probes[cookie]
    if probe.answer then tree:add(f.response_in, probe.answer):set_generated() end
    if probe.first ~= pinfo.number then tree:add_proto_expert_info(e.repeated) end
    return
  end
  if not probe then return tree:add_proto_expert_info(e.no_probe) end
  if not pinfo.visited then
    if not found.asks_echo then probe.answer = probe.answer or pinfo.number end
    probe.asked = probe.asked or {}
    probe.asked[pinfo.number] = probe.last
  end
  local asked = probe.asked[pinfo.number]
  tree:add(f.response_to, asked):set_generated()
  tree:add(f.response_time, pinfo.abs_ts - probe.times[asked]):set_generated()
end

local function describe(pinfo, tree, found)
  local exchange = exchanges[found.exchange]
  local form = (found.summary or found.proxy or found.asks_echo) and "version 3" or "draft"
  tree:add(f.form, form):set_generated()
  local text = exchange .. (form == "draft" and ", draft form" or "") .. " from " .. found.gateway
  if found.asks_echo then text = text .. ", asks for an echo of its cookie" end
  if found.exchange == PROBE and found.answered then text = text .. ", echoes a cookie" end
  if found.summary then text = text .. ": " .. found.summary end
  if found.proxy then text = text .. ": " .. found.proxy end
  tree:append_text(", " .. text)
  pinfo.cols.info = "TED " .. text
end

local function is_ted(tvb)
  return tvb:len() >= 19 and tvb(17, 1):uint() == VERSION_1 and exchanges[tvb(18, 1):uint()] ~= nil
end

local isakmp = Dissector.get("isakmp")

function ted.dissector(tvb, pinfo, root)
  if not ted.prefs.always and not is_ted(tvb) then return isakmp:call(tvb, pinfo, root) end
  pinfo.cols.protocol = "TED"
  local tree = root:add(ted, tvb())
  local found = { ids = 0 }
  local fine, what = pcall(function()
    read_header(tvb, tree, found)
    read_payloads(tvb, tree, found)
    judge_whole(tvb, found)
  end)
  if fine then
    describe(pinfo, tree, found)
    link(tvb, pinfo, tree, found)
    return tvb:len()
  end
  if type(what) ~= "table" then error(what, 0) end   -- a mistake of this script, not of the datagram
  local at = math.min(what.offset, math.max(tvb:len() - 1, 0))
  local item = tree:add(f.error, tvb(at, tvb:len() - at > 0 and 1 or 0), what.name)
  item:set_generated()
  item:add_proto_expert_info(e.malformed, what.name .. " at " .. what.offset)
  tree:add(f.error_offset, what.offset):set_generated()
  pinfo.cols.info = string.format("TED malformed: %s at offset %d", what.name, what.offset)
  return tvb:len()
end

DissectorTable.get("udp.port"):add(500, ted)
-- A probe has P's source port, which may be another protocol's.
ted:register_heuristic("udp", function(tvb, pinfo, root)
  if pinfo.dst_port ~= 500 or not is_ted(tvb) then return false end
  ted.dissector(tvb, pinfo, root)
  return true
end)
