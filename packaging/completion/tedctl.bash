# bash completion for tedctl(1)
_tedctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' i
  local commands="status tunnels pending peers observe counters rules history watch why report reload release trace forget check explain import decode encode pki help"
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket) ((i++)) ;;
      -*) ;;
      *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  if [[ $command == report && $prev == --from ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return; fi
  case $prev in
    --socket | --config | --peer | -r | -o | --output | --ca | --out) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "ios swanctl" -- "$cur"); return ;;
    --dataplane) mapfile -t COMPREPLY < <(compgen -W "kernel userspace" -- "$cur"); return ;;
    --key) mapfile -t COMPREPLY < <(compgen -W "ecdsa ed25519" -- "$cur"); return ;;
    --proto) mapfile -t COMPREPLY < <(compgen -W "tcp udp icmp ipv6-icmp sctp dccp udplite gre esp ah" -- "$cur"); return ;;
  esac
  local words
  case $command in
    '') words="$commands --json --socket --version --help" ;;
    counters) words="--all --help" ;;
    help) words="$commands --help" ;;
    trace) words="--from --proto --port --help" ;;
    check) words="--interface --help" ;;
    explain) words="--config --peer --interface --peer-interface --flow --batch --dataplane --help" ;;
    import) words="--format --output -o --help" ;;
    report) words="--output -o --from --help" ;;
    pki) words="ca gateway revoke show --name --out --ca --address --blocks --days --key --help" ;;
    decode) words="-r --help" ;;
    *) words="--help" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  if [[ $command == check || $command == import || $command == pki && $i -lt $((COMP_CWORD - 1)) ]] && [[ $cur != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur"); fi
}
complete -o filenames -F _tedctl tedctl
