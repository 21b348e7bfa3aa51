"""Blocks of shell that no test types, each with the reason: by page and first line. What they call of ours is parsed all the same."""

# Typed in the clean Debian tree of tests/packaging/test_package, and not on the machine of whoever runs the tests.
IN_TREE = {
    ("docs/tutorial.md", "apt-get update"): "installs the packages into the machine that it is typed on",
}

_SYSTEMD = "systemctl: systemd is no machine's first process here"
NOWHERE = {
    ("README.md", "./demo      # two gateways that know nothing of each other, real packets, real strongSwan, a capture of the middle link"):
        "the suite `demo`, and the command that runs this test",
    ("docs/configuration.md", "tedd --check --config FILE    # the file and the psk_file, or certificates; run it before a reload"): "FILE stands for a name",
    ("docs/performance.md", "./build && out/release/bin/tedbench all --runs 40          # as root; add --json for programs"): "hours; tedbench is no test",
    ("docs/running.md", "systemctl start strongswan"): _SYSTEMD,
    ("docs/running.md", "export STRONGSWAN_CONF=/srv/gwA/strongswan.conf"): "the tutorial types the same, and labs start theirs so",
    ("docs/running.md", "mkdir -p /run/opented                 # for the control socket; tedd does not make it"):
        "one line runs in the foreground; the tutorial types the others",
    ("docs/running.md", "tshark -X lua_script:wireshark/opented.lua -r capture.pcap -Y ted"): "wants a capture; the suite `dissector` has some",
    ("docs/simulator.md", "tedsim --gateways 100 --hosts 10000 --flows 5000 --loss 0.2 --partition 2:10 --churn 5 --calm 30 --json"):
        "minutes; the suite `simulation` runs a thousand such worlds",
    ("docs/tutorial.md", "chown _opented /etc/opented/psk"): _SYSTEMD + "; lab 48 runs tedd as that user",
    ("docs/tutorial.md", "systemctl disable --now tedd"): _SYSTEMD,
}
