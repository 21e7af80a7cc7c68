/**
 * What a reader types to verify a pack without our software: a shell, unzip, sha256sum, openssl (1.1.1
 * or later) and python3 with its standard library. Each is one command; a test runs them as they are
 * printed, on good packs and on broken ones.
 */

/** File beside the zip that the reader brings: the log's verifier key, one line. */
export const VKEY_FILE = 'vkey.txt';
/** File beside the zip that the reader brings: an old checkpoint, or a `.tlog-proof` that holds one. */
export const KEPT_FILE = 'kept.txt';

export type PackCommand = { readonly title: string; readonly lines: readonly string[] };

/** The five commands, in order. `name` is that of the bag's folder and of the zip without ending. */
export function packCommands(name: string): readonly PackCommand[] {
  return [
    // Whatever unzip finds fault with, the other commands look at what it could unpack.
    {
      title: 'Unpack.',
      lines: [`unzip -qo ${name}.zip; unzipped=$?; cd ${name} && (exit $unzipped)`],
    },
    {
      title: 'Is every file as it was put in?',
      lines: ['sha256sum --check --quiet manifest-sha256.txt tagmanifest-sha256.txt'],
    },
    { title: `Did the key in ${VKEY_FILE} sign the checkpoint?`, lines: SIGNATURE },
    { title: 'Is every event what was logged, and in the signed log?', lines: INCLUSION },
    { title: `Does the signed log still hold all that it held at ${KEPT_FILE}?`, lines: KEPT },
  ];
}

// A signed note (C2SP signed-note): text, an empty line, signature lines. A verifier key ends in
// base64(0x01 ‖ key), a signature is base64(key id of 4 bytes ‖ signature of 64). What printf writes
// is the DER prefix of an Ed25519 public key (RFC 8410 §4).
const SIGNATURE = [
  `name=$(cut -d+ -f1 ../${VKEY_FILE}) && head -n 1 data/checkpoint | grep -qxF "$name" &&`,
  `awk -v name="$name" '$1 == "—" && $2 == name { print $3; exit }' data/checkpoint |`,
  '  base64 -d | tail -c 64 > ../signature &&',
  `{ printf '0*0\\005\\006\\003+ep\\003!\\000'; cut -d+ -f3- ../${VKEY_FILE} | base64 -d | tail -c 32; } > ../key &&`,
  "sed '/^$/,$d' data/checkpoint > ../signed &&",
  'openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey ../key -sigfile ../signature -in ../signed',
];

// RFC 9162 §2.1.1 (hashes), §2.1.3.2 (inclusion); C2SP tlog-proof.
const INCLUSION = `python3 - <<'END'
import base64, hashlib, json, sys
sys.excepthook = lambda kind, error, trace: print("NOT PROVED:", error, file=sys.stderr)
sha, load = lambda data: hashlib.sha256(data).digest(), lambda path: open(path, "rb").read()
note, scope = load("data/checkpoint").decode(), json.loads(load("data/scope.json"))
origin, size, root = note.split("\\n")[:3]
for n in range(scope["events"]):
    head, tail = load("data/proofs/%06d.tlog-proof" % n).decode().split("\\n\\n", 1)
    extra, index, *path = head.split("\\n")[1:]
    entry, at, last = base64.b64decode(extra[6:]), int(index[6:]), int(size) - 1
    leaf, node = json.loads(entry), sha(b"\\0" + entry)
    ok = tail == note and (leaf["origin"], leaf["index"]) == (origin, at) and at <= last
    for other in map(base64.b64decode, path):
        ok, left = ok and last > 0, at & 1 or at == last
        node = sha(b"\\1" + (other + node if left else node + other))
        while left and at and not at & 1: at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    assert ok and last == 0 and node == base64.b64decode(root), "revision %d is not in the log" % n
    assert (leaf["stream"], leaf["revision"]) == (scope["stream"], n), "another event than %d" % n
    assert n in scope["withheld"] or leaf["payloadSha256"] == sha(load("data/events/%06d.json" % n)).hex(), "event %d differs" % n
print("%d events of %s are in the log; withheld: %s" % (scope["events"], scope["stream"], scope["withheld"]))
END`.split('\n');

// RFC 9162 §2.1.4.2 (consistency). In a .tlog-proof the checkpoint follows an empty line.
const KEPT = `python3 - <<'END'
import base64, hashlib, os, sys
sys.excepthook = lambda kind, error, trace: print("NOT COMPARED:", error, file=sys.stderr)
load, join = lambda path: open(path, "rb").read().decode(), lambda left, right: hashlib.sha256(b"\\1" + left + right).digest()
kept, pack = [load(path).split("\\n\\n")[-2].split("\\n") for path in ("../${KEPT_FILE}", "data/checkpoint")]
size, later, path = int(kept[1]), int(pack[1]), "data/earlier/%s/consistency" % kept[1]
if kept[0] != pack[0] or not 0 < size <= later: sys.exit("kept of another log, or later than this pack")
if size < later and not os.path.exists(path): sys.exit("not compared: ask for a pack that is linked to size %d" % size)
proof = [base64.b64decode(line) for line in load(path).split()] if size < later else []
if size & (size - 1) == 0 or size == later: proof.insert(0, base64.b64decode(kept[2]))
at, last, old, new = size - 1, later - 1, proof[0], proof[0]
while at & 1: at, last = at >> 1, last >> 1
for other in proof[1:]:
    if last == 0: sys.exit("the proof is too long")
    left = at & 1 or at == last
    old, new = join(other, old) if left else old, join(other, new) if left else join(new, other)
    while left and at and not at & 1: at, last = at >> 1, last >> 1
    at, last = at >> 1, last >> 1
roots = [base64.b64decode(text[2]) for text in (kept, pack)]
if [old, new] != roots or size < later and last: sys.exit("THE LOG IS NOT THE ONE IT WAS at %d entries" % size)
print("the log of %d entries holds all %d that it held then" % (later, size))
END`.split('\n');
