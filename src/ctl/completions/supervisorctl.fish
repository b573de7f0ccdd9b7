# fish completion for supervisorctl:  supervisorctl completion fish | source

function __supervisorctl_candidates
    set -l words (commandline -opc)
    set -l command $words[1]
    set -l at 2
    while test $at -le (count $words)
        switch $words[$at]
            case -o --output --timeout
                set at (math $at + 2)
            case --no-wait '--output=*' '--timeout=*'
                set at (math $at + 1)
            case -c -p -r -s -u --configuration --cacert --history_file --password --serverurl --username
                set -a command $words[$at] $words[(math $at + 1)]
                set at (math $at + 2)
            case '-*'
                set -a command $words[$at]
                set at (math $at + 1)
            case '*'
                break
        end
    end
    set -l line
    if test $at -le (count $words)
        set line (string join ' ' -- $words[$at..-1])' '
    end
    $command completion candidates "$line"(commandline -ct)'|' 2>/dev/null </dev/null
end

complete -c supervisorctl -f -a '(__supervisorctl_candidates)'
complete -c supervisorctl -s c -l configuration -r -F -d 'configuration file'
complete -c supervisorctl -s s -l serverurl -x -d 'where supervisord listens'
complete -c supervisorctl -l cacert -r -F -d 'certificates to trust a server by'
complete -c supervisorctl -s u -l username -x -d 'user name for the server'
complete -c supervisorctl -s p -l password -x -d 'password for the server'
complete -c supervisorctl -s r -l history_file -r -F -d 'file of the history'
complete -c supervisorctl -s i -l interactive -d 'let the action ask'
complete -c supervisorctl -s h -l help -d 'tell the options'
complete -c supervisorctl -s o -l output -x -a 'json text' -d 'what reading actions print'
complete -c supervisorctl -l timeout -x -d 'seconds to wait at most'
complete -c supervisorctl -l no-wait -d 'do not wait for the outcome'
