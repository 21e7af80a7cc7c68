"""Makes a ledger, packs and receipts as slowly and plainly as the definitions read.

  python3 naive_ledger.py FOLDER EVENTS

A second implementation that shares nothing with the TypeScript or with verify.py, so that what these
accept is not merely what they make. Trees by the recursive definitions of RFC 6962 §2.1.
"""
import base64, hashlib, json, os, subprocess, sys, tempfile, uuid, zipfile

ORIGIN, NOW = 'ledger.example/naive', 1_790_000_000
STREAMS, EARLIER = 5, (1, 300)
README = 'sha256sum -c manifest-sha256.txt\n'


def sha(data):
    return hashlib.sha256(data).digest()


def mth(leaves):
    if not leaves:
        return sha(b'')
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha(b'\1' + mth(leaves[:k]) + mth(leaves[k:]))


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    return path(m, leaves[:k]) + [mth(leaves[k:])] if m < k else path(m - k, leaves[k:]) + [mth(leaves[:k])]


def proof(m, leaves, whole=True):
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return proof(m, leaves[:k], whole) + [mth(leaves[k:])]
    return proof(m - k, leaves[k:], False) + [mth(leaves[:k])]


def b64(data):
    return base64.b64encode(data).decode()


class Key:
    """An Ed25519 key that openssl signs with; the seed follows from the name, for tests only."""

    def __init__(self, name, kind):
        self.name, self.kind, self.seed = name, kind, sha(name.encode())
        der = bytes.fromhex('302e020100300506032b657004220420') + self.seed
        self.pem = f'-----BEGIN PRIVATE KEY-----\n{b64(der)}\n-----END PRIVATE KEY-----\n'.encode()
        with tempfile.NamedTemporaryFile() as key:
            key.write(self.pem)
            key.flush()
            run = ['openssl', 'pkey', '-in', key.name, '-pubout', '-outform', 'DER']
            self.public = subprocess.run(run, check=True, capture_output=True).stdout[-32:]
        self.id = sha(name.encode() + b'\n' + bytes([kind]) + self.public)[:4]
        self.vkey = f'{name}+{self.id.hex()}+{b64(bytes([kind]) + self.public)}'
        self.skey = f'PRIVATE+KEY+{name}+{self.id.hex()}+{b64(bytes([kind]) + self.seed)}'

    def sign(self, message):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in (('key', self.pem), ('text', message)):
                with open(os.path.join(folder, name), 'wb') as file:
                    file.write(data)
            run = ['openssl', 'pkeyutl', '-sign', '-inkey', 'key', '-rawin', '-in', 'text']
            return subprocess.run(run, cwd=folder, check=True, capture_output=True).stdout

    def line(self, text):
        if self.kind == 1:
            return f'— {self.name} {b64(self.id + self.sign(text.encode()))}\n'
        signed = self.sign(f'cosignature/v1\ntime {NOW}\n{text}'.encode())
        return f'— {self.name} {b64(self.id + NOW.to_bytes(8, "big") + signed)}\n'


LOG, STRANGER = Key(ORIGIN, 1), Key('stranger.example/log', 1)
WITNESSES = [Key(f'witness{i}.example', 4) for i in (1, 2, 3)]


def checkpoint(leaves, cosigners=()):
    text = f'{ORIGIN}\n{len(leaves)}\n{b64(mth(leaves))}\n'
    return text + '\n' + ''.join(key.line(text) for key in (LOG, *cosigners))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)


def salt_of(secret):
    return base64.urlsafe_b64encode(sha(f'redress leaf salt v1\n{secret}'.encode())[:16]).decode().rstrip('=')


DOCUMENT = 'A letter of the complainant. Gruß!\n'.encode()


def event(index):
    """One event, its payload and its entry."""
    stream, revision = f'complaint-{uuid.UUID(int=index % STREAMS)}', index // STREAMS
    data = {'note': f'Ünïcode "{index}"\n', 'count': index, 'share': 0.5}
    if revision == 1:
        data['attachments'] = [{'name': 'letter.txt', 'sha256': sha(DOCUMENT).hex()}, {'otherSha256': 'not a hash'}]
    metadata = {
        '$correlationId': str(uuid.UUID(int=index + 7)), 'actor': {'id': 'agent-1', 'kind': 'user'},
        'commandId': str(uuid.UUID(int=index + 9)), 'correlationId': str(uuid.UUID(int=index + 7)),
        'recordedAt': f'2026-01-01T00:{index // 60 % 60:02d}:{index % 60:02d}.000Z',
        'salt': base64.urlsafe_b64encode(sha(b'salt %d' % index)[:16]).decode().rstrip('='), 'schemaVersion': 1, 'v': 1,
    }
    if index % 3:
        metadata['causationId'] = str(uuid.UUID(int=index + 8))
    payload = f'{{"data":{canonical(data)},"metadata":{canonical(metadata)}}}'.encode()
    leaf = {
        'actor': 'agent-1', 'correlationId': metadata['correlationId'],
        'documents': [sha(DOCUMENT).hex()] if revision == 1 else [], 'id': str(uuid.UUID(int=index + 1000)),
        'index': index, 'origin': ORIGIN, 'payloadSha256': sha(payload).hex(), 'recordedAt': metadata['recordedAt'],
        'revision': revision, 'salt': salt_of(metadata['salt']), 'schemaVersion': 1, 'stream': stream,
        'type': 'NoteAdded' if revision else 'ComplaintLodged', 'v': 1,
    }
    if index % 3:
        leaf['causationId'] = metadata['causationId']
    return {'leaf': leaf, 'payload': payload, 'entry': canonical(leaf).encode(), 'data': data, 'metadata': metadata}


def tile_name(kind, index, width):
    digits = str(index)
    while len(digits) % 3:
        digits = '0' + digits
    parts = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    name = '/'.join([kind] + ['x' + part for part in parts[:-1]] + parts[-1:])
    return f'tile/{name}' + (f'.p/{width}' if width < 256 else '')


def ledger(events, leaves):
    """The files of a ledger folder: MTH(D[(n*256+i)*256^l : (n*256+i+1)*256^l]) of C2SP tlog-tiles."""
    files, level = {}, 0
    while len(leaves) >> 8 * level:
        span, hashes = 256 ** level, []
        for start in range(0, len(leaves) // span * span, span):
            hashes.append(mth(leaves[start:start + span]))
        for start in range(0, len(hashes), 256):
            tile = hashes[start:start + 256]
            files[tile_name(str(level), start // 256, len(tile))] = b''.join(tile)
        level += 1
    for start in range(0, len(events), 256):
        bundle = [one['entry'] for one in events[start:start + 256]]
        files[tile_name('entries', start // 256, len(bundle))] = b''.join(
            len(entry).to_bytes(2, 'big') + entry for entry in bundle)
    return files


def tlog_proof(one, leaves, note):
    hashes = ''.join(b64(each) + '\n' for each in path(one['leaf']['index'], leaves))
    return f'c2sp.org/tlog-proof@v1\nextra {b64(one["entry"])}\nindex {one["leaf"]["index"]}\n{hashes}\n{note}'


def pack_files(events, leaves, note, withheld=(), chronology=b'<!doctype html>\n'):
    """The payload of a bag for the first stream."""
    mine = [one for one in events if one['leaf']['stream'] == events[0]['leaf']['stream']]
    files = {'data/checkpoint': note.encode(), 'data/documents/' + sha(DOCUMENT).hex(): DOCUMENT}
    for revision, one in enumerate(mine):
        files[f'data/proofs/{revision:06d}.tlog-proof'] = tlog_proof(one, leaves, note).encode()
        if revision not in withheld:
            files[f'data/events/{revision:06d}.json'] = one['payload']
    for size in EARLIER:
        files[f'data/earlier/{size}/checkpoint'] = checkpoint(leaves[:size]).encode()
        files[f'data/earlier/{size}/consistency'] = ''.join(b64(each) + '\n' for each in proof(size, leaves)).encode()
    if chronology is not None:
        files['data/chronology.html'] = chronology
    files['data/scope.json'] = canonical({
        'events': len(mine), 'generator': 'naive 1', 'origin': ORIGIN, 'size': len(leaves),
        'stream': mine[0]['leaf']['stream'], 'subject': 'C-26-NAIVE-1', 'v': 1, 'withheld': sorted(withheld)}).encode()
    return files


def manifest(files):
    return ''.join(f'{sha(data).hex()}  {name}\n' for name, data in sorted(files.items())).encode()


def bag(files):
    octets = sum(map(len, files.values()))
    tags = {'bagit.txt': b'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
            'bag-info.txt': f'Payload-Oxum: {octets}.{len(files)}\n'.encode(),
            'manifest-sha256.txt': manifest(files)}
    last = {'tagmanifest-sha256.txt': manifest({**tags, 'README.txt': README.encode()}), 'README.txt': README.encode()}
    return {'redress-C-26-NAIVE-1/' + name: data for name, data in [*tags.items(), *last.items(), *sorted(files.items())]}


def write_zip(target, files):
    """By the library, then the two fields patched that it decides itself."""
    with zipfile.ZipFile(target, 'w', zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.create_version, info.extract_version = 3, 30, 20
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    with open(target, 'r+b') as file:
        data = bytearray(file.read())
        at = 0
        for mark, offset in ((b'PK\3\4', 6), (b'PK\1\2', 8)):
            while data[at:at + 4] == mark:
                data[at + offset:at + offset + 2] = b'\x00\x08'  # Names are UTF-8.
                size = int.from_bytes(data[at + 18:at + 22], 'little') + 30
                lengths = [int.from_bytes(data[at + i:at + i + 2], 'little') for i in (26, 28)]
                if mark == b'PK\1\2':
                    size, lengths = 46, [int.from_bytes(data[at + i:at + i + 2], 'little') for i in (28, 30, 32)]
                at += size + sum(lengths)
        file.seek(0)
        file.write(data)


def write(folder, name, data):
    target = os.path.join(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def main(folder, count):
    events = [event(index) for index in range(count)]
    leaves = [sha(b'\0' + one['entry']) for one in events]
    note = checkpoint(leaves, WITNESSES[:2])
    for name, data in ledger(events, leaves).items():
        write(folder, 'ledger/' + name, data)
    write(folder, 'ledger/checkpoint', note)
    for size in EARLIER:
        write(folder, f'kept/{size}', checkpoint(leaves[:size]))
    forked = leaves[:-1] + [sha(b'another end')]
    write(folder, 'kept/forked', checkpoint(forked))
    write(folder, 'kept/newer', checkpoint(leaves + leaves[:1]))
    write(folder, 'receipt.tlog-proof', tlog_proof(events[0], leaves, note))
    write(folder, 'receipt-old.tlog-proof', tlog_proof(events[0], leaves[:300], checkpoint(leaves[:300])))
    quorum = ''.join(f'witness w{i} {key.vkey}\n' for i, key in enumerate(WITNESSES))
    write(folder, 'policy', f'log {LOG.vkey}\nquorum none\n')
    write(folder, 'policy-2-of-3', f'# two of three\nlog {LOG.vkey}\n{quorum}group all3 2 w0 w1 w2\nquorum all3\n')
    write(folder, 'policy-3-of-3', f'log {LOG.vkey}\n{quorum}group all3 all w0 w1 w2\nquorum all3\n')
    write(folder, 'policy-stranger', f'log {STRANGER.vkey}\nquorum none\n')
    write(folder, 'vkey', LOG.vkey)
    # The chronology is our own rendering, which a foreign generator cannot make.
    write_zip(os.path.join(folder, 'pack.zip'), bag(pack_files(events, leaves, note, (), None)))
    write_zip(os.path.join(folder, 'redacted.zip'), bag(pack_files(events, leaves, note, (1, 3), None)))


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]))
