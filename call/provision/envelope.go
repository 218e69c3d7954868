package provision

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// PayloadType is what the payload of an envelope is.
const PayloadType = "application/vnd.nxphone.settings+json"

// MaxSize bounds an envelope in bytes: hundreds of settings are some kilobytes.
const MaxSize = 1 << 20

// maxSignatures bounds the work that an envelope can ask for.
const maxSignatures = 16

// Document is what an organisation's server says.
type Document struct {
	// Version is 1 or more, and greater in each later document.
	Version int64
	// Expires is when the document is old.
	Expires time.Time
	// URL is the address that it is for, "" for any.
	URL string
	// Managed and Recommended are objects of settings, "{}" where there are
	// none. They are not checked here.
	Managed, Recommended json.RawMessage
	// payload is what was signed, to tell two documents apart.
	payload []byte
}

// envelope is DSSE's. Its base64 is RFC 4648's with padding.
type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid,omitempty"`
	Sig   []byte `json:"sig"`
}

// Signed is what is signed for a payload: DSSE's pre-authentication encoding.
func Signed(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(PayloadType), PayloadType, len(payload), payload)
}

// Seal signs a payload and puts it into an envelope. The payload is checked as
// [Open] checks it, but for its expiry.
func Seal(payload []byte, key ed25519.PrivateKey) ([]byte, error) {
	if _, err := parse(payload); err != nil {
		return nil, err
	}
	e := envelope{PayloadType, payload, []signature{{Sig: ed25519.Sign(key, Signed(payload))}}}
	out, err := json.Marshal(e)
	if err == nil && len(out) > MaxSize {
		err = &Error{Code: CodeTooLarge, Detail: fmt.Sprintf("an envelope must not have more than %d bytes", MaxSize)}
	}
	return append(out, '\n'), err
}

// Open verifies an envelope and reads its document. Whether it is old, a
// rollback or for another address is for the caller to say. Errors:
// CodeTooLarge, CodeBroken, CodeSignature.
func Open(data []byte, keys []ed25519.PublicKey) (Document, error) {
	if len(data) > MaxSize {
		return Document{}, &Error{Code: CodeTooLarge}
	}
	var e envelope
	if err := only(data, &e); err != nil {
		return Document{}, &Error{Code: CodeBroken, Detail: "not an envelope: " + err.Error(), Err: err}
	}
	if e.PayloadType != PayloadType {
		return Document{}, &Error{Code: CodeBroken, Detail: "the envelope holds something else than settings"}
	}
	if len(e.Signatures) > maxSignatures {
		return Document{}, &Error{Code: CodeBroken, Detail: "too many signatures"}
	}
	signed := Signed(e.Payload)
	good := slices.ContainsFunc(e.Signatures, func(s signature) bool {
		return slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool {
			return len(k) == ed25519.PublicKeySize && ed25519.Verify(k, signed, s.Sig)
		})
	})
	if !good {
		return Document{}, &Error{Code: CodeSignature}
	}
	return parse(e.Payload)
}

// parse reads a payload.
func parse(payload []byte) (Document, error) {
	broken := func(detail string) (Document, error) {
		return Document{}, &Error{Code: CodeBroken, Detail: detail}
	}
	var p struct {
		Version     int64           `json:"version"`
		Expires     string          `json:"expires"`
		URL         string          `json:"url"`
		Managed     json.RawMessage `json:"managed"`
		Recommended json.RawMessage `json:"recommended"`
	}
	// A member that this program does not know may be one that changes what
	// the others mean.
	if err := only(payload, &p); err != nil {
		return broken("not a document: " + err.Error())
	}
	// Beyond 2^53 programs that keep numbers as float64 count wrongly.
	if p.Version < 1 || p.Version > 1<<53 {
		return broken("version must be a whole number from 1 to 2^53")
	}
	expires, err := time.Parse(time.RFC3339, p.Expires)
	if err != nil {
		return broken("expires must be a time such as 2027-01-31T00:00:00Z")
	}
	d := Document{Version: p.Version, Expires: expires, URL: p.URL, payload: payload}
	for _, part := range []struct {
		name string
		from json.RawMessage
		to   *json.RawMessage
	}{{"managed", p.Managed, &d.Managed}, {"recommended", p.Recommended, &d.Recommended}} {
		*part.to = part.from
		if part.from == nil {
			*part.to = json.RawMessage("{}")
		}
		if (*part.to)[0] != '{' {
			return broken(part.name + " must be an object")
		}
	}
	return d, nil
}

// only decodes one JSON value with no members but those of v, and nothing after
// it.
func only(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind it")
	}
	return nil
}

// ParseKey reads a public key as policies have it: 32 bytes in base64.
func ParseKey(text string) (ed25519.PublicKey, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errors.New("must be an Ed25519 public key, 32 bytes in base64")
	}
	return ed25519.PublicKey(raw), nil
}

// FormatKey is the inverse of [ParseKey].
func FormatKey(k ed25519.PublicKey) string { return base64.StdEncoding.EncodeToString(k) }

// ParsePrivateKey reads a signing key: PKCS #8 in PEM, as
// "openssl genpkey -algorithm ed25519" writes it.
func ParsePrivateKey(text []byte) (ed25519.PrivateKey, error) {
	fault := errors.New("must be an Ed25519 private key, PKCS #8 in PEM and not encrypted")
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, fault
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fault
	}
	key, ok := k.(ed25519.PrivateKey)
	if !ok {
		return nil, fault
	}
	return key, nil
}

// FormatPrivateKey is the inverse of [ParsePrivateKey].
func FormatPrivateKey(k ed25519.PrivateKey) ([]byte, error) {
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), err
}
