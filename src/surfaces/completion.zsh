# The walk over the words before the cursor; the tables that it asks are made by cli_completion_shells.ts.
_touchline() {
  local at word line='' skip='' cur="${words[CURRENT]}" prev="${words[CURRENT-1]}"
  for ((at = 2; at < CURRENT; at++)); do
    word="${words[at]}"
    if [[ -n $skip ]]; then skip=''; continue; fi
    if [[ $word == -*=* ]]; then continue; fi
    if [[ $word == -* ]]; then skip="$(_touchline_takes_value "$line" "$word")"; continue; fi
    if [[ " $(_touchline_next "$line") " == *" $word "* ]]; then line="${line:+$line }$word"; fi
  done
  if [[ $cur == -*=* ]]; then
    local option="${cur%%=*}"
    compset -P '*='
    compadd -- ${=$(_touchline_values "$line" "$option")}
  elif [[ $prev == -* && -n $(_touchline_takes_value "$line" "$prev") ]]; then
    compadd -- ${=$(_touchline_values "$line" "$prev")}
  elif [[ $cur == -* ]]; then
    compadd -- ${=$(_touchline_options "$line")}
  elif [[ -n $(_touchline_takes_file "$line") ]]; then
    _files
  else
    compadd -- ${=$(_touchline_next "$line")} ${=$(_touchline_choices "$line")}
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _touchline touchline
