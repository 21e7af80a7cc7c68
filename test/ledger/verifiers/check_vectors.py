"""Runs verify.py's own functions over published vectors: python3 check_vectors.py FOLDER; prints counts as JSON.

Published are transparency-dev/merkle's proofs, Tessera's test log, the C2SP note and CCTV's Ed25519 keys.
"""
import base64, glob, json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../apps/verifiers'))
import verify  # noqa: E402


def accepted(check):
    try:
        return check()
    except (ValueError, TypeError, LookupError, AttributeError):
        return False


def decoded(text):
    return base64.b64decode(text or '')


def inclusion(case):
    proof = [decoded(line) for line in case['proof'] or []]
    return verify.replay(case['leafIdx'], case['treeSize'], decoded(case['leafHash']), proof, False)[1] == decoded(case['root'])


def consistency(case):
    roots, proof = [decoded(case['root1']), decoded(case['root2'])], [decoded(line) for line in case['proof'] or []]
    return verify.replay(case['size1'] - 1, case['size2'], roots[0], proof, True) == roots


def proofs(folder, kind, check):
    cases = [json.load(open(path)) for path in glob.glob(f'{folder}/transparency-dev-merkle/testdata/{kind}/**/*.json', recursive=True)]
    return {'cases': len(cases), 'wrong': sum(bool(accepted(lambda: check(case))) == case['wantErr'] for case in cases)}


def vkey_of(public):
    key = b'\1' + public
    return f'a+{verify.sha256(b"a" + chr(10).encode() + key)[:4].hex()}+{base64.b64encode(key).decode()}'


def keys(folder):
    """Every key that CCTV says is of low order must be refused, and good ones taken."""
    cases = json.load(open(f'{folder}/cctv-ed25519/ed25519vectors.json'))
    low = {case['key'] for case in cases if 'low_order_A' in (case['flags'] or [])}
    taken = [key for key in low if accepted(lambda: verify.parse_key(vkey_of(bytes.fromhex(key)), 1))]
    good = {case['key'] for case in cases} - low
    non_canonical = {case['key'] for case in cases if 'non_canonical_A' in (case['flags'] or [])}
    refused = [key for key in good - non_canonical if not accepted(lambda: verify.parse_key(vkey_of(bytes.fromhex(key)), 1))]
    return {'low': len(low), 'lowTaken': len(taken), 'good': len(good - non_canonical), 'goodRefused': len(refused)}


def tessera(folder):
    """Sixteen signed checkpoints of a growing log, against the tiles and entries of its last."""
    log = json.load(open(f'{folder}/tessera-testlog/tessera-testlog.json'))
    policy = verify.parse_policy(f'log {log["vkey"]}\nquorum none\n'.encode())
    checked = 0
    for size, note in log['checkpoints'].items():
        head = verify.open_checkpoint(note.encode(), policy)
        tile = decoded(log['level0TilesBase64'].get(size, ''))
        leaves = [tile[at:at + 32] for at in range(0, len(tile), 32)]
        checked += head['size'] == int(size) and head['root'] == verify.root_of(leaves)
    return checked


if __name__ == '__main__':
    folder = sys.argv[1]
    print(json.dumps({
        'inclusion': proofs(folder, 'inclusion', inclusion), 'consistency': proofs(folder, 'consistency', consistency),
        'keys': keys(folder), 'tesseraCheckpoints': tessera(folder)}))
