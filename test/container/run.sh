#!/bin/sh
# Builds the Dockerfile with buildah, which needs no container engine, runs the image in a network namespace of its own, and
# calls it from another one. By hand, as root, on Linux:
#
#   apt-get install buildah debootstrap iproute2 curl
#   test/container/run.sh
#
# IDENTITY_EDGE_BASE names a base image that is there; without it one is made by base.sh.
set -eu
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=chroot
image=localhost/identity-edge
server=identity-edge-server client=identity-edge-client
address=10.213.0.1
answers=$(mktemp -d)

base=${IDENTITY_EDGE_BASE:-localhost/identity-edge-base}
buildah inspect --type image "$base" > /dev/null 2>&1 || test/container/base.sh "$base"
buildah build --layers --format docker --build-arg BASE="$base" --tag "$image" . > "$answers/build" 2>&1 || {
  cat "$answers/build" >&2
  exit 1
}
for name in "$base" "$image"; do buildah images --noheading --format '{{.Name}}: {{.Size}}' "$name"; done

container=$(buildah from --pull-never "$image")
# The process that the image's entry point is, as a container engine would signal it.
program() {
  for pid in $(ip netns pids "$server"); do
    case $(tr '\0' ' ' < "/proc/$pid/cmdline") in node*identity-edge*) echo "$pid" ;; esac
  done
}
finish() {
  kill $(program) 2> /dev/null || true
  ip netns delete "$server" 2> /dev/null || true
  ip netns delete "$client" 2> /dev/null || true
  buildah rm "$container" > /dev/null
  rm -rf "$answers"
}
trap finish EXIT

ip netns add "$server"
ip netns add "$client"
ip link add edge-server netns "$server" type veth peer name edge-client netns "$client"
for at in "$server edge-server $address" "$client edge-client 10.213.0.2"; do
  set -- $at
  ip -n "$1" link set lo up
  ip -n "$1" address add "$3/24" dev "$2"
  ip -n "$1" link set "$2" up
done

fail() {
  echo "failed: $*" >&2
  cat "$answers/log" >&2
  exit 1
}
# What the image says of how it is run: `config Cmd`.
config() {
  buildah inspect --type image "$image" |
    node -p "JSON.parse(fs.readFileSync(0, 'utf8')).Docker.config.$1.join(' ')"
}
within() { ip netns exec "$server" buildah run --env ALLOWED_HOSTS=identity "$container" -- "$@"; }
# Calls a path of the server by a name from the other namespace: `call NAME PATH [curl's options]`.
call() {
  name=$1 path=$2
  shift 2
  ip netns exec "$client" curl -s --noproxy '*' --resolve "$name:8787:$address" "$@" "http://$name:8787$path"
}
status() { call "$@" -o /dev/null -w '%{http_code}'; }

began=$(date +%s%3N)
within $(config Entrypoint) $(config Cmd) > "$answers/log" 2>&1 &
running=$!
until [ "$(status "$address" /health)" = 200 ]; do
  kill -0 "$running" || fail 'it ended'
  sleep 0.02
done
echo "answered from another network namespace after $(($(date +%s%3N) - began)) ms"

[ "$(status identity /health)" = 200 ] || fail 'a name that is allowed is not answered'
[ "$(status stranger /health)" = 421 ] || fail 'a name that is not allowed is answered'
token=$(call identity /identity_/connect/token -u hogwarts-admin:hogwarts-admin-secret -d grant_type=client_credentials |
  sed 's/.*"access_token":"//;s/".*//')
path='/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host'
[ "$(status "$address" "$path" -H "Authorization: Bearer $token")" = 200 ] || fail 'a token of one name does not hold'
key=$(sed -n 's/.*_control, token //p' "$answers/log")
[ "$(status identity /_control/tenants -H "Authorization: Bearer $key")" = 200 ] || fail 'the printed control token is wrong'
[ "$(status identity /_control/tenants -H 'Authorization: Bearer local-control')" = 401 ] || fail 'anybody may control it'
[ "$(within id -u)" = 1000 ] || fail 'it runs as root'
within sh -c 'test -f /data/encryption.key' || fail 'its state is not in /data'
within node -e "$(config 'Healthcheck.Test.slice(3)')" || fail 'the health check fails'
# Not by the exit status: buildah 1.28 may itself fail when a container ends that it had run other commands in.
kill $(program)
wait "$running" || true
[ -z "$(ip netns pids "$server")" ] || fail 'it does not stop when it is told to'
echo 'passed'
