package profile

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nxphone/call/profile/hotkey"
	"nxphone/call/webapi/origin"
)

// rule is what the values of a key must be. The zero rule takes everything that
// the key's type takes.
type rule struct {
	// check looks at a text; its error is the rule in words, never the value.
	check func(text string) error
	// least and most bound a count, or a length of time in nanoseconds.
	least, most int64
	// values names what is taken; see [Info].Values.
	values string
	// words are all that is taken, "" left out; nil for rules of another kind.
	words []string
	// pattern and longest say what they can of check in the terms of a schema;
	// see [Info].
	pattern string
	longest int
}

func oneOf(words ...string) rule {
	named := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	values := strings.Join(named, ", ")
	return rule{values: values, words: named, check: func(text string) error {
		if !slices.Contains(words, text) {
			return errors.New("must be one of " + values)
		}
		return nil
	}}
}

// between bounds a count.
func between(least, most int) rule {
	return rule{least: int64(least), most: int64(most), values: fmt.Sprintf("%d to %d", least, most)}
}

// within bounds a length of time.
func within(least, most time.Duration) rule {
	from := length(least)
	if least == 0 {
		from = "0"
	}
	return rule{least: int64(least), most: int64(most), values: from + " to " + length(most)}
}

// upTo bounds the length of a text that is shown in one line.
func upTo(n int) rule {
	return rule{values: fmt.Sprintf("text of up to %d characters", n), longest: n, check: func(text string) error {
		if utf8.RuneCountInString(text) > n {
			return fmt.Errorf("must not be longer than %d characters", n)
		}
		return nil
	}}
}

// token checks a header field's name or a parameter's value (the token of
// RFC 3261 section 25.1); empty means not set.
func token() rule {
	return rule{values: "letters, digits and - . ! % * _ + ` ' ~", pattern: tokenPattern, check: func(text string) error {
		if !isToken(text) {
			return errors.New("must be letters, digits and - . ! % * _ + ` ' ~")
		}
		return nil
	}}
}

// tokenPattern is isToken for a schema.
const tokenPattern = "^[-.!%*_+`'~0-9A-Za-z]*$"

func isToken(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.ContainsRune("-.!%*_+`'~", c))
	})
}

// dialable checks a number that the phone dials by itself, without anybody who
// could correct it: digits, *, # and a + in front. Package call takes more at a
// Dial (user names, hosts), which a setting has no use for.
func dialable() rule {
	return rule{values: "a number", pattern: dialPattern, check: func(text string) error {
		if !isDialable(text) {
			return errors.New("must be a number of up to 32 digits, * and #, with + only in front")
		}
		return nil
	}}
}

// dialPattern is isDialable for a schema.
const dialPattern = `^\+?[0-9*#]{0,32}$`

func isDialable(text string) bool {
	text = strings.TrimPrefix(text, "+")
	return len(text) <= 32 && strings.Trim(text, "0123456789*#") == ""
}

// maxRecentDays is the longest time for which recent calls are kept.
const maxRecentDays = 365

func recent() rule {
	words := fmt.Sprintf("%s, %s, 1 to %d (days)", RecentOff, RecentMemory, maxRecentDays)
	return rule{values: words, pattern: `^(|off|memory|[1-9]|[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-5])$`, check: func(text string) error {
		if text == "" || text == RecentOff || text == RecentMemory || daysOf(text) > 0 {
			return nil
		}
		return errors.New("must be one of " + words)
	}}
}

// daysOf reads a number of days, 0 for none that is taken.
func daysOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxRecentDays || strconv.Itoa(n) != text {
		return 0
	}
	return n
}

// hotkeys checks a key that works in every window.
func hotkeys() rule {
	return rule{values: "modifiers and a key joined by +", pattern: `^([^+]*|[^+]+(\+[^+]+)+)$`, check: func(text string) error {
		_, err := hotkey.Parse(text)
		switch {
		case errors.Is(err, hotkey.ErrName): // it would repeat the value
			return hotkey.ErrName
		case err != nil:
			return err
		}
		return nil
	}}
}

// hook checks an address that the phone calls by itself. It may tell which
// counsellor needs help, so it is not sent in the open to another machine.
func hook() rule {
	return rule{values: "https:// address", pattern: `^(|[hH][tT][tT][pP][sS]?://.+)$`, check: func(text string) error {
		if text == "" {
			return nil
		}
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
			return errors.New("must be an https:// address (http:// only on this computer)")
		}
		return nil
	}}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// secure checks an address that orders come from. It is https even on this
// computer, where another user may have the port.
func secure() rule {
	return rule{values: "https:// address", pattern: `^(|[hH][tT][tT][pP][sS]://.+)$`, check: func(text string) error {
		if text == "" {
			return nil
		}
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.Scheme != "https" || u.User != nil || u.Fragment != "" {
			return errors.New("must be an https:// address without a password")
		}
		return nil
	}}
}

// publicKeys checks each of a list of Ed25519 public keys.
func publicKeys() rule {
	return rule{values: "JSON array", pattern: `^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$`, check: func(text string) error {
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) != 32 || len(text) != 44 {
			return errors.New("must be Ed25519 public keys, each 32 bytes in base64")
		}
		return nil
	}}
}

// minisignKeys checks each of a list of minisign's public keys: "Ed", a number
// of eight bytes and an Ed25519 key, in base64.
func minisignKeys() rule {
	return rule{values: "JSON array", pattern: `^RW[A-Za-z0-9+/]{54}$`, check: func(text string) error {
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) != 42 || len(text) != 56 || string(raw[:2]) != "Ed" {
			return errors.New("must be public keys of minisign, each 56 characters that begin with RW")
		}
		return nil
	}}
}

// loopback checks an address that only programs on this machine can reach. A
// name is refused: what it means is for a name server to say.
func loopback() rule {
	return rule{values: "loopback HOST:PORT", pattern: `^(|127\.[0-9.]+:[0-9]+|\[[^\]]+\]:[0-9]+)$`, check: func(text string) error {
		if text == "" {
			return nil
		}
		host, port, err := net.SplitHostPort(text)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil || !isLoopback(host) {
			return errors.New("must be a loopback address with a port, such as 127.0.0.1:17081")
		}
		return nil
	}}
}

// attributes checks what a site is called in measurements. No value may look
// like somebody's number: measurements hold none.
func attributes() rule {
	fault := errors.New("must be name=value, joined by commas, with names of small letters, digits, dots and underscores and values of up to 64 characters, neither with five digits in a row or seven in all")
	return rule{values: "name=value,name=value", check: func(text string) error {
		if text == "" {
			return nil
		}
		seen := map[string]bool{}
		for one := range strings.SplitSeq(text, ",") {
			name, value, ok := strings.Cut(strings.TrimSpace(one), "=")
			name, value = strings.TrimSpace(name), strings.TrimSpace(value)
			switch {
			case !ok, name == "", value == "", seen[name], utf8.RuneCountInString(value) > 64,
				strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789._") != "", strings.HasPrefix(name, "service."), manyDigits(name), manyDigits(value):
				return fault
			}
			seen[name] = true
		}
		return nil
	}}
}

// manyDigits reports five digits in a row, or seven in all: what package scrub
// takes for somebody's number, 010-1234-5678 included.
func manyDigits(s string) bool {
	row, all := 0, 0
	for _, r := range s {
		if !unicode.IsDigit(r) {
			row = 0
			continue
		}
		row++
		all++
		if row == 5 || all == 7 {
			return true
		}
	}
	return false
}

// clock checks a time of day.
func clock() rule {
	return rule{values: "HH:MM", pattern: `^(|([01][0-9]|2[0-3]):[0-5][0-9])$`, check: func(text string) error {
		if text == "" {
			return nil
		}
		if _, err := time.Parse("15:04", text); err != nil || len(text) != 5 {
			return errors.New("must be a time of day such as 03:30")
		}
		return nil
	}}
}

// argon2id checks a hash in the PHC string format
// ($argon2id$v=19$m=65536,t=3,p=2$SALT$HASH, Base64 without padding). The
// bounds keep a slip of the pen from making the PIN pad take minutes, or the
// hash from being none.
func argon2id() rule {
	fault := errors.New("must be an argon2id hash such as $argon2id$v=19$m=65536,t=3,p=2$SALT$HASH")
	return rule{values: "argon2id hash", pattern: `^(|\$argon2id\$v=19\$m=[^$]+,t=[^$]+,p=[^$]+\$[^$]{11,}\$[^$]{22,})$`, check: func(text string) error {
		if text == "" {
			return nil
		}
		part := strings.Split(text, "$")
		if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v=19" {
			return fault
		}
		var m, t, p uint32
		if n, err := fmt.Sscanf(part[3]+" ", "m=%d,t=%d,p=%d ", &m, &t, &p); n != 3 || err != nil {
			return fault
		}
		if p < 1 || p > math.MaxUint8 || t < 1 || t > 16 || m < 8*p || m > 1<<20 {
			return errors.New("must be an argon2id hash of at most 1 GiB, 16 passes and 255 lanes")
		}
		salt, err := base64.RawStdEncoding.DecodeString(part[4])
		if err != nil || len(salt) < 8 {
			return fault
		}
		sum, err := base64.RawStdEncoding.DecodeString(part[5])
		if err != nil || len(sum) < 16 {
			return fault
		}
		return nil
	}}
}

func checkServers(list []ICEServer) error {
	for i, s := range list {
		scheme, rest, _ := strings.Cut(s.URL, ":")
		if !slices.Contains([]string{"stun", "stuns", "turn", "turns"}, scheme) || rest == "" {
			return fmt.Errorf("item %d: url must begin with stun:, stuns:, turn: or turns: and name a host", i+1)
		}
		if strings.ContainsFunc(s.URL+s.User, unicode.IsControl) {
			return fmt.Errorf("item %d: must not contain control characters", i+1)
		}
	}
	return nil
}

// checkHeaders keeps a value from ending its header field early and from
// smuggling in another.
func checkHeaders(list []Header) error {
	for i, h := range list {
		if h.Name == "" || !isToken(h.Name) {
			return fmt.Errorf("item %d: name is not a header field's name", i+1)
		}
		if strings.ContainsFunc(h.Value, unicode.IsControl) {
			return fmt.Errorf("item %d: value must not contain control characters", i+1)
		}
	}
	return nil
}

// maxName bounds a name on a button.
const maxName = 40

func checkName(i int, name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Errorf("item %d: name must not be empty", i+1)
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("item %d: name must not be longer than %d characters", i+1, maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("item %d: must not contain control characters", i+1)
	}
	return nil
}

func checkDials(list []SpeedDial) error {
	if len(list) > MaxSpeedDials {
		return fmt.Errorf("must not have more than %d items", MaxSpeedDials)
	}
	for i, d := range list {
		if err := checkName(i, d.Name); err != nil {
			return err
		}
		if d.Tel == "" || !isDialable(d.Tel) {
			return fmt.Errorf("item %d: tel must be a number of up to 32 digits, * and #, with + only in front", i+1)
		}
	}
	return nil
}

func checkHeadsets(list []HeadsetProfile) error {
	seen := map[string]bool{}
	for i, h := range list {
		if err := checkName(i, h.Name); err != nil {
			return err
		}
		if seen[h.Name] {
			return fmt.Errorf("item %d: name stands twice", i+1)
		}
		seen[h.Name] = true
		if strings.ContainsFunc(h.Microphone+h.Speaker+h.Ringer, unicode.IsControl) {
			return fmt.Errorf("item %d: must not contain control characters", i+1)
		}
	}
	return nil
}

// policyError is the fault of a value that stands where only a policy may.
type policyError struct{}

func (policyError) Error() string { return "may be set by a managed policy of the organisation only" }

// allowed refuses, in a layer of the user's or in a proposal, what only an
// organisation may order.
func (f field) allowed(source Source) error {
	if f.PolicyOnly && source != SourceManaged && source != SourceProvisioned && source != SourceDemo {
		return policyError{}
	}
	return nil
}

// originError is the fault of a list that is right but for some of its origins.
type originError string

func (e originError) Error() string { return string(e) }

// origins gives those of a list that are written as browsers write them, each
// once, and tells the others by their places.
func origins(list []string) (good []string, err error) {
	var faults []string
	for i, s := range list {
		switch o, err := origin.Parse(s); {
		case err != nil:
			faults = append(faults, fmt.Sprintf("item %d: %s", i+1, err))
		case !slices.Contains(good, o):
			good = append(good, o)
		}
	}
	if faults != nil {
		err = originError(strings.Join(faults, "; "))
	}
	return good, err
}

// codeFor is the code of a value's fault, and whether what the fault left of the
// value counts.
func codeFor(err error) (code Code, partly bool) {
	if _, ok := err.(originError); ok {
		return CodeBadOrigin, true
	}
	if _, ok := err.(policyError); ok {
		return CodePolicyOnly, false
	}
	return CodeBadSetting, false
}
