package webapi

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	hex32, hex64 := strings.Repeat("0a", 16), strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		text string
		want message
		err  error
	}{
		"clear":           {`{"type":"clear","id":2}`, message{Type: "clear", ID: 2, HasID: true}, nil},
		"unknown members": {`{"type":"take","id":0,"x":{"y":[1]}}`, message{Type: "take", HasID: true}, nil},
		"dial": {`{"type":"dial","id":1,"key":"` + hex32 + `","realm":"r","dn":"d","tel":"t","url":"u","push":"p"}`,
			message{Type: "dial", ID: 1, HasID: true, Key: hex32, Realm: "r", DN: "d", Tel: "t", URL: "u", Push: "p"}, nil},
		"mute": {`{"type":"mute","kind":"Audio","on":true}`, message{Type: "mute", Kind: "Audio", On: true}, nil},
		"prove": {`{"type":"prove","proof":"` + hex64 + `","tab":"` + hex32 + `","epoch":"","n":7}`,
			message{Type: "prove", Proof: hex64, Tab: hex32, N: 7}, nil},
		"names are exact":    {`{"TYPE":"clear"}`, message{}, errNotMessage},
		"no member by case":  {`{"type":"mute","KIND":"Audio","on":true}`, message{Type: "mute"}, errBadMember},
		"empty":              {``, message{}, errNotMessage},
		"null":               {`null`, message{}, errNotMessage},
		"list":               {`[{"type":"clear"}]`, message{}, errNotMessage},
		"two":                {`{"type":"clear"}{"type":"clear"}`, message{}, errNotMessage},
		"no type":            {`{"id":1}`, message{}, errNotMessage},
		"type is a number":   {`{"type":1}`, message{}, errNotMessage},
		"type is null":       {`{"type":null}`, message{}, errNotMessage},
		"not UTF-8":          {"{\"type\":\"clear\xff\"}", message{}, errNotMessage},
		"deep":               {`{"type":"clear","x":` + strings.Repeat("[", 12000) + `}`, message{}, errNotMessage},
		"too long":           {`{"type":"clear"` + strings.Repeat(" ", maxMessage) + `}`, message{}, errNotMessage},
		"unknown":            {`{"type":"answer","id":3}`, message{Type: "answer", ID: 3, HasID: true}, errUnknownType},
		"id is text":         {`{"type":"clear","id":"1"}`, message{Type: "clear"}, errBadMember},
		"id is a fraction":   {`{"type":"clear","id":1.5}`, message{Type: "clear"}, errBadMember},
		"id is negative":     {`{"type":"clear","id":-1}`, message{Type: "clear"}, errBadMember},
		"id is null":         {`{"type":"clear","id":null}`, message{Type: "clear"}, errBadMember},
		"on is text":         {`{"type":"mute","kind":"Audio","on":"true"}`, message{Type: "mute", Kind: "Audio"}, errBadMember},
		"on is null":         {`{"type":"mute","kind":"Audio","on":null}`, message{Type: "mute", Kind: "Audio"}, errBadMember},
		"tel is a number":    {`{"type":"show","tel":1}`, message{Type: "show"}, errBadMember},
		"a negative n":       {`{"type":"prove","tab":"` + hex32 + `","n":-1}`, message{Type: "prove", Tab: hex32, N: -1}, errBadMember},
		"tab is required":    {`{"type":"prove","n":1}`, message{Type: "prove"}, errBadMember},
		"tab is not empty":   {`{"type":"prove","tab":""}`, message{Type: "prove"}, errBadMember},
		"hex is lower case":  {`{"type":"hello","nonce":"` + strings.ToUpper(hex32) + `"}`, message{Type: "hello", Nonce: strings.ToUpper(hex32)}, errBadMember},
		"hex is of a length": {`{"type":"pair","public":"0a"}`, message{Type: "pair", Public: "0a"}, errBadMember},
	} {
		got, err := decode([]byte(c.text))
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v %v, want %+v %v", name, got, err, c.want, c.err)
		}
	}
}

// FuzzDecode: no input makes the decoder panic, and what it accepts is within
// its bounds and means the same when it is written again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"type":"clear","id":2}`, `{"type":"dial","id":1,"realm":"r","dn":"d","tel":"t","url":"u"}`,
		`{"type":"hello","nonce":"00112233445566778899aabbccddeeff","client":""}`,
		`{"type":"prove","tab":"00112233445566778899aabbccddeeff","n":9007199254740993}`,
		`{"type":"mute","kind":"Audio","on":true,"id":1e3}`, `{"type":"dtmf","digits":"\u0000"}`, `[]`, `{`, `"type"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode(data)
		if err != nil {
			return
		}
		if m.ID < 0 || m.N < 0 || m.members() == nil {
			t.Errorf("%q: %+v", data, m)
		}
		for _, w := range m.members() {
			if s, ok := w.to.(*string); ok && w.hex > 0 && *s != "" && !isHex(*s, w.hex) {
				t.Errorf("%q: %s is %q", data, w.name, *s)
			}
		}
		again := map[string]any{"type": m.Type}
		for _, w := range m.members() {
			switch v := w.to.(type) {
			case *string:
				again[w.name] = *v
			case *bool:
				again[w.name] = *v
			case *int64:
				again[w.name] = *v
			}
		}
		if m.HasID {
			again["id"] = m.ID
		}
		text, err := json.Marshal(again)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > maxMessage { // an escape may be longer than what it stands for
			return
		}
		if got, err := decode(text); err != nil || got != m {
			t.Errorf("%q is %+v, written again %+v (%v)", data, m, got, err)
		}
	})
}
