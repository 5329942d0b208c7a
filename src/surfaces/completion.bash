# The walk over the words before the cursor; the tables that it asks are made by cli_completion_shells.ts.
_touchline() {
  local at word line='' skip='' cur prev words
  COMPREPLY=()
  # Bash takes "=" for a word of its own: --status=held comes as three.
  cur="${COMP_WORDS[COMP_CWORD]}"
  prev="${COMP_WORDS[COMP_CWORD-1]}"
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="${COMP_WORDS[at]}"
    if [[ $word == '=' ]]; then continue; fi
    if [[ -n $skip ]]; then skip=''; continue; fi
    if [[ $word == -* ]]; then skip="$(_touchline_takes_value "$line" "$word")"; continue; fi
    if [[ " $(_touchline_next "$line") " == *" $word "* ]]; then line="${line:+$line }$word"; fi
  done
  if [[ $prev == -* && -n $(_touchline_takes_value "$line" "$prev") ]]; then
    words="$(_touchline_values "$line" "$prev")"
  elif [[ $cur == -* ]]; then
    words="$(_touchline_options "$line")"
  else
    words="$(_touchline_next "$line") $(_touchline_choices "$line")"
    if [[ -n $(_touchline_takes_file "$line") ]]; then
      compopt -o filenames 2>/dev/null
      local IFS=$'\n'
      COMPREPLY=($(compgen -f -- "$cur"))
      return
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _touchline touchline
