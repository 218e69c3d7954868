package profile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// maxFile bounds the settings file: a mistaken --config should not be read
// into memory whole.
const maxFile = 1 << 20

// ReadPlain reads a plain file of at most 1 MiB, as settings name some: a
// certificate, a password, a policy to be checked. A pipe in its place would hold
// up its reader for ever, and a file that goes on and on would fill the memory.
func ReadPlain(path string) ([]byte, error) { return readPlain(path, maxFile) }

// readPlain is ReadPlain with another limit in bytes.
func readPlain(path string, limit int) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errTooLarge}
	}
	return data, nil
}

// errTooLarge is why a file is not read to its end.
var errTooLarge = errors.New("the file is too large")

// DefaultPath is nxphone/settings.json in the user's configuration directory
// ($XDG_CONFIG_HOME, %AppData% or Library/Application Support).
func DefaultPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", &Error{Code: CodeFileUnreadable, Detail: err.Error(), Err: err}
	}
	return filepath.Join(dir, "nxphone", "settings.json"), nil
}

// member is one member of the file's object, as it stands there.
type member struct {
	name string
	raw  json.RawMessage
	at   int // offset of the value
}

// document is a settings file taken apart so that it can be put together again
// with what this version does not know.
type document struct {
	members []member
}

// load reads the file. A file that is not there is an empty document.
func load(path string) (document, []byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return document{}, nil, nil
	}
	if err != nil {
		return document{}, nil, unreadable(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return document{}, nil, unreadable(path, err)
	}
	if len(data) > maxFile {
		return document{}, nil, &Error{Code: CodeFileBroken, Source: path, Line: 1, Column: 1, Detail: "larger than 1 MiB"}
	}
	// Windows editors put a byte order mark in front.
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	doc, err := parseDocument(path, data)
	return doc, data, err
}

func unreadable(path string, err error) error {
	return &Error{Code: CodeFileUnreadable, Source: path, Detail: cause(err), Err: err}
}

// cause is the system's word without the path, which the Error gives already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func parseDocument(path string, data []byte) (document, error) {
	broken := func(offset int, detail string) error {
		line, column := position(data, offset)
		return &Error{Code: CodeFileBroken, Source: path, Line: line, Column: column, Detail: detail}
	}
	// An empty file is what a full disk or a crash of another program leaves;
	// nothing is lost by writing over it.
	if len(bytes.TrimSpace(data)) == 0 {
		return document{}, nil
	}
	if !utf8.Valid(data) {
		return document{}, broken(firstInvalid(data), "is not UTF-8 text")
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			// Offset counts the bytes read, the faulty one included; at the
			// end of the text there is none.
			at := int(syntax.Offset) - 1
			if syntax.Error() == "unexpected end of JSON input" {
				at = len(data)
			}
			return document{}, broken(at, syntax.Error())
		}
		return document{}, broken(len(data)-len(bytes.TrimLeft(data, " \t\r\n")), "must be a JSON object")
	}
	return members(data, broken)
}

// members walks the object, which is known to be right JSON, for the order of
// its members and their places.
func members(data []byte, broken func(int, string) error) (document, error) {
	var doc document
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return document{}, broken(0, err.Error())
	}
	seen := map[string]bool{}
	for d.More() {
		at := int(d.InputOffset())
		tok, err := d.Token()
		if err != nil {
			return document{}, broken(at, err.Error())
		}
		name, _ := tok.(string)
		if seen[name] {
			return document{}, broken(skipTo(data, at, ','), fmt.Sprintf("%q stands twice", name))
		}
		seen[name] = true
		at = skipTo(data, int(d.InputOffset()), ':')
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return document{}, broken(at, err.Error())
		}
		doc.members = append(doc.members, member{name, raw, at})
	}
	return doc, nil
}

// skipTo steps over blanks and one separator to the beginning of a token.
func skipTo(data []byte, at int, separator byte) int {
	for at < len(data) && (data[at] == separator || bytes.IndexByte([]byte(" \t\r\n"), data[at]) >= 0) {
		at++
	}
	return at
}

// position turns a byte offset into line and column, from 1, the column in
// characters.
func position(data []byte, offset int) (line, column int) {
	if data == nil {
		return 0, 0
	}
	before := data[:max(0, min(offset, len(data)))]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

func firstInvalid(data []byte) int {
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	return at
}

// layer gives the values that the document holds, as of source. Wrong ones are
// left out and told, each with its place.
func (d document) layer(source Source, path string, data []byte) (Layer, error) {
	l, _, err := d.layerAndWrong(source, path, data)
	return l, err
}

// layerAndWrong is layer, with the keys whose values are left out. A document
// that was no text has nil data, and faults of it have no line.
func (d document) layerAndWrong(source Source, path string, data []byte) (l Layer, wrong []Key, err error) {
	l.Source = source
	known := map[string]field{}
	for _, f := range fields() {
		known[string(f.Key)] = f
	}
	var faults []error
	for _, m := range d.members {
		f, ok := known[m.name]
		if !ok {
			continue
		}
		var s Settings
		if err := cmp.Or(f.allowed(source), f.decode(&s, m.raw)); err != nil {
			line, column := position(data, m.at)
			code, partly := codeFor(err)
			faults = append(faults, &Error{Code: code, Key: f.Key, Source: path, Line: line, Column: column, Detail: err.Error()})
			if !partly {
				wrong = append(wrong, f.Key)
				continue
			}
		}
		l.put(f.Key, f.text(&s), path)
	}
	return l, wrong, errors.Join(faults...)
}

// list is a member that is an array of strings, as it stands there, faulty items
// included: they are told, not thrown away. It is empty for any other value.
func (d document) list(name string) []string {
	for _, m := range d.members {
		if m.name == name {
			var v []string
			if strict(m.raw, &v) == nil {
				return v
			}
		}
	}
	return nil
}

// set replaces or appends a member.
func (d *document) set(name string, raw json.RawMessage) {
	for i := range d.members {
		if d.members[i].name == name {
			d.members[i].raw = raw
			return
		}
	}
	d.members = append(d.members, member{name: name, raw: raw})
}

// bytes puts the document together, two blanks a level.
func (d document) bytes() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range d.members {
		if i > 0 {
			b.WriteByte(',')
		}
		var name bytes.Buffer
		e := json.NewEncoder(&name)
		e.SetEscapeHTML(false)
		if err := e.Encode(m.name); err != nil {
			return nil, err
		}
		b.Write(bytes.TrimSpace(name.Bytes()))
		b.WriteByte(':')
		b.Write(m.raw)
	}
	b.WriteByte('}')
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// save replaces the file by rename, so that a reader and a crash see the old
// one or the new one. A symbolic link (people keep such files elsewhere) stays
// a link.
func save(path string, data []byte) (err error) {
	defer func() {
		if err != nil {
			err = &Error{Code: CodeFileUnwritable, Source: path, Detail: cause(err), Err: err}
		}
	}()
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// CreateTemp makes it 0600.
	f, err := os.CreateTemp(dir, ".settings-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, rightly, after the rename
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir makes the rename itself durable where directories can be synced. A
// file system that refuses has still got the file.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
