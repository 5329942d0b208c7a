# The walk over the words before the cursor; the lists that it reads are made by cli_completion_shells.ts.
function __touchline_line
  set -l line
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
    else if string match -q -- '-*' $word
      contains -- "$line $word" $__touchline_with_value; and set skip 1
    else
      set -l longer (string trim -- "$line $word")
      if contains -- $longer $__touchline_commands; or string match -q -- "$longer *" $__touchline_commands
        set line $longer
      end
    end
  end
  echo -- "$line"
end
function __touchline_at
  test (__touchline_line) = "$argv[1]"
end
