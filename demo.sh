#!/usr/bin/env bash
# The whole path of the data on a small set, one station after the other: `make demo`.
set -euo pipefail
cd "$(dirname "$0")"

demo=var/walk
rm -rf "$demo"
mkdir -p "$demo"
export BENTOML_HOME=$PWD/$demo/bentoml OCTROI_DATA=$demo/var OCTROI_WORKERS=1 LOG_LEVEL=ERROR
export PORT
python=.venv/bin/python
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$demo"' EXIT

station() { printf '\n\033[1m%s\033[0m\n%s\n' "$1" "$2"; }
quoted() { for word; do [[ $word =~ [^A-Za-z0-9_./:@=-] ]] && printf " '%s'" "$word" || printf ' %s' "$word"; done; }
run() { printf '\033[2m$%s\033[0m\n' "$(quoted "$@")" >&2; "$@"; }

station "1. Raw tables" "Seven tables under Kaggle's names, for 3,000 clients nobody ever met."
run $python -m features synth --clients 3000 --seed 1 --out "$demo/raw"
ls -s --block-size=KB "$demo/raw" | tail -n +2

station "2. Features" "One row per client: the application's own columns and what their history adds up to."
run $python -m features build --raw "$demo/raw" --out "$demo/features.parquet"

station "3. Training" "LightGBM, cross-validated; the threshold where ten refused good clients cost as much as one missed default."
run $python -m training fit --features "$demo/features.parquet" --out "$demo/bundle" --trials 0 --no-track

station "4. Conversion" "LightGBM's trees as ONNX in double precision, and the certificate that both say the same."
run $python -m conversion convert "$demo/bundle"

station "5. Publishing" "Into the BentoML model store, under a tag that never changes."
run $python -m conversion publish "$demo/bundle"

station "6. Serving" "One worker on port $PORT, with its journal and its archivist."
.venv/bin/bentoml serve service:CreditScoring --port "$PORT" >"$demo/service.log" 2>&1 &
server=$!
bash ready.sh "$PORT" "$server" || { cat "$demo/service.log" >&2; exit 1; }
curl --silent "127.0.0.1:$PORT/health"; echo

station "7. A decision" "Forty named features in, one recorded decision out."
run curl --silent --show-error -X POST "127.0.0.1:$PORT/predict" -H 'content-type: application/json' \
    -d @docs/examples/predict_40.json | $python -m json.tool --no-ensure-ascii

station "8. A refusal to decide" "A mistake is named, with its remedy; nothing is recorded."
run curl --silent --show-error -X POST "127.0.0.1:$PORT/predict" -H 'content-type: application/json' \
    -d '{"AMT_CREDIT": "a lot"}' | $python -m json.tool --no-ensure-ascii

station "9. Records" "The archivist has moved the decision from the journal into the database."
until $python -m records stats --json 2>/dev/null | grep --quiet '"decisions": 1,'; do
    sleep 0.5
done
run $python -m records stats

station "10. A profile" "Stopping writes what is left: the whylogs profile that holds this decision, and no other."
kill "$server"; wait "$server" || true; server=
until ls "$demo"/var/profiles/*.bin >/dev/null 2>&1; do sleep 0.2; done
ls "$demo/var/profiles"

station "That was the whole path." "make serve keeps it running; README.md has the rest."
