package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"nxphone/call/webapi/origin"
)

// Key names a setting: in the file as it stands, as a flag with "--", in the
// environment by [Key.Env].
type Key string

// The keys, in the order in which they are listed and first written.
const (
	KeyRealm            Key = "realm"
	KeyDN               Key = "dn"
	KeyURL              Key = "url"
	KeyCA               Key = "ca"
	KeyUser             Key = "user"
	KeyPasswordFile     Key = "password-file"
	KeyPushToken        Key = "push-token"
	KeyPushProvider     Key = "push-provider"
	KeyPushHeader       Key = "push-header"
	KeyRegister         Key = "register"
	KeyCodec            Key = "codec"
	KeyMicrophone       Key = "microphone"
	KeySpeaker          Key = "speaker"
	KeyLang             Key = "lang"
	KeyTheme            Key = "theme"
	KeyLogLevel         Key = "log-level"
	KeyICEServers       Key = "ice-servers"
	KeySIPHeaders       Key = "sip-headers"
	KeyOrigin           Key = "origin"
	KeyHandshakeHeaders Key = "handshake-headers"
	KeyWebAPI           Key = "web-api"
	KeyWebAPIOrigins    Key = "web-api-origins"
	KeyWebAPIAsk        Key = "web-api-ask"
	KeyWebAPICode       Key = "web-api-code"
)

// keyAudio is a shorthand for both devices at once. It stands on the command
// line and in the environment only, and is taken apart inside its layer: a
// --audio beats an NXPHONE_MICROPHONE, and a --microphone beside it wins.
const keyAudio Key = "audio"

// Env is the environment variable of the key.
func (k Key) Env() string {
	return "NXPHONE_" + strings.ToUpper(strings.ReplaceAll(string(k), "-", "_"))
}

// Info describes a key.
type Info struct {
	Key Key
	// Doc is one English sentence for help texts and manuals.
	Doc string
	// Flag: the key is also a flag of every command that calls.
	Flag bool
	// Sensitive: the value identifies a device or person; show it masked.
	Sensitive bool
}

// Keys lists every setting.
func Keys() []Info {
	var all []Info
	for _, f := range fields() {
		all = append(all, f.Info)
	}
	return all
}

// field ties a key to its place in Settings and to the rule of its values.
type field struct {
	Info
	at    func(*Settings) any // *string, *bool, *[]ICEServer, *[]Header or *[]string
	check func(text string) error
}

// adds reports whether the layers' values of a key add up instead of one taking
// another's place: what an administrator allows does not take away what the
// user has allowed.
func (f field) adds() bool { return f.Key == KeyWebAPIOrigins }

func fields() []field {
	return []field{
		{Info{KeyRealm, "SIP domain of the calls", true, false}, func(s *Settings) any { return &s.Realm }, nil},
		{Info{KeyDN, "own extension", true, false}, func(s *Settings) any { return &s.DN }, nil},
		{Info{KeyURL, "address of the SBC, ws:// or wss://", true, false}, func(s *Settings) any { return &s.URL }, nil},
		{Info{KeyCA, "PEM file of certificate authorities trusted beside the system's", true, false}, func(s *Settings) any { return &s.CA }, nil},
		{Info{KeyUser, "user name for authentication, the extension when empty", true, false}, func(s *Settings) any { return &s.User }, nil},
		{Info{KeyPasswordFile, "file whose first line is the password, instead of the keyring", true, false}, func(s *Settings) any { return &s.PasswordFile }, nil},
		{Info{KeyPushToken, "push token of this device, none when empty or \"default\"", true, true}, func(s *Settings) any { return &s.PushToken }, nil},
		{Info{KeyPushProvider, "push provider that goes with the token (RFC 8599)", false, false}, func(s *Settings) any { return &s.PushProvider }, token},
		{Info{KeyPushHeader, "header field that carries the push token instead of the Contact", false, false}, func(s *Settings) any { return &s.PushHeader }, token},
		{Info{KeyRegister, "register at the SBC before calling", false, false}, func(s *Settings) any { return &s.Register }, nil},
		{Info{KeyCodec, "codec to offer first: opus, pcmu or pcma", true, false}, func(s *Settings) any { return &s.Codec }, oneOf("", "opus", "pcmu", "pcma")},
		{Info{KeyMicrophone, "microphone: default, null or a name", true, false}, func(s *Settings) any { return &s.Microphone }, nil},
		{Info{KeySpeaker, "speaker: default, null or a name", true, false}, func(s *Settings) any { return &s.Speaker }, nil},
		{Info{KeyLang, "language: ko or en", true, false}, func(s *Settings) any { return &s.Lang }, oneOf("", "ko", "en")},
		{Info{KeyTheme, "colours: light or dark", false, false}, func(s *Settings) any { return &s.Theme }, oneOf("", "light", "dark")},
		{Info{KeyLogLevel, "least level that is logged: debug, info, warn or error", true, false}, func(s *Settings) any { return &s.LogLevel }, oneOf("", "debug", "info", "warn", "error")},
		{Info{KeyICEServers, "STUN and TURN servers, a JSON array of {url, user}", false, false}, func(s *Settings) any { return &s.ICEServers }, nil},
		{Info{KeySIPHeaders, "header fields added to every SIP request, a JSON array of {name, value}", false, true}, func(s *Settings) any { return &s.SIPHeaders }, nil},
		{Info{KeyOrigin, "Origin of the WebSocket handshake", false, false}, func(s *Settings) any { return &s.Origin }, nil},
		{Info{KeyHandshakeHeaders, "header fields added to the WebSocket handshake, a JSON array of {name, value}", false, true}, func(s *Settings) any { return &s.HandshakeHeaders }, nil},
		{Info{KeyWebAPI, "let allowed web pages on this computer place calls", true, false}, func(s *Settings) any { return &s.WebAPI }, nil},
		{Info{KeyWebAPIOrigins, "origins of the web pages that are allowed, a JSON array; the lists of file, environment, flags and policies add up", false, false}, func(s *Settings) any { return &s.WebAPIOrigins }, nil},
		{Info{KeyWebAPIAsk, "ask the user about a web page that is not allowed yet", true, false}, func(s *Settings) any { return &s.WebAPIAsk }, nil},
		{Info{KeyWebAPICode, "pair a web page only by the short code that the phone shows", true, false}, func(s *Settings) any { return &s.WebAPICode }, nil},
	}
}

// parse checks a value given as text and stores it into s. Lists are JSON.
// The error gives the rule, not the value.
func (f field) parse(s *Settings, text string) error {
	switch p := f.at(s).(type) {
	case *string:
		if err := f.checkText(text); err != nil {
			return err
		}
		*p = text
	case *bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("must be true or false")
		}
		*p = v
	default:
		return f.decode(s, []byte(text))
	}
	return nil
}

// decode is parse for a value given as JSON. Of a list of origins those that are
// right are stored even where others are wrong: a slip of the pen in one must
// not shut out the pages of the rest.
func (f field) decode(s *Settings, raw []byte) error {
	// A null would be taken as "no change" by encoding/json.
	if string(bytes.TrimSpace(raw)) == "null" {
		return fmt.Errorf("must not be null")
	}
	switch p := f.at(s).(type) {
	case *string:
		var text string
		if err := strict(raw, &text); err != nil {
			return fmt.Errorf("must be a string")
		}
		return f.parse(s, text)
	case *bool:
		if err := strict(raw, p); err != nil {
			return fmt.Errorf("must be true or false")
		}
	case *[]ICEServer:
		var v []ICEServer
		if err := strict(raw, &v); err != nil {
			return fmt.Errorf("must be an array of objects with url and user")
		}
		if err := checkServers(v); err != nil {
			return err
		}
		*p = v
	case *[]Header:
		var v []Header
		if err := strict(raw, &v); err != nil {
			return fmt.Errorf("must be an array of objects with name and value")
		}
		if err := checkHeaders(v); err != nil {
			return err
		}
		*p = v
	case *[]string:
		var v []string
		if err := strict(raw, &v); err != nil {
			return fmt.Errorf("must be an array of strings")
		}
		var err error
		*p, err = origins(v)
		return err
	}
	return nil
}

// text is the value in s, as parse would take it.
func (f field) text(s *Settings) string {
	switch p := f.at(s).(type) {
	case *string:
		return *p
	case *bool:
		return strconv.FormatBool(*p)
	}
	return string(f.encode(s))
}

// encode is the value in s as JSON.
func (f field) encode(s *Settings) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	// Names and URLs are read by people: "&" stays "&".
	e.SetEscapeHTML(false)
	v := f.at(s)
	switch p := v.(type) {
	case *[]ICEServer:
		v = append([]ICEServer{}, *p...) // an empty list is [], not null, which slices.Concat makes of it
	case *[]Header:
		v = append([]Header{}, *p...)
	case *[]string:
		v = append([]string{}, *p...)
	}
	// Strings, booleans and structs of strings cannot fail to encode.
	_ = e.Encode(v)
	return bytes.TrimSpace(b.Bytes())
}

func (f field) checkText(text string) error {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("must not contain control characters")
	}
	if f.check != nil {
		return f.check(text)
	}
	return nil
}

// strict decodes JSON and refuses members that the type does not have: a
// misspelt "ulr" should be told, not ignored.
func strict(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one value")
	}
	return nil
}

func oneOf(words ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("must be one of %s", strings.Join(words[1:], ", "))
		}
		return nil
	}
}

// token checks a header field's name or a parameter's value (the token of
// RFC 3261 section 25.1); empty means not set.
func token(text string) error {
	ok := func(c rune) bool {
		return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.ContainsRune("-.!%*_+`'~", c)
	}
	if strings.ContainsFunc(text, func(c rune) bool { return !ok(c) }) {
		return fmt.Errorf("must be letters, digits and - . ! %% * _ + ` ' ~")
	}
	return nil
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
		if h.Name == "" || token(h.Name) != nil {
			return fmt.Errorf("item %d: name is not a header field's name", i+1)
		}
		if strings.ContainsFunc(h.Value, unicode.IsControl) {
			return fmt.Errorf("item %d: value must not contain control characters", i+1)
		}
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
	return CodeBadSetting, false
}
