#!/bin/sh
# Starts one member of the replica set. mongod refuses a key file that others may read, and a
# secret's file has the rights that it has: so it is copied into memory first.
set -eu
umask 077
cp /run/secrets/mongodb_key_file /tmp/key-file
cp /run/secrets/mongodb_certificate /tmp/certificate.pem
exec docker-entrypoint.sh mongod \
  --replSet redress \
  --keyFile /tmp/key-file \
  --bind_ip_all \
  --tlsMode requireTLS \
  --tlsCertificateKeyFile /tmp/certificate.pem \
  --tlsCAFile /run/secrets/ca \
  --tlsAllowConnectionsWithoutCertificates \
  --wiredTigerCacheSizeGB 1
