#compdef supervisorctl
# zsh completion for supervisorctl:  source <(supervisorctl completion zsh)
# or, as a file named _supervisorctl, in a directory of $fpath.

_supervisorctl() {
    local -a command=("${(Q)words[1]/#\~/$HOME}") found
    local -i at=2
    while ((at < CURRENT)); do
        case $words[at] in
            (-o|--output|--timeout) ((at += 2)) ;;
            (--no-wait|--output=*|--timeout=*) ((at += 1)) ;;
            (-[cprsu]|--configuration|--cacert|--history_file|--password|--serverurl|--username)
                command+=("${(Q)words[at]}" "${(Q)words[at + 1]}")
                ((at += 2))
                ;;
            (-*)
                command+=("${(Q)words[at]}")
                ((at += 1))
                ;;
            (*) break ;;
        esac
    done
    if ((at > CURRENT)); then
        case $words[CURRENT-1] in
            (-o|--output) compadd json text ;;
            (*) _files ;;
        esac
        return
    fi
    if ((at == CURRENT)) && [[ $PREFIX == -* ]]; then
        compadd -- --configuration --cacert --help --interactive --serverurl --username --password \
            --history_file --output --timeout --no-wait
        return
    fi
    local line="${(Qj: :)words[at,CURRENT-1]}"
    ((at < CURRENT)) && line+=" "
    line+="${(Q)PREFIX}|"
    found=("${(@f)$("${command[@]}" completion candidates "$line" 2>/dev/null </dev/null)}")
    found=(${found:#})
    compadd -a found
}

if [[ $funcstack[1] == _supervisorctl ]]; then
    _supervisorctl "$@"
elif (($+functions[compdef])); then
    compdef _supervisorctl supervisorctl
fi
