#!/bin/sh
# Makes what the compose files read from ./secrets: a certificate authority for these servers alone,
# a certificate for each, passwords, and a first token of an administrator, which it prints once.
# For development and for one machine; elsewhere take certificates of your own authority, with the
# same file names. Needs openssl; refuses to write over what is there.
#   sh make-secrets.sh [folder]
set -eu
FOLDER="${1:-$(dirname "$0")/secrets}"
DAYS=825

if ! command -v openssl >/dev/null; then
  echo "make-secrets: openssl is needed" >&2
  exit 2
fi
if [ -e "$FOLDER" ]; then
  echo "make-secrets: $FOLDER is there already; move it away to make new ones" >&2
  exit 2
fi
# Engines mount each file with the rights it has, for users of other numbers: the folder is what
# keeps others on this machine out.
mkdir -p "$FOLDER"
chmod 700 "$FOLDER"
cd "$FOLDER"
umask 022

secret() { openssl rand -hex 24; }

make_authority() {
  openssl req -x509 -newkey rsa:3072 -sha256 -nodes -days 3650 -subj '/CN=Redress development' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout ca.key -out ca.crt 2>/dev/null
  chmod 600 ca.key
}

# name of the files, common name, host name
make_certificate() {
  openssl req -newkey rsa:2048 -sha256 -nodes -subj "/CN=$2" \
    -keyout "$1.key" -out "$1.request" 2>/dev/null
  printf '%s\n' "subjectAltName=DNS:$3,DNS:localhost,IP:127.0.0.1" \
    'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature,keyEncipherment' \
    'extendedKeyUsage=serverAuth,clientAuth' >"$1.extensions"
  openssl x509 -req -sha256 -days "$DAYS" -in "$1.request" -CA ca.crt -CAkey ca.key \
    -CAcreateserial -extfile "$1.extensions" -out "$1.crt" 2>/dev/null
  chmod 644 "$1.key"
  rm "$1.request" "$1.extensions"
}

make_authority
# The common name that EventStoreDB expects of its nodes.
make_certificate eventstore eventstoredb-node eventstore
make_certificate mongodb mongodb mongodb
make_certificate redis redis redis
make_certificate proxy localhost redress.localhost
cat mongodb.crt mongodb.key >mongodb.pem
rm -f mongodb.crt mongodb.key ca.srl

secret >eventstore-password
secret >mongodb-root-password
secret >mongodb-password
openssl rand -base64 96 >mongodb-key-file
REDIS_PASSWORD="$(secret)"
# Without a name one may ask for a sign of life, and for nothing else.
cat >redis-users.acl <<USERS
user default on nopass resetchannels -@all +ping
user redress on >$REDIS_PASSWORD ~* &* +@all -@admin +config|get -flushall -flushdb
USERS

TLS='tls=true&tlsCAFile=/run/secrets/ca'
# Reading the whole log needs $admins, or a right of its own: see docs/operations.md.
echo "esdb://admin:$(cat eventstore-password)@eventstore:2113?$TLS" >eventstore-url
echo "mongodb://redress:$(cat mongodb-password)@mongodb:27017/redress?replicaSet=redress&$TLS" >mongodb-url
echo "rediss://redress:$REDIS_PASSWORD@redis:6379/0" >redis-url

TOKEN="$(secret)"
DIGEST="$(printf %s "$TOKEN" | openssl dgst -sha256 -r | cut -d' ' -f1)"
cat >tokens.json <<TOKENS
{ "$DIGEST": { "actorId": "first-administrator", "role": "administrator" } }
TOKENS
echo "Secrets are in $FOLDER. The token of first-administrator, which is stored nowhere:"
echo "$TOKEN"
