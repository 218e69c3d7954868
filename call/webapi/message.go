package webapi

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// message is one message of a page or program. Which members count depends on
// its type.
type message struct {
	Type string
	// ID is the sender's own number of a command.
	ID    int64
	HasID bool

	Nonce, Client, Public, Proof, Tab, Epoch string
	N                                        int64
	Code                                     bool

	Key, Realm, DN, Tel, URL, Push string
	Kind, Digits, State            string
	On                             bool
	Wish                           wish
}

var (
	// errNotMessage: not a JSON object with a type. Nobody who speaks the
	// protocol sends that.
	errNotMessage = errors.New("webapi: not a message")
	// errUnknownType and errBadMember leave Type and ID as they were read, so
	// that they can be answered.
	errUnknownType = errors.New("webapi: a message of an unknown type")
	errBadMember   = errors.New("webapi: a member of a message is missing or wrong")
)

// member is one member of a message: where it goes and what it may be.
type member struct {
	name     string
	to       any  // *string, *bool, *int64 or *wish
	hex      int  // the number of hex digits of a string, 0 for any text
	optional bool // may be missing; a hex string may then also be empty
}

// members lists what a type of message has; nil for an unknown type. Members
// that are not listed are ignored.
func (m *message) members() []member {
	switch m.Type {
	case "hello":
		return []member{{name: "nonce", to: &m.Nonce, hex: 32}, {name: "client", to: &m.Client, hex: 32, optional: true}}
	case "pair":
		return []member{{name: "public", to: &m.Public, hex: 64}, {name: "code", to: &m.Code, optional: true}}
	case "prove":
		// A native program has no proof.
		return []member{
			{name: "proof", to: &m.Proof, hex: 64, optional: true}, {name: "tab", to: &m.Tab, hex: 32},
			{name: "epoch", to: &m.Epoch, hex: 16, optional: true}, {name: "n", to: &m.N, optional: true},
		}
	case "dial":
		return []member{
			{name: "key", to: &m.Key, hex: 32, optional: true},
			{name: "realm", to: &m.Realm}, {name: "dn", to: &m.DN}, {name: "tel", to: &m.Tel}, {name: "url", to: &m.URL},
			{name: "push", to: &m.Push, optional: true},
		}
	case "mute":
		return []member{{name: "kind", to: &m.Kind}, {name: "on", to: &m.On}}
	case "dtmf":
		return []member{{name: "digits", to: &m.Digits}}
	case "show":
		return []member{{name: "tel", to: &m.Tel}}
	case "shift":
		return []member{{name: "state", to: &m.State}}
	case "help":
		return []member{{name: "on", to: &m.Wish}}
	case "clear", "take":
		return []member{}
	}
	return nil
}

// decode reads one message. Names are compared exactly (encoding/json by
// itself takes "TYPE" for "type"), and nothing is guessed: a number is not
// taken for a string.
func decode(data []byte) (message, error) {
	var raw map[string]json.RawMessage
	if len(data) > maxMessage || !utf8.Valid(data) || json.Unmarshal(data, &raw) != nil || raw == nil {
		return message{}, errNotMessage
	}
	var m message
	if !strict(raw["type"], &m.Type) {
		return message{}, errNotMessage
	}
	if id, ok := raw["id"]; ok {
		m.HasID = strict(id, &m.ID) && m.ID >= 0
		if !m.HasID {
			return message{Type: m.Type}, errBadMember
		}
	}
	want := m.members()
	if want == nil {
		return m, errUnknownType
	}
	for _, w := range want {
		text, ok := raw[w.name]
		if !ok && w.optional {
			continue
		}
		if !strict(text, w.to) {
			return m, errBadMember
		}
		if s, isText := w.to.(*string); isText && w.hex > 0 && !isHex(*s, w.hex) && (*s != "" || !w.optional) {
			return m, errBadMember
		}
	}
	if m.N < 0 {
		return m, errBadMember
	}
	return m, nil
}

// strict decodes into exactly the wanted type; null, which encoding/json takes
// for anything, is refused.
func strict(raw json.RawMessage, to any) bool {
	return len(raw) > 0 && raw[0] != 'n' && json.Unmarshal(raw, to) == nil
}

// isHex accepts n lower-case hexadecimal digits.
func isHex(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789abcdef") == "" }

// reply is the outcome of one command. Code is empty when it was carried out.
type reply struct {
	code string
	call int
}

func (r reply) outcome() string {
	if r.code == "" {
		return "ok"
	}
	return r.code
}

// encode writes the result message for the command with this id.
func (r reply) encode(id int64) []byte {
	return encode(struct {
		Type string `json:"type"`
		ID   int64  `json:"id"`
		OK   bool   `json:"ok"`
		Code string `json:"code,omitempty"`
		Call int    `json:"call,omitempty"`
	}{"result", id, r.code == "", r.code, r.call})
}

// encode writes one message. The values are structs of this package, which
// always encode.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte("{}")
	}
	return b
}
