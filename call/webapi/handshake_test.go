package webapi

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"nxphone/call/webapi/webapitest"
)

func TestPairAndProve(t *testing.T) {
	r := newRig(t, nil)
	first := r.page(webapitest.Options{})
	if first.Version != "1.2.3" || len(first.Epoch) != 16 || first.Start != 0 {
		t.Errorf("welcome: %q %q %d", first.Version, first.Epoch, first.Start)
	}
	if w := first.Welcome; w.Busy || w.Control || w.Free || w.Call != nil {
		t.Errorf("an idle phone says %+v", w)
	}
	second := r.page(webapitest.Options{Key: &first.Key})
	if first.Key.Phone != phoneID(bytes.Repeat([]byte{7}, 32)) {
		t.Errorf("the phone calls itself %q", first.Key.Phone)
	}
	second.Close()
	if n := len(r.audited("pair")); n != 1 {
		t.Errorf("%d pairings in the audit, want 1", n)
	}
	if got := r.audited("prove"); len(got) != 1 || got[0].Outcome != "ok" {
		t.Errorf("the audit has %v", got)
	}
	plain := r.page(webapitest.Options{Origin: intranet})
	r.command(plain, "take", "no-call")
	if got := r.audited("take"); len(got) != 1 || !got[0].Plain {
		t.Errorf("a plain page in the audit: %+v", got)
	}
}

// The vectors were computed from the protocol with another library (Python's
// hmac); they hold what both sides must agree on.
func TestProofVectors(t *testing.T) {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i)
	}
	e := exchange{
		origin: helpline, port: "17070", phoneID: phoneID(secret),
		pageNonce: strings.Repeat("11", 16), phoneNonce: strings.Repeat("22", 16),
		pagePublic: strings.Repeat("33", 32), phonePublic: strings.Repeat("44", 32),
	}
	key := pageKey(secret, helpline, strings.Repeat("55", 16))
	z := bytes.Repeat([]byte{0x66}, 32)
	for _, v := range []struct{ name, got, want string }{
		{"phone id", e.phoneID, vectorID},
		{"key", hex.EncodeToString(key), vectorKey},
		{"phone proof", e.phoneProof(key), vectorPhone},
		{"page proof", e.pageProof(key), vectorPage},
		{"wrapped", e.wrap(key, z), vectorWrapped},
		{"code", e.shortCode(z), vectorCode},
	} {
		if v.got != v.want {
			t.Errorf("%s: %s, want %s", v.name, v.got, v.want)
		}
	}
}

func TestSharedSecret(t *testing.T) {
	own, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, public := range map[string]string{
		"zero": strings.Repeat("00", 32), "low order": "01" + strings.Repeat("00", 31), "short": "00", "no hex": "x",
	} {
		if _, err := sharedSecret(own, public); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Whoever cannot prove himself is closed with 4401 and learns nothing.
func TestWrongProofs(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	other := r.page(webapitest.Options{Origin: intranet})
	wrong := page.Key
	wrong.Secret = bytes.Repeat([]byte{9}, 32)
	foreign := other.Key
	for _, a := range []struct {
		name string
		o    webapitest.Options
	}{
		{"one bit", webapitest.Options{Key: &page.Key, Proof: flip}},
		{"the phone's own, mirrored", webapitest.Options{Key: &page.Key, Proof: func(string) string { return strings.Repeat("0", 64) }}},
		{"a replay", webapitest.Options{Key: &page.Key, Nonce: page.Nonce, Proof: func(string) string { return page.Proof }}},
		{"a key of nobody", webapitest.Options{Key: &wrong, TrustAnybody: true}},
		{"another origin's key", webapitest.Options{Key: &foreign, TrustAnybody: true}},
	} {
		a.o.Origin = helpline
		_, err := webapitest.Dial(r.ctx(), r.addr, a.o)
		if got := webapitest.CloseCode(err); got != closeUnproven {
			t.Errorf("%s: %v (%d), want %d", a.name, err, got, closeUnproven)
		}
	}
	r.unharmed(page, id)
	if n := len(r.audited("prove")); n != 5 {
		t.Errorf("%d failures in the audit, want 5", n)
	}
}

func flip(proof string) string {
	b, _ := hex.DecodeString(proof)
	b[0] ^= 1
	return hex.EncodeToString(b)
}

// A squatter on the port has no key: the page notices before it has said
// anything that is of use.
func TestSquatter(t *testing.T) {
	phone := newRig(t, nil)
	key := phone.page(webapitest.Options{}).Key
	squatter := newRig(t, func(o *Options) { o.Secret = bytes.Repeat([]byte{8}, 32) })
	_, err := webapitest.Dial(squatter.ctx(), squatter.addr, webapitest.Options{Origin: helpline, Key: &key})
	if !errors.Is(err, webapitest.ErrNotProven) {
		t.Errorf("the page went on: %v", err)
	}
}

// What is not the protocol ends the handshake.
func TestHandshakeNonsense(t *testing.T) {
	r := newRig(t, nil)
	hello := `{"type":"hello","nonce":"` + strings.Repeat("1", 32) + `","client":""}`
	for _, a := range []struct {
		name     string
		messages []string
		want     int
	}{
		{"no JSON", []string{"hello"}, closeBad},
		{"a list", []string{"[]"}, closeBad},
		{"a command", []string{`{"type":"clear","id":1}`}, closeBad},
		{"prove at once", []string{`{"type":"prove","proof":"` + strings.Repeat("1", 64) + `","tab":"` + strings.Repeat("1", 32) + `"}`}, closeBad},
		{"a short nonce", []string{`{"type":"hello","nonce":"11","client":""}`}, closeBad},
		{"no nonce", []string{`{"type":"hello","client":""}`}, closeBad},
		{"upper case", []string{`{"type":"hello","nonce":"` + strings.Repeat("A", 32) + `"}`}, closeBad},
		{"a number", []string{`{"type":"hello","nonce":1}`}, closeBad},
		{"hello twice", []string{hello, hello}, closeBad},
		{"a zero key", []string{hello, `{"type":"pair","public":"` + strings.Repeat("0", 64) + `","code":false}`}, closeUnproven},
		{"a code that nobody can show", []string{hello, `{"type":"pair","public":"` + strings.Repeat("09", 32) + `","code":true}`}, closeUnproven},
		{"too long", []string{strings.Repeat(" ", maxMessage+1)}, 1009},
	} {
		c, _, err := webapitest.Connect(r.ctx(), r.addr, webapitest.Options{Origin: helpline})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range a.messages {
			if err := c.Send(r.ctx(), m); err != nil {
				t.Errorf("%s: %v", a.name, err)
			}
		}
		for err == nil {
			_, err = c.Read(r.ctx())
		}
		if got := webapitest.CloseCode(err); got != a.want {
			t.Errorf("%s: %v, want close code %d", a.name, err, a.want)
		}
		c.Cut()
	}
	c, _, err := webapitest.Connect(r.ctx(), r.addr, webapitest.Options{Origin: helpline})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Cut()
	if err := c.SendBinary(r.ctx(), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = c.Read(r.ctx())
	}
	if got := webapitest.CloseCode(err); got != closeBinary {
		t.Errorf("a binary message: %v, want %d", err, closeBinary)
	}
}

// The code on the window is the one that the page computes, and goes away.
func TestCode(t *testing.T) {
	shown := make(chan string, 10)
	r := newRig(t, func(o *Options) {
		o.ShowCode = func(origin, code string) func() {
			shown <- origin + " " + code
			return func() { shown <- "hidden" }
		}
	})
	compare := func(code string) error {
		if got := <-shown; got != helpline+" "+code || len(code) != 6 {
			return errors.New("the phone shows " + got + ", the page has " + code)
		}
		// Meanwhile another page is sent away: two codes side by side would be
		// mixed up.
		_, err := webapitest.Dial(r.ctx(), r.addr, webapitest.Options{Origin: intranet, WantCode: true})
		if webapitest.CloseCode(err) != closeBusyCode {
			return err
		}
		return nil
	}
	page := r.page(webapitest.Options{WantCode: true, Code: compare})
	if got := <-shown; got != "hidden" {
		t.Errorf("after the proof: %s", got)
	}
	r.setPolicy(Policy{Origins: []string{helpline}, Code: true})
	r.page(webapitest.Options{Code: compareOnly(shown)}).Close()
	if got := <-shown; got != "hidden" {
		t.Errorf("after the proof: %s", got)
	}
	page.Close()
	r.again(page, helpline) // has a key: no code
	wrong := errors.New("not the code that I read")
	_, err := webapitest.Dial(r.ctx(), r.addr, webapitest.Options{Origin: helpline, Code: func(string) error { <-shown; return wrong }})
	if !errors.Is(err, wrong) {
		t.Errorf("a page that does not agree: %v", err)
	}
	if got := <-shown; got != "hidden" {
		t.Errorf("after the page went: %s", got)
	}
	if strings.Contains(r.logged.String(), page.Key.Client) {
		t.Error("the log has the name of a key")
	}
}

func compareOnly(shown <-chan string) func(string) error {
	return func(code string) error {
		if got := <-shown; !strings.HasSuffix(got, code) {
			return errors.New("the phone shows " + got)
		}
		return nil
	}
}

// The vectors of TestProofVectors.
const (
	vectorID      = "b3f810c99bffd614"
	vectorKey     = "531310e095f8d59be68b656d190cb34b49c7df9fdbbda58726df000bd1963d51"
	vectorPhone   = "73d80b7a2d24c38a255ed43ef8287377ad60baf9bf1c06ff133da727eff24085"
	vectorPage    = "d6ccd8c233b5eb9b3cc0a74c11c3a4bb379bd161673b77036c9f2547d1871f41"
	vectorWrapped = "7fc764a8341cbbdb49dc0ecb392a6b6b0aed90b0f436684cfe7db95d57f1a1a1"
	vectorCode    = "454695"
)
