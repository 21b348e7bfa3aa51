"""What labs with old peers share: rules that take the draft form, and what an answer in it must be."""
from __future__ import annotations

from dataclasses import replace

from .lab import Lab
from .old_peer import Fields, OldPeer
from .tedd import Rule


def with_draft(rules: list[Rule]) -> list[Rule]:
    return [replace(rule, draft=True) for rule in rules]


def check_response(lab: Lab, old: OldPeer, probe: Fields, response: Fields, responder: str, half: str) -> None:
    """Says what the old peer heard, by scapy's reading, which is not ours."""
    ends = (response["source"], response["destination"], response["ports"])
    lab.check(ends == (responder, old.gateway, [500, 500]), "the response went from gateway to gateway, port 500 to 500", str(ends))
    header = [response[key] for key in ("version", "exchange", "flags", "message_id")]
    lab.check(header == [0x10, 241, 0, 0], "version 1.0, exchange 241, no flags, message ID 0", str(header))
    lab.check(response["icookie"] == probe["icookie"] and int(response["rcookie"], 16) != 0, "the probe's cookie, and one of its own")
    lengths = [response[key] for key in ("length", "bytes", "read")]
    lab.check(len(set(lengths)) == 1 and lengths[0] <= probe["bytes"], "its length is what came and what its payloads need, and no more than the probe's", str(lengths))
    lab.check(response["ids"] == [responder, half] and response["other_payloads"] == 0, "two IDs and nothing else: the gateway and its half proxy", str(response))
    lab.check(response["protocols_and_ports"] == [[0, 0], [0, 0]], "without protocol and port")
