#!/usr/bin/env python3
"""Verifies an evidence pack, a whole ledger or a receipt, and shares no line with what made them.
  python3 verify.py PACK.zip|LEDGER-FOLDER|LEDGER-URL|RECEIPT.tlog-proof --policy FILE|--vkey VKEY [--kept CHECKPOINT]... [--time-ca FILE] [--json]
Python 3.9 and its standard library, `openssl` of OpenSSL 3. From RFC 6962, RFC 8493, C2SP signed-note and tlog-*. Exit
status: 0 all holds, 1 a fault was found, 2 wrong use, 3 something needed is not there. Keys come from your own policy, not
from what is verified; --kept takes old checkpoints or receipts; LEDGER_TOKEN in the environment is sent to a LEDGER-URL."""
import argparse, base64, contextlib, datetime, hashlib, json, os, pathlib, re, struct, subprocess, sys, tempfile, urllib.request, zlib
FAULTS_MAX, SIGNATURES_MAX, LEVELS_MAX, HTTP_TIMEOUT_S, OPENSSL_TIMEOUT_S, FILE_SIZE_MAX_BYTES = 100, 100, 8, 30, 60, 20_000_000
WIDTH, UINT32_MAX, EMPTY, RECEIPT, TOKEN = 256, 2**32 - 1, hashlib.sha256().digest(), b'c2sp.org/tlog-proof@v1\n', os.environ.get('LEDGER_TOKEN')
PRIME, ORDER_8 = 2**255 - 19, bytes.fromhex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
LOW_ORDER_Y = {y for y in (0, 1, int.from_bytes(ORDER_8, 'little')) for y in (y, (PRIME - y) % PRIME)}
LEAF = {**dict.fromkeys('actor causationId correlationId id origin payloadSha256 recordedAt salt stream type'.split(), str),
        **dict.fromkeys('index revision schemaVersion v'.split(), int), 'documents': list}
TAGS = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt', 'tagmanifest-sha256.txt', 'README.txt']
OPTIONAL = re.compile(r'data/(chronology\.(html|pdf)|(earlier/\d+/(checkpoint|consistency)|time/\d+\.(note|tsr)|documents/\w+))')
FACTS = {'ok': True, 'size': 0, 'checked': 0, 'notCosignedYet': 0, 'faultCount': 0, 'faults': [], 'times': [], 'cosigners': [],
         'notProved': ['that what was recorded is true', 'that nothing was kept out before it was recorded']}
class Wrong(ValueError): pass  # In words; of any other error only its kind is Python's to know.
WRONG = ValueError, TypeError, LookupError, AttributeError, RecursionError, struct.error
def words_of(error): return str(error) if type(error) in (Wrong, OSError) else 'it is missing, or not of the form that it must have'
def fault(what, reason, index=None, **where):
    FACTS.update(ok=False, faultCount=FACTS['faultCount'] + 1)
    FACTS['faults'] += [{'what': what, 'index': index, 'reason': reason, **where}][:FAULTS_MAX - len(FACTS['faults'])]
@contextlib.contextmanager
def guard(what, **where):
    place = {'what': what, **where}
    try: yield place
    except WRONG as error: fault(reason=words_of(error), **place)
def ensure(holds, reason):
    if not holds: raise Wrong(reason)
def sha256(data): return hashlib.sha256(data).digest()
def node(left, right): return sha256(b'\x01' + left + right)
def half_of(size): return 1 << (size - 1).bit_length() - 1  # The largest power of two below it.
def root_of(hashes):  # RFC 6962 §2.1
    return node(root_of(hashes[:half_of(len(hashes))]), root_of(hashes[half_of(len(hashes)):])) if len(hashes) > 1 else [*hashes, EMPTY][0]
def root_of_edge(levels, below=()):  # From the unfinished tile of each level; what is below one is its last, smaller subtree.
    for level in levels: below = [root_of([*level, *below])] if level or below else ()
    return root_of(below)
def replay(index, size, seed, proof, consistency):  # §2.1.1, §2.1.2 backwards: roots up to this leaf and of all; seed: leaf or old root
    there = size == 1 or consistency and index == size - 1
    ensure(0 <= index < size and (len(proof) == (not seed) if there else proof), 'the proof is of another length or size')
    if there: return [seed or proof[0]] * 2
    if index < half_of(size):
        old, new = replay(index, half_of(size), seed, proof[:-1], consistency)
        return [old, node(new, proof[-1])]
    return [node(proof[-1], root) for root in replay(index - half_of(size), size - half_of(size), None if consistency else seed, proof[:-1], consistency)]
def unbase64(text, size=None):  # From here on keys, policies, notes, checkpoints and proofs of C2SP
    data = base64.b64decode(text) if re.fullmatch('[A-Za-z0-9+/]*={0,2}', text) and len(text) % 4 == 0 else b''
    ensure(base64.b64encode(data).decode() == text and size in (None, len(data)), 'not the base64 that it should be')
    return data
def decimal(text): return int(re.fullmatch('0|[1-9][0-9]{0,18}', text)[0])
def parse_key(text, kind):
    ensure(parts := re.fullmatch(r'([^\s+]+)\+([0-9a-f]{8})\+(\S+)', text), 'not a verifier key: ' + text[:80])
    name, key_id, key = parts[1], parts[2], unbase64(parts[3], 33)
    ensure(key[0] == kind and sha256(name.encode() + b'\n' + key)[:4].hex() == key_id, 'a key of another type or id')
    ensure((y := int.from_bytes(key[1:], 'little') % 2**255) < PRIME and y not in LOW_ORDER_Y, 'a key of low order or not canonical')
    return {'signer': (name, bytes.fromhex(key_id)), 'kind': kind, 'public': key[1:]}
def parse_policy(data):  # The name of the quorum; the keys by name, where a log goes by its key; the groups by name.
    ensure(not re.search(b'[\x00-\x08\x0b-\x1f\x7f]', data), 'a control character in the policy')
    keys, groups, free, quorum = {}, {}, set(), []  # free: names that are no member of a group yet
    for line in data.decode('utf-8', 'surrogateescape').split('\n'):
        word = re.findall('[^ \t]+', line) or ['#']
        new, members = len(word) > 1 and word[1] not in {'none', *keys, *groups}, set(word[3:])
        if word[0] == 'log' and new and len(word) in (2, 3): keys[word[1]] = parse_key(word[1], 1)
        elif word[0] == 'quorum' and len(word) == 2 and not quorum and not new: quorum = word[1:]
        elif word[0] == 'witness' and new and len(word) in (3, 4): keys[word[1]], free = parse_key(word[2], 4), free | {word[1]}
        elif word[0] == 'group' and new and free >= members and 0 < len(members) == len(word) - 3:
            groups[word[1]], free = (decimal({'any': '1', 'all': str(len(members))}.get(word[2], word[2])), members), free - members | {word[1]}
            ensure(1 <= groups[word[1]][0] <= len(members), 'a group that cannot be: ' + line[:80])
        else: ensure(word[0][0] == '#', 'a line of the policy is not understood: ' + line[:80])
    all_keys = [(key['kind'], key['public']) for key in keys.values()]
    ensure(quorum and 1 in dict(all_keys) and len(set(all_keys)) == len(all_keys), 'no log, no quorum, or a key twice')
    return quorum[0], keys, groups
def quorum_met(groups, name, cosigners):
    count, members = groups.get(name, (0, ()))
    return name in ['none', *cosigners] or sum(quorum_met(groups, one, cosigners) for one in members) >= count > 0
def openssl(files, command):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items(): pathlib.Path(folder, name).write_bytes(data)
        run = subprocess.run(['openssl', *command.split()], cwd=folder, capture_output=True, timeout=OPENSSL_TIMEOUT_S)
    return run.returncode == 0, (run.stdout + run.stderr).decode('utf-8', 'replace')
def check_signature(key, text, signature):
    files = {'key': bytes.fromhex('302a300506032b6570032100') + key['public'], 'text': text.encode(), 'signature': signature}
    holds, said = openssl(files, 'pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature')
    if 'Signature Verif' not in said and len(signature) == 64: raise OSError('this openssl knows no Ed25519: ' + said[:200])
    ensure(holds, f'the signature of {key["signer"][0]} does not hold')
def parse_note(data):  # Its text, what that says as a checkpoint, and the signatures as (name, bytes); of a receipt the note in it.
    text, _, tail = (data.partition(b'\n\n')[2] if (data or b'').startswith(RECEIPT) else data or b'').decode('utf-8').rpartition('\n\n')
    lines, signed = text.split('\n'), tail.split('\n', SIGNATURES_MAX)
    ensure(signed.pop() == '' and len(lines) > 2 and all(lines) and not re.search('[\0-\t\v-\37]', text + tail), 'missing, or not a checkpoint')
    signed = [(name, unbase64(blob)) for name, blob in [re.fullmatch(r'— ([^\s+]+) (\S+)', line).groups() for line in signed]]
    return text, {'origin': lines[0], 'size': decimal(lines[1]), 'root': unbase64(lines[2], 32)}, signed
def open_checkpoint(data, policy):  # That a log of the policy signed; with the names of the log and of the witnesses that cosigned it.
    (text, says, signed), signers = parse_note(data), []
    for name, key, blob in [(n, key, blob) for who, blob in signed for n, key in policy[1].items() if key['signer'] == (who, blob[:4])]:
        stamp = f'cosignature/v1\ntime {int.from_bytes(blob[4:12], "big")}\n' if key['kind'] == 4 else ''
        check_signature(key, f'{stamp}{text}\n', blob[12 if stamp else 4:])
        signers.append(name)
    witnesses = [name for name in signers if policy[1][name]['kind'] == 4]
    ensure(says['origin'] in [policy[1][name]['signer'][0] for name in {*signers} - {*witnesses}], 'not signed by the key of a log in the policy')
    return {**says, 'cosigners': witnesses, 'quorum': quorum_met(policy[2], policy[0], signers)}
def tell(head, later, **more):
    FACTS.update({name: head[name] for name in ('origin', 'size', 'cosigners')}, root=base64.b64encode(head['root']).decode(), notCosignedYet=later, **more)
def vouches(what, path, one): return (what, path) == ('checkpoint', 'cosigned') and one['quorum']  # Witnesses come after signing.
def open_head(data, policy, others=()):
    with guard('checkpoint', path='checkpoint'):
        tell(head := open_checkpoint(data, policy), 0 if head['quorum'] else head['size'])
        head['quorum'] or any(vouches(*one) for one in others) or fault('cosignature', 'too few witnesses of the policy cosigned it', head['size'])
        return head
def check_proof(data, head, place):
    top, _, checkpoint = data.decode('utf-8').partition('\n\n')
    _, extra, index, *hashes = top.split('\n')
    ensure(data.startswith(RECEIPT) and extra[:6] == 'extra ' and index[:6] == 'index ', 'not a tlog-proof')
    entry, place['index'] = unbase64(extra[6:]), decimal(index[6:])
    roots = replay(place['index'], head['size'], sha256(b'\0' + entry), [unbase64(one, 32) for one in hashes], False)
    ensure(roots[1] == head['root'], 'the entry and its proof do not lead to the signed root: one of them was changed')
    return parse_leaf(entry, head['origin'], place), checkpoint.encode()
def check_time(read, stem, ca):  # An RFC 3161 token over a note says when it was there; only its authority makes it proof.
    with guard('time-token', path=stem + '.tsr'):
        files = {'note': read(stem + '.note'), 'token': read(stem + '.tsr'), 'authority': load(ca) if ca else b''}
        moment = re.search(r'Time stamp: (\w+ +\d+ [\d:]+)\S* (\d+) GMT', openssl(files, 'ts -reply -in token -text')[1])
        at = datetime.datetime.strptime(f'{moment[1]} {moment[2]} +0000', '%b %d %H:%M:%S %Y %z')
        ensure(not ca or openssl(files, f'ts -verify -data note -in token -CAfile authority -attime {int(at.timestamp())}')[0], 'not signed by this authority')
        return FACTS['times'].append({'at': at.isoformat(), 'path': stem, 'trusted': bool(ca)}) or bool(ca)
def parse_members(data, members):
    value = json.loads(data.decode('utf-8'))
    ensure(set(members) - {'causationId'} <= set(value) and {**members, **{name: type(one) for name, one in value.items()}} == members, 'not the right members')
    ensure(json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode() == data, 'not canonical JSON')
    return value
def parse_leaf(entry, origin, place):
    leaf = parse_members(entry, LEAF)
    place['eventId'], FACTS['checked'] = leaf['id'], FACTS['checked'] + 1
    ensure((leaf['v'], leaf['origin'], leaf['index']) == (1, origin, place['index']), 'of another version, log or index')
    return leaf
def check_payload(payload, leaf):
    ensure(sha256(payload).hex() == leaf['payloadSha256'], 'the event is not the one that the leaf binds')
    event, named = json.loads(payload.decode('utf-8')), set()
    json.loads(json.dumps(event['data']), object_pairs_hook=lambda pairs: named.update(value for key, value in pairs if (
        key in ('sha256', 'contentSha256') and type(value) is str and re.fullmatch('[0-9a-f]{64}', value))))
    said = {name: event['metadata'].get(name) for name in ('causationId', 'correlationId', 'recordedAt', 'schemaVersion')}
    salt = base64.urlsafe_b64encode(sha256(b'redress leaf salt v1\n' + event['metadata']['salt'].encode())[:16]).decode()[:22]
    for name, value in {**said, 'actor': event['metadata']['actor']['id'], 'salt': salt, 'documents': sorted(named)}.items():
        ensure(leaf.get(name) == value, f'{name} of the leaf is not that of the event')
def unzip(data):  # An evidence pack is a BagIt bag in a zip without compression, of which every byte follows from names and contents.
    files, at, local, central = [], 0, [], []
    while data[at:at + 4] == b'PK\3\4' and len(data) > at + 30:
        size, length = struct.unpack_from('<I4xH', data, at + 18)
        path, content = data[at + 30:at + 30 + length], data[at + 30 + length:at + 30 + length + size]
        fields = struct.pack('<HHHHHIIIHH', 20, 0x800, 0, 0, 33, zlib.crc32(content), len(content), len(content), length, 0)
        central += [b'PK\1\2\x1e\3', fields, struct.pack('<HHHII', 0, 0, 0, 0o100644 << 16, at), path]
        local += [b'PK\3\4', fields, path, content]
        files.append((path.decode('utf-8', 'replace'), content))
        at += 30 + length + size
    built = b''.join([*local, *central, struct.pack('<4sHHHHIIH', b'PK\5\6', 0, 0, len(files), len(files), sum(map(len, central)), at & UINT32_MAX, 0)])
    built == data or fault('file', 'the zip is not as it must be from here on', len(os.path.commonprefix([built, data])))
    return files, {name.partition('/')[2]: content for name, content in files}
def check_pack(zipped, files, old, policy):
    named, last, top = set(), -1, zipped[0][0].split('/')[0] if zipped else ''
    inside, reached, names = sorted(set(files) - set(TAGS)), {}, [name for name, _ in zipped]
    files.get(TAGS[0]) == b'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' or fault('file', 'not BagIt 1.0', path=TAGS[0])
    names == [f'{top}/{name}' for name in TAGS + inside] or fault('file', 'files are missing, twice, or out of order')
    for tag, paths in {TAGS[2]: inside, TAGS[3]: sorted(TAGS[:3] + TAGS[4:])}.items():
        lines = {f'{sha256(files.get(path, b"")).hex()}  {path}\n'.encode(): path for path in paths}
        listed = files.get(tag, b'').splitlines(True)
        for path in [lines[line] for line in set(lines) - set(listed)] + [tag] * (listed != [*lines]): fault('file', f'not what {tag} must list', path=path)
    if not (head := open_head(files.get('data/checkpoint'), policy)): return {}  # There is nothing to hold the rest against.
    with guard('file', path='data/scope.json'):
        scope = parse_members(files['data/scope.json'], dict(events=int, generator=str, origin=str, size=int, stream=str, subject=str, v=int, withheld=list))
        ensure([scope['origin'], scope['size'], scope['v'], 'redress-' + scope['subject']] == [head['origin'], head['size'], 1, top], 'of another pack')
        count, reached[head['size']] = min(scope['events'], len(inside) + 1), head['root']  # Each event has a proof.
        shown = {*range(count)} - {*scope['withheld']}
        ensure(str(sorted({*range(count)} - shown)) == str(scope['withheld']) and count > 0, 'no events, or others withheld than it says')
        wanted = {f'data/events/{i:06d}.json' for i in shown} | {f'data/proofs/{i:06d}.tlog-proof' for i in range(count)}
        for path in (wanted | {'data/checkpoint', 'data/scope.json'}) ^ {path for path in inside if not OPTIONAL.fullmatch(path)}:
            fault('file', 'missing, or not within the scope', path=path)
        for revision in range(count):
            with guard('proof', path=f'data/proofs/{revision:06d}.tlog-proof') as place:
                leaf, checkpoint = check_proof(files[place['path']], head, place)
                ensure(checkpoint == files['data/checkpoint'], 'the proof carries another checkpoint')
                ensure((leaf['stream'], leaf['revision']) == (scope['stream'], revision) and leaf['index'] > last, 'of another place')
                last, place['what'], place['path'] = leaf['index'], 'event', f'data/events/{revision:06d}.json'
                named.update(leaf['documents'])
                revision in shown and check_payload(files[place['path']], leaf)
    for _, path, one in [one for one in old if one[1].startswith('earlier/')]:
        with guard('checkpoint', index=one['size'], path='data/' + path):
            ensure(path == f'earlier/{one["size"]}/checkpoint', 'of another size')
            proof = [unbase64(line, 32) for line in files[f'data/earlier/{one["size"]}/consistency'].decode().split('\n')[:-1]]
            roots = replay(one['size'] - 1, head['size'], one['root'], proof, True)
            reached[one['size']] = roots[0] if roots[1] == head['root'] else None
    for path in [path for path in inside if path.startswith('data/documents/')]:
        path[15:] == sha256(files[path]).hex() and path[15:] in named or fault('document', 'no event names it', path=path)
    return reached
def tile_path(kind, index, width):  # C2SP tlog-tiles
    return f'tile/{kind}/' + re.sub(r'(\d{3})(?=\d)', r'x\1/', f'{index:0{(len(str(index)) + 2) // 3 * 3}d}') + f'.p/{width}' * (width < WIDTH)
def check_ledger(read, others, policy):  # Each entry against its tile, each tile against the one above, the last against the root.
    head, levels, revisions, reached = open_head(read('checkpoint'), policy, others), [[] for _ in range(LEVELS_MAX)], {}, {}
    size, sizes = head['size'] if head else 0, [one['size'] for _, _, one in others]
    def fetch(*tile): return (path := tile_path(*tile)), read(path) or read(tile_path(*tile[:2], WIDTH)) or b''  # The full one may replace a partial.
    for index in range(-(-size // WIDTH)):
        width, entries, at = min(WIDTH, size - index * WIDTH), [], 0
        path, data = fetch('entries', index, width)
        while at < len(data) and len(entries) < WIDTH:
            entries, at = entries + [data[at + 2:(end := at + 2 + int.from_bytes(data[at:at + 2], 'big'))]], end
        at == len(data) and len(entries) in (width, WIDTH) or fault('entries', 'missing, cut off or too many', index, path=path)
        for i, entry in enumerate(entries[:width]):
            with guard('leaf', index=index * WIDTH + i, path=path) as place:
                leaf = parse_leaf(entry, head['origin'], place)
                stream = sha256(leaf['stream'].encode())[:12]
                expected, revisions[stream] = revisions.get(stream, 0), leaf['revision'] + 1
                ensure(leaf['revision'] == expected, f'revision {leaf["revision"]} of its stream, where {expected} belongs')
        tile, below = index, [sha256(b'\0' + entry) for entry in entries[:width]]
        for level in range(LEVELS_MAX):
            made = levels[level] = levels[level] + below
            width = min(WIDTH, (size >> 8 * level) - tile * WIDTH)
            if level and len(made) < width: break
            path, data = fetch(level, tile, width)
            right = len(data) in (32 * width, 32 * WIDTH) or fault('tile', 'missing, or of another length', tile, path=path)
            levels[level] = [data[i:i + 32] for i in range(0, 32 * width, 32)] if right else made
            for i in [i for i, (one, other) in enumerate(zip(made, levels[level])) if one != other]:
                fault('tile' if level else 'leaf', f'not what {path} holds a hash of', tile * WIDTH + i)
            for old in [old for old in sizes if level == 0 and 0 < old - index * WIDTH <= width]:
                reached[old] = root_of_edge([levels[0][:old - index * WIDTH], *levels[1:]])
            if width < WIDTH: break
            below, levels[level], tile = [root_of(levels[level])], [], tile >> 8
    not head or root_of_edge(levels) == head['root'] or fault('checkpoint', 'the tiles do not lead to the signed root', size)
    return reached
class NoRedirect(urllib.request.HTTPRedirectHandler): redirect_request = lambda *_: None  # Else the token would go with it.
def load(path):
    try:
        if '://' not in path: return pathlib.Path(path).read_bytes()
        asked = urllib.request.Request(path, headers={'Authorization': f'Bearer {TOKEN}'} if TOKEN else {})
        with urllib.request.build_opener(NoRedirect).open(asked, timeout=HTTP_TIMEOUT_S) as answer:
            data = answer.read(FILE_SIZE_MAX_BYTES)
            if answer.length: raise OSError
            return data
    except (OSError, urllib.request.http.client.HTTPException) as error:
        code, cause = getattr(error, 'code', None), getattr(error, 'reason', error)
        if code == 404 or isinstance(error, (FileNotFoundError, NotADirectoryError)): return
        why = f'the server answers {code}' + ': it wants a token that it knows, in LEDGER_TOKEN of the environment' * (code in (401, 403))
        raise OSError(f'{path} cannot be read: ' + (why if code else getattr(cause, 'strerror', 0) or 'no answer, not a whole one, or one too long'))
def open_all(what, paths, read, policy):
    for path in paths:
        with guard(what, path=path): yield what, path, open_checkpoint(read(path), policy)
def verify(target, options, policy):
    ledger, read, inside = os.path.isdir(target) or '://' in target, lambda path: load(f'{target}/{path}'), []
    data, old, reached = b'' if ledger else load(target), [*open_all('kept', options.kept, load, policy)], {}
    if ledger: inside = [path.relative_to(target).as_posix() for path in sorted(pathlib.Path(target).glob('*/*'))]
    elif not data.startswith(RECEIPT):
        ensure(data[:2] == b'PK' or b'PK\5\6' in data[-22:], 'neither an evidence pack nor a receipt')
        zipped, files = unzip(data)
        read, inside = lambda path: files.get('data/' + path), [path[5:] for path in sorted(files) if path.startswith('data/')]
    earlier = [path for path in inside if re.fullmatch(r'checkpoints/\d{4}-\d\d-\d\d|earlier/\d+/checkpoint', path)]
    times = {path.rpartition('.')[0] + '.note' for path in inside if re.fullmatch(r'time/\d+\.(note|tsr)', path)}
    old += open_all('checkpoint', earlier + ['cosigned'] * (ledger and read('cosigned') is not None), read, policy)
    old += open_all('time-token', sorted(times), read, policy)  # All before the latest, which a server writes first: none is later.
    if data.startswith(RECEIPT):
        if head := open_head(data, policy):
            with guard('proof', path=target) as place: FACTS['leaf'], reached = check_proof(data, head, place)[0], {head['size']: head['root']}
    else: reached = check_ledger(read, old, policy) if ledger else check_pack(zipped, files, old, policy)
    reached, total, vouched = {0: EMPTY, **reached}, FACTS['size'], [FACTS['size']] * bool(FACTS['cosigners'])
    for what, path, one in old * ('root' in FACTS):
        with guard(what, index=one['size'], path=path):
            ensure(one['size'] in reached, 'nothing here leads from this size to the checkpoint')
            ensure(one['root'] == reached[one['size']], 'another root was signed for this size: the log was rewritten')
            stamped = what == 'time-token' and (not ledger or path[:-4] + 'tsr' in inside)  # In a ledger a note may wait for its token.
            if FACTS['notCosignedYet'] and vouches(what, path, one):  # By the policy the verdict is about what the quorum cosigned.
                tell(one, total - one['size'], checked=min(FACTS['checked'], one['size']))
            vouched += [one['size']] * bool(stamped and check_time(read, path[:-5], options.time_ca) or what == 'kept' or one['cosigners'])
    size, whole = max(vouched, default=-1), ledger or data.startswith(RECEIPT)
    FACTS['notProved'] += [words for holds, words in (
        (size < 0, 'that the whole log was not rewritten and signed anew with its own key: it would look the same; --kept shows it'),
        (FACTS['size'] < total, f'the last {FACTS["notCosignedYet"]} of {total} entries: signed and checked, and not cosigned yet by the quorum'),
        (0 <= size < total, f'that what came after the first {size} entries was not rewritten before it was signed'),
        (whole, 'what the events say: an entry binds them by their hash'),
        (not whole, 'that no later event was left out, what withheld events say, that a chronology tells what the events tell'),
        ('://' in target, 'the checkpoints of earlier days and the time tokens: a URL does not list them'),
        (times and not options.time_ca, 'when time tokens were made: --time-ca shows it')) if holds]
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('target', '--policy', '--vkey', '--time-ca'): parser.add_argument(name)
    for name, more in {'--kept': {'action': 'append', 'default': []}, '--json': {'action': 'store_true'}}.items(): parser.add_argument(name, **more)
    options = parser.parse_args()
    try:
        if not options.target or bool(options.policy) == bool(options.vkey): parser.error('give what to verify, and either --policy or --vkey')
        for path in options.target, options.policy or '.', options.time_ca or '.': '://' in path or os.path.exists(path) or parser.error(path + ' is not there')
        for at, path in enumerate([options.policy or '--vkey', *options.kept]):
            try:
                if at: parse_note(load(path))
                else: policy = parse_policy(load(path) if options.policy else f'log {options.vkey}\nquorum none\n'.encode())
            except (*WRONG, OSError) as error:
                if type(error) is OSError and '://' in path: raise
                parser.error(f'{path} is not what it should be: {words_of(error)}')
        with guard('file', path=options.target): verify(options.target.rstrip('/'), options, policy)
    except (OSError, subprocess.SubprocessError) as error:  # In words of load; else openssl's.
        return print('verify.py:', error if type(error) is OSError else 'openssl of OpenSSL 3, or room for its files, is not there', file=sys.stderr) or 3
    for one in FACTS['faults'] * (not options.json):  # None of their names may command the terminal.
        print('FAULT', *[''.join(c if c.isprintable() else ascii(c)[1:-1] for c in f'{name}={value}') for name, value in one.items() if value is not None])
    return print(json.dumps(FACTS) if options.json else f'{"VERIFIED" if FACTS["ok"] else "NOT VERIFIED"}: {FACTS["checked"]} events '
          f'in a log of {FACTS["size"]}, {FACTS["faultCount"]} faults. Not proved: ' + '; '.join(FACTS['notProved']) + '.') or 1 - FACTS['ok']
if __name__ == '__main__': sys.exit(main())
