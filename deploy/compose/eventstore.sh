#!/bin/sh
# Starts EventStoreDB with the password of `admin` from a secret instead of its well-known default.
set -eu
EVENTSTORE_DEFAULT_ADMIN_PASSWORD="$(cat /run/secrets/eventstore_password)"
EVENTSTORE_DEFAULT_OPS_PASSWORD="$EVENTSTORE_DEFAULT_ADMIN_PASSWORD"
export EVENTSTORE_DEFAULT_ADMIN_PASSWORD EVENTSTORE_DEFAULT_OPS_PASSWORD
exec /opt/eventstore/EventStore.ClusterNode
