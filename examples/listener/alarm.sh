#!/bin/sh
# An event listener: writes a line to stderr for each program that crashed or was given up.
# docs/events.md tells the protocol.

# The value of a token, such as `processname:web`, in a line of them: token NAME LINE.
token() {
    value=" $2"
    value=${value##* "$1":}
    printf '%s' "${value%% *}"
}

while :; do
    echo READY
    read -r header || exit 0
    payload=$(head -c "$(token len "$header")")
    name=$(token groupname "$payload"):$(token processname "$payload")

    case $(token eventname "$header") in
    PROCESS_STATE_FATAL)
        echo "$name can't be started" >&2
        ;;
    PROCESS_STATE_EXITED)
        [ "$(token expected "$payload")" = 1 ] || echo "$name crashed" >&2
        ;;
    esac

    # No newline after OK: the number is the length of what follows its line.
    printf 'RESULT 2\nOK'
done
