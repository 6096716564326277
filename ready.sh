#!/usr/bin/env bash
# Waits until the service on port $1 is ready, as long as process $2 lives; says why when it is not.
set -uo pipefail
told=
while kill -0 "$2" 2>/dev/null; do
    answer=$(curl --silent --max-time 5 --write-out '\n%{http_code}' "http://127.0.0.1:$1/readyz")
    case ${answer##*$'\n'} in
    200) exit 0 ;;
    503)
        if [ -z "$told" ]; then
            printf '\nNot ready: %s\n' "$(sed -n 's/.*"detail": *"\([^"]*\)".*/\1/p' <<<"$answer")" >&2
            told=yes
        fi
        ;;
    esac
    sleep 0.2
done
exit 1
