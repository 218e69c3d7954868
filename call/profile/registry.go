package profile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Windows keeps policies in the registry, where group policies and management
// services write them. How a setting stands there:
//
//	switch     DWORD 1 or 0
//	count      DWORD
//	text, time string
//	list       key of the setting's name, with the strings 1, 2, ...
//	records    the same; each string is one object in JSON
//
// A list may also be one string with a JSON array, or a multi-string.

// registryPath holds the orders, and the key Recommended below it the
// proposals.
const (
	registryPath        = `Software\Policies\nxphone`
	registryRecommended = "Recommended"
)

// Hives. The machine's orders are above the user's; Windows lets neither be
// written by a user who is no administrator.
const (
	hiveMachine = "HKLM"
	hiveUser    = "HKCU"
)

// registryKind is the type of a value in the registry.
type registryKind int

const (
	registryOther registryKind = iota // one that no setting has
	registryText
	registryTexts
	registryNumber
)

type registryValue struct {
	name   string
	kind   registryKind
	text   string
	texts  []string
	number uint64
}

// registryReader gives the values and the names of the keys below a key. One
// that is not there is fs.ErrNotExist.
type registryReader func(hive, path string) (values []registryValue, subkeys []string, err error)

// registryPieces reads the policies in rising precedence.
func registryPieces(read registryReader) []piece {
	var all []piece
	for _, at := range []struct {
		hive, path string
		source     Source
	}{
		{hiveUser, registryPath + `\` + registryRecommended, SourceRecommended},
		{hiveMachine, registryPath + `\` + registryRecommended, SourceRecommended},
		{hiveUser, registryPath, SourceManaged},
		{hiveMachine, registryPath, SourceManaged},
	} {
		origin := at.hive + `\` + at.path
		doc, err := registryDocument(read, at.hive, at.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			all = append(all, brokenPiece(origin, at.source, unreadable(origin, err)))
			continue
		}
		all = append(all, doc.piece(at.source, origin, nil))
	}
	return all
}

// registryDocument reads one key as if it were a file of settings.
func registryDocument(read registryReader, hive, path string) (document, error) {
	values, subkeys, err := read(hive, path)
	if err != nil {
		return document{}, err
	}
	var doc document
	for _, v := range values {
		if v.name == "" && v.text == "" {
			continue // the unnamed value that every key has
		}
		doc.set(strings.ToLower(v.name), v.json(kindOf(Key(strings.ToLower(v.name)))))
	}
	for _, sub := range subkeys {
		if strings.EqualFold(sub, registryRecommended) {
			continue
		}
		items, _, err := read(hive, path+`\`+sub)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return document{}, fmt.Errorf("%s: %w", sub, err)
		}
		name := strings.ToLower(sub)
		doc.set(name, itemsJSON(kindOf(Key(name)), items))
	}
	slices.SortFunc(doc.members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	return doc, nil
}

// kindOf is the kind of a key, "" for none that is known.
func kindOf(k Key) Kind {
	for _, f := range fields() {
		if f.Key == k {
			return f.kind()
		}
	}
	return ""
}

// json is the value as it would stand in a file. One that the kind cannot be is
// given as what it is: the rule of the key then says what is wrong.
func (v registryValue) json(k Kind) json.RawMessage {
	var out any
	switch v.kind {
	case registryNumber:
		out = v.number
		if k == KindSwitch && v.number <= 1 {
			out = v.number == 1
		}
	case registryText:
		out = v.text
		switch k {
		case KindSwitch:
			if b, err := strconv.ParseBool(v.text); err == nil {
				out = b
			}
		case KindCount:
			if n, err := strconv.Atoi(v.text); err == nil {
				out = n
			}
		case KindList, KindRecords:
			if json.Valid([]byte(v.text)) {
				return json.RawMessage(v.text)
			}
		}
	case registryTexts:
		return listJSON(k, v.texts)
	}
	raw, _ := json.Marshal(out) // texts, numbers and null cannot fail
	return raw
}

// itemsJSON is a list whose items are the values of a key: 1, 2, ... in the
// order of the numbers, then what has other names.
func itemsJSON(k Kind, items []registryValue) json.RawMessage {
	number := func(v registryValue) int {
		if n, err := strconv.Atoi(v.name); err == nil {
			return n
		}
		return int(^uint(0) >> 1)
	}
	slices.SortFunc(items, func(a, b registryValue) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a.name, b.name))
	})
	texts := []string{}
	for _, v := range items {
		switch {
		case v.name == "" && v.text == "":
		case v.kind == registryText:
			texts = append(texts, v.text)
		default:
			return json.RawMessage(`null`) // told: a list has strings only
		}
	}
	return listJSON(k, texts)
}

// listJSON is a list of strings, or of the objects that the strings hold.
func listJSON(k Kind, texts []string) json.RawMessage {
	items := []json.RawMessage{}
	for _, text := range texts {
		raw := json.RawMessage(text)
		if k != KindRecords || !json.Valid(raw) {
			raw, _ = json.Marshal(text)
		}
		items = append(items, raw)
	}
	raw, _ := json.Marshal(items) // each item is valid
	return raw
}
