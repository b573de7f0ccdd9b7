# bash completion for supervisorctl:  source <(supervisorctl completion bash)

_supervisorctl() {
    local line=${COMP_LINE:0:COMP_POINT} words=() at=1 candidate
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    local last=$((${#words[@]} - 1))
    local current=${words[last]} command=("${words[0]/#\~/$HOME}")
    COMPREPLY=()

    while ((at < last)); do
        case ${words[at]} in
            -o | --output | --timeout) ((at += 2)) ;;
            --no-wait | --output=* | --timeout=*) ((at += 1)) ;;
            -[cprsu] | --configuration | --cacert | --history_file | --password | --serverurl | --username)
                command+=("${words[at]}" "${words[at + 1]}")
                ((at += 2))
                ;;
            -*) command+=("${words[at++]}") ;;
            *) break ;;
        esac
    done
    if ((at > last)); then
        case ${words[last - 1]} in
            -o | --output) COMPREPLY=($(compgen -W "json text" -- "$current")) ;;
            *) compopt -o default 2>/dev/null ;;
        esac
        return
    fi
    if ((at == last)) && [[ $current == --output=* ]]; then
        COMPREPLY=($(compgen -W "json text" -- "${current#*=}"))
        [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/--output=}")
        return
    fi
    if ((at == last)) && [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "--configuration --cacert --help --interactive --serverurl --username \
            --password --history_file --output --timeout --no-wait" -- "$current"))
        return
    fi

    # bash takes what is before a colon or an equals sign for a word of its own.
    local before=
    [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && before=${current%"${current##*:}"}
    [[ $COMP_WORDBREAKS == *=* && $current == --*=* ]] && before=${current%"${current##*=}"}
    while IFS= read -r candidate; do
        COMPREPLY+=("${candidate#"$before"}")
    done < <("${command[@]}" completion candidates "${words[*]:at}|" 2>/dev/null </dev/null)
}

complete -F _supervisorctl supervisorctl
