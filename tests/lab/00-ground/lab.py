"""Plain strongSwan and a guard written by hand: what the other labs build on, and proof that their main assertion can fail."""
from lib import nft
from lib.capture import encrypted, in_the_clear
from lib.charon import Charon, Dataplane
from lib.lab import Lab
from lib.selector import Selector
from lib.traffic import Ping, answered

PROVES = "plain strongSwan, told peer and selectors, encrypts; the guard drops before and after; a leak shows in the capture"
DATAPLANES = (Dataplane.USERSPACE, Dataplane.KERNEL)
NEEDS = ()

CONNECTION = """
connections {{ net {{ version = 2
  local_addrs = {local}
  remote_addrs = {remote}
  proposals = aes256gcm16-prfsha256-ecp256
  local {{ auth = psk }}
  remote {{ auth = psk }}
  children {{ net {{ local_ts = {local_ts}
    remote_ts = {remote_ts}
    esp_proposals = aes256gcm16-ecp256 }} }} }} }}
secrets {{ ike-lab {{ secret = "not a secret" }} }}
"""

GUARD = """
table inet opented {
  chain g_forward { type filter hook forward priority 300; policy accept;
    rt ipsec exists accept
    meta ipsec exists accept
    iifname "ipsec0" accept
    oifname "ipsec0" accept
    ip saddr 10.1.0.0/24 ip daddr 10.2.0.0/24 log group 7 snaplen 2048 drop
    ip daddr 10.1.0.0/24 ip saddr 10.2.0.0/24 drop
  }
}
"""


def load(charon: Charon, local: str, remote: str, local_ts: str, remote_ts: str) -> None:
    charon.load(CONNECTION.format(local=local, remote=remote, local_ts=local_ts, remote_ts=remote_ts))


def run(lab: Lab) -> None:
    network = lab.network()
    h1 = network.host("h1").address("eth0", "10.1.0.10/24").route("default", "10.1.0.1")
    a = network.router("gwA").address("lan", "10.1.0.1/24").address("wan", "192.0.2.1/24").route("10.2.0.0/24", "192.0.2.2")
    b = network.router("gwB").address("lan", "10.2.0.1/24").address("wan", "192.0.2.2/24").route("10.1.0.0/24", "192.0.2.1")
    h2 = network.host("h2").address("eth0", "10.2.0.10/24").route("default", "10.2.0.1")
    network.link(h1, "eth0", a, "lan")
    cable = network.tapped_link("wire", a, "wan", b, "wan")
    network.link(b, "lan", h2, "eth0")
    network.build()
    charons = lab.charon(a), lab.charon(b)
    for charon in charons:
        charon.wait_ready()
    load(charons[0], "192.0.2.1", "192.0.2.2", "10.1.0.0/24", "10.2.0.0/24")
    load(charons[1], "192.0.2.2", "192.0.2.1", "10.2.0.0/24", "10.1.0.0/24")

    middle = lab.capture(cable, "left", "leak")
    ping = Ping(h1, "10.2.0.10")
    lab.check(answered(ping, 2) == 2, "without guard and tunnel, pings cross")
    lab.check(len(in_the_clear(middle.stop(), "10.1.0.0/24", "10.2.0.0/24")) == 4, "and the capture shows each of them in the clear, there and back")

    middle = lab.capture(cable, "left", "middle")
    nft.load(a, GUARD)
    lab.check(nft.tables(a) == {"opented"}, "the guard stands")
    lab.check(answered(ping, 2) == 0, "with the guard and no tunnel, none crosses")
    charons[0].initiate("net")
    wanted = Selector("10.1.0.0/24", "10.2.0.0/24")
    lab.check(charons[0].selectors() == [wanted], "gwA's selectors are the ones it was told", str(charons[0].sas()))
    lab.check(charons[1].selectors() == [wanted.mirrored()], "gwB's selectors are the same, mirrored", str(charons[1].sas()))
    lab.cross(ping, "a ping through the tunnel")
    lab.check(answered(ping, 3) == 3, "with the guard and the tunnel, all cross")
    for charon in charons:
        charon.stop()
    lab.check(answered(ping, 2) == 0, "after strongSwan ended, none crosses")
    packets = middle.stop()
    lab.check(len(encrypted(packets)) >= 8, "the capture shows ESP")
    lab.check(not in_the_clear(packets, "10.1.0.0/24", "10.2.0.0/24"), "and not one packet in the clear since the guard stood")
