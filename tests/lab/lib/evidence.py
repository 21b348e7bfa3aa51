"""What a run of figure 1 leaves as proof: counted, decoded and compared, all of it from the capture and from strongSwan's own listing."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from . import ted
from .capture import counts, encrypted, in_the_clear
from .figure1 import Exchange, Figure1, find_exchange
from .packets import Kind, Packet
from .selector import Selector
from .traffic import Crossing


@dataclass
class Evidence:
    """Times are in milliseconds from the moment h1 sent its first packet."""

    dataplane: str
    crossing: Crossing
    answered: int
    packets: list[Packet]
    exchange: Exchange | None
    agreed: Selector
    selectors_a: list[Selector]
    selectors_b: list[Selector]
    clear: list[Packet]
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def milliseconds(self, packet: Packet | None) -> float | None:
        return round((packet.time - self.crossing.sent_at) * 1000, 2) if packet else None

    def first(self, *kinds: Kind) -> Packet | None:
        return next((packet for packet in self.packets if packet.kind in kinds), None)

    def directions(self) -> tuple[int, int]:
        """How many ESP packets went out of gwA and how many came to it."""
        carried = encrypted(self.packets)
        near = carried[0].source if carried else None
        out = sum(packet.source == near for packet in carried)
        return out, len(carried) - out

    def json(self) -> dict[str, Any]:
        exchange = self.exchange
        return {
            "ok": self.ok,
            "problems": self.problems,
            "dataplane": self.dataplane,
            "capture": counts(self.packets),
            "encrypted_packets": len(encrypted(self.packets)),
            "clear_packets": len(self.clear),
            "pings": {"lost": self.crossing.lost, "answered": self.answered},
            "probe": _message(exchange.probe, exchange.probe_packet) if exchange else None,
            "response": _message(exchange.response, exchange.response_packet) if exchange else None,
            "intersection": asdict(self.agreed),
            "selectors": {"gwA": [asdict(found) for found in self.selectors_a], "gwB": [asdict(found) for found in self.selectors_b]},
            "times_ms": {
                "probe": self.milliseconds(exchange.probe_packet) if exchange else None,
                "response": self.milliseconds(exchange.response_packet) if exchange else None,
                "first_ike": self.milliseconds(self.first(Kind.IKE)),
                "last_ike_before_esp": self.milliseconds(_last_before_esp(self.packets)),
                "first_esp": self.milliseconds(self.first(Kind.ESP, Kind.ESP_IN_UDP)),
                "first_answer": round((self.crossing.answered_at - self.crossing.sent_at) * 1000, 2),
            },
        }


def _last_before_esp(packets: list[Packet]) -> Packet | None:
    last = None
    for packet in packets:
        if packet.kind in (Kind.ESP, Kind.ESP_IN_UDP):
            break
        last = packet if packet.kind is Kind.IKE else last
    return last


def _message(message: ted.Message, packet: Packet) -> dict[str, Any]:
    """A decoded datagram with the addresses it travelled under."""
    ports = packet.ports
    found: dict[str, Any] = {"from": f"{packet.source}:{ports[0]}", "to": f"{packet.destination}:{ports[1]}", "length": len(packet.datagram),
                             "icookie": message.initiator_cookie.hex(), "rcookie": message.responder_cookie.hex(), "gateway": str(message.gateway),
                             "half_proxy": str(message.half_proxy) if message.half_proxy else None}
    if summary := message.summary:
        found["summary"] = {"protocol": summary.protocol, "src": str(summary.source), "dst": str(summary.destination),
                            "sport": summary.source_port, "dport": summary.destination_port}
    if proxy := message.proxy:
        found["proxy"] = {"protocol": proxy.protocol or "any", "local": str(proxy.local), "remote": str(proxy.remote),
                          "local_port": proxy.local_port or "any", "remote_port": proxy.remote_port or "any"}
    return found


def gather(figure: Figure1, dataplane: str, crossing: Crossing, answered: int) -> Evidence:
    """Everything so far, judged: `problems` names whatever is not as it must be."""
    packets = figure.middle.flush()
    plan = figure.plan
    found = Evidence(dataplane, crossing, answered, packets, find_exchange(packets, plan.h1, plan.h2), figure.agreed,
                     figure.a.selectors(), figure.b.selectors(), in_the_clear(packets, plan.near, plan.far))
    out, back = found.directions()
    judged = {
        "the first packet was not dropped": crossing.lost >= 1,
        "no ping was answered": answered > 0,
        "no TED probe with a response to it in the capture": found.exchange is not None,
        "no IKE in the capture": found.first(Kind.IKE) is not None,
        "fewer ESP packets in the capture than pings were answered": min(out, back) >= answered,
        "packets of the flow crossed in the clear": not found.clear,
        "gwA's selectors are not exactly the intersection": found.selectors_a == [figure.agreed],
        "gwB's selectors are not exactly the intersection": found.selectors_b == [figure.agreed.mirrored()],
    }
    found.problems = [problem for problem, fine in judged.items() if not fine]
    return found
