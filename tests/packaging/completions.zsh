#!/usr/bin/zsh -f
# completions.zsh FOLDER LINE   what zsh offers at the end of that line with the completions of that folder, one a line.
# A completion only works at a line that is edited, so an interactive zsh is given one, and tells what would be added to it.
zmodload zsh/zpty
typeset line
integer marks=0
zpty asked zsh -f -i
() {
  zpty -w asked "source $1"
  while zpty -r asked line; do [[ $line == *ready* ]] && break; done
} =(<<<"
PROMPT=
fpath=(${(q)1} \$fpath)
autoload -Uz compinit
compinit -u -D
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
mark() { print -r -- '<mark>' }
compprefuncs=(mark)
comppostfuncs=(mark exit)
compadd() {
  # With these it only looks for matches, into an array of its caller.
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd \"\$@\"; return; fi
  local -a hits
  builtin compadd -A hits \"\$@\"
  (( \$#hits )) && print -rl -- '<'\${^hits}'>'
}
print rea''dy
")
zpty -w asked "$2"$'\t'
while zpty -r asked line; do
  line=${line//[$'\r\n']}
  if [[ $line == *'<mark>'* ]]; then
    (( ++marks == 2 )) && break
  elif (( marks )) && [[ $line == *'<'*'>' ]]; then
    print -r -- ${${line##*'<'}%'>'}
  fi
done
zpty -d asked
