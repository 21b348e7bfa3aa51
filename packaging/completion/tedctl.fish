# fish completion for tedctl(1)
# The value of --socket is no command.
function __tedctl_needs_command
  set -l words (commandline -opc)
  set -e words[1]
  while set -q words[1]
    switch $words[1]
      case --socket
        set -e words[1]
      case '-*'
      case '*'
        return 1
    end
    set -e words[1]
  end
end
complete -c tedctl -f
complete -c tedctl -n __tedctl_needs_command -l json -d 'answer in JSON'
complete -c tedctl -n __tedctl_needs_command -l socket -r -F -d 'the control socket'
complete -c tedctl -n __tedctl_needs_command -l version -d 'print the version'
complete -c tedctl -s h -l help -d 'print a summary'
for entry in 'status:the daemon at a glance' 'tunnels:what is up, to whom, and what it carries' \
    'pending:discoveries under way and destinations held down' 'peers:the gateways that the daemon has heard from' 'observe:what would be protected by whom' \
    'counters:what the daemon counts' 'rules:the policy in force' 'watch:events as they happen' \
    'history:what happened lately' 'report:a page about this gateway' \
    'why:how a flow fares here, and why' \
    'reload:read the configuration again' 'release:take the guard down on purpose' 'trace:one discovery without a tunnel' \
    'forget:close the tunnels to a peer' 'check:validate a configuration' 'explain:what becomes of a flow' 'import:rules out of another configuration' \
    'decode:a datagram in words or JSON' 'encode:JSON in, hex out' \
    'pki:an authority and certificates for labs and small sites' 'help:what --help says of a command'
  set -l parts (string split -m 1 : -- $entry)
  complete -c tedctl -n __tedctl_needs_command -a $parts[1] -d $parts[2]
end
complete -c tedctl -n '__fish_seen_subcommand_from counters' -l all -d 'also those that are zero'
complete -c tedctl -n '__fish_seen_subcommand_from trace' -l from -x -d source
complete -c tedctl -n '__fish_seen_subcommand_from trace' -l proto -x -a 'tcp udp icmp ipv6-icmp sctp dccp udplite gre esp ah'
complete -c tedctl -n '__fish_seen_subcommand_from trace' -l port -x -d 'destination port'
complete -c tedctl -n '__fish_seen_subcommand_from check' -F
complete -c tedctl -n '__fish_seen_subcommand_from check explain' -l interface -x
complete -c tedctl -n '__fish_seen_subcommand_from explain' -l peer-interface -x
complete -c tedctl -n '__fish_seen_subcommand_from explain' -l config -r -F
complete -c tedctl -n '__fish_seen_subcommand_from explain' -l peer -r -F
complete -c tedctl -n '__fish_seen_subcommand_from explain' -l flow -x
complete -c tedctl -n '__fish_seen_subcommand_from explain' -l batch
complete -c tedctl -n '__fish_seen_subcommand_from explain' -l dataplane -x -a 'kernel userspace'
complete -c tedctl -n '__fish_seen_subcommand_from import' -F
complete -c tedctl -n '__fish_seen_subcommand_from import' -l format -x -a 'ios swanctl'
complete -c tedctl -n '__fish_seen_subcommand_from import' -s o -l output -r -F -d 'write to this new file'
complete -c tedctl -n '__fish_seen_subcommand_from report' -s o -l output -r -F -d 'write to this file'
complete -c tedctl -n '__fish_seen_subcommand_from report' -l from -r -F -d 'what --json wrote'
complete -c tedctl -n '__fish_seen_subcommand_from decode' -s r -r -F -d 'a pcap file'
complete -c tedctl -n '__fish_seen_subcommand_from pki; and not __fish_seen_subcommand_from ca gateway revoke show' -a 'ca gateway revoke show'
complete -c tedctl -n '__fish_seen_subcommand_from pki; and __fish_seen_subcommand_from revoke show' -F
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l name -x
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l blocks -x
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l days -x
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l address -x
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l out -r -F -d 'a folder'
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l ca -r -F -d 'the folder of the authority'
complete -c tedctl -n '__fish_seen_subcommand_from pki' -l key -x -a 'ecdsa ed25519'
