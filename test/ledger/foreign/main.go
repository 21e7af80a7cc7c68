// Verifies a ledger folder with what the Go project verifies its checksum database with:
// golang.org/x/mod/sumdb/tlog and note. Nothing of Redress is used.
//
//	foreign -key VKEY-FILE -ledger FOLDER [-kept CHECKPOINT-FILE] [-proof TLOG-PROOF-FILE]
//
// Exit status 0 when everything holds; else 1, and what does not on stderr.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	// How many entries apart inclusion proofs are made and checked besides.
	proofEvery = 1000
)

func main() {
	key := flag.String("key", "", "file with the verifier key of the log")
	ledger := flag.String("ledger", "", "folder in the layout of C2SP tlog-tiles")
	kept := flag.String("kept", "", "file with an older checkpoint")
	proof := flag.String("proof", "", "file with a .tlog-proof whose extra data is the entry")
	flag.Parse()
	if err := verify(*key, *ledger, *kept, *proof); err != nil {
		fmt.Fprintln(os.Stderr, "REFUSED:", err)
		os.Exit(1)
	}
}

func verify(keyFile, folder, keptFile, proofFile string) error {
	vkey, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return err
	}
	tree, err := openCheckpointFile(filepath.Join(folder, "checkpoint"), verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	reader := tlog.TileHashReader(tree, tiles{folder})
	if err := verifyEntries(folder, tree, reader); err != nil {
		return err
	}
	fmt.Printf("%s: %d entries lead to %s\n", verifier.Name(), tree.N, tree.Hash)
	if keptFile != "" {
		if err := verifyKept(keptFile, verifier, tree, reader); err != nil {
			return fmt.Errorf("kept checkpoint: %w", err)
		}
	}
	if proofFile != "" {
		if err := verifyProof(proofFile, verifier); err != nil {
			return fmt.Errorf("proof: %w", err)
		}
	}
	return nil
}

func openCheckpointFile(path string, verifier note.Verifier) (tlog.Tree, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	return openCheckpoint(data, verifier)
}

// A checkpoint is a signed tree of sumdb but for its first line, which names the log.
func openCheckpoint(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("of the log %q", origin)
	}
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

// Each entry against the leaf hash that the tile reader has authenticated up to the signed root, and
// every so often an inclusion proof made from the tiles.
func verifyEntries(folder string, tree tlog.Tree, reader tlog.HashReader) error {
	for start := int64(0); start < tree.N; start += tileWidth {
		width := min(tileWidth, tree.N-start)
		entries, err := readEntries(folder, start/tileWidth, width)
		if err != nil {
			return err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, start+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			index := start + int64(i)
			if tlog.RecordHash(entry) != hashes[i] {
				return fmt.Errorf("entry %d does not hash to its leaf", index)
			}
			if index%proofEvery != 0 && index != tree.N-1 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			if err != nil {
				return err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
	}
	return nil
}

func readEntries(folder string, index, width int64) ([][]byte, error) {
	path := "tile/entries/" + tileName(index, int(width))
	data, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s is cut off", path)
		}
		size := int(binary.BigEndian.Uint16(data))
		entries, data = append(entries, data[2:2+size]), data[2+size:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("%s holds %d entries instead of %d", path, len(entries), width)
	}
	return entries, nil
}

func verifyKept(file string, verifier note.Verifier, tree tlog.Tree, reader tlog.HashReader) error {
	old, err := openCheckpointFile(file, verifier)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return err
	}
	fmt.Printf("consistent with the checkpoint of %d entries\n", old.N)
	return nil
}

// C2SP tlog-proof, whose extra data we define as the entry itself.
func verifyProof(file string, verifier note.Verifier) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(data, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(checkpoint, verifier)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d is in the log of %d entries\n", index, tree.N)
	return nil
}

// Tiles of a folder; their paths lack the height that those of sumdb carry.
type tiles struct{ folder string }

func (tiles) Height() int                     { return tileHeight }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := fmt.Sprintf("tile/%d/%s", tile.L, tileName(tile.N, tile.W))
		data, err := os.ReadFile(filepath.Join(t.folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

// x001/x234/067, and how wide a partial tile is.
func tileName(index int64, width int) string {
	name := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		name = fmt.Sprintf("x%03d/%s", index%1000, name)
	}
	if width < tileWidth {
		name += fmt.Sprintf(".p/%d", width)
	}
	return name
}
