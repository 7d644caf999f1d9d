#!/bin/sh
# Writes the secrets of compose.yaml into deploy/secrets, once: what is there already stays.
set -eu
umask 077
mkdir -p "$(dirname "$0")/secrets"
cd "$(dirname "$0")/secrets"
# No secret gets into the repository.
echo "*" > .gitignore
make() { [ -e "$1" ] || openssl rand -hex 32 > "$1"; }
make session-secret
make audit-key
make postgres-password
make grafana-password
make redis-password
[ -e database-url ] || echo "postgres://graphward:$(cat postgres-password)@postgres/graphward" > database-url
# For compose.replica.yaml.
[ -e database-replica-url ] || echo "postgres://graphward:$(cat postgres-password)@replica/graphward" > database-replica-url
[ -e redis-url ] || echo "redis://:$(cat redis-password)@redis:6379" > redis-url
# Compose mounts a file with its own owner and rights, and the containers run as users of their own. Nobody else can enter the directory.
chmod 444 ./*
