package webapi

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"
)

// carrier carries messages of one connection: a WebSocket, or lines on the
// control socket.
type carrier interface {
	// read gives the next message; what is too long ends the connection.
	read(ctx context.Context) ([]byte, error)
	write(ctx context.Context, text []byte) error
	// ping returns when the peer has shown that it is there.
	ping(ctx context.Context) error
	// close says good-bye with a code, within closeTime; closeNoMessage says
	// nothing.
	close(code int)
	// abort breaks the connection at once, whoever is reading or writing.
	abort()
}

// proved is what a page has shown in the handshake.
type proved struct {
	tab, epoch string
	n          uint64
}

// refusal ends a handshake: the close code, and the outcome for the audit.
type refusal struct {
	code    int
	outcome string
}

func (r refusal) Error() string { return "webapi: handshake: " + r.outcome }

// errGone: the page went away in the middle, which it may.
var errGone = errors.New("webapi: the page has gone")

// handshake is the conversation before a page is let in: the phone proves
// itself first, so that a page tells nothing to somebody who only listens on
// the port.
type handshake struct {
	server  *Server
	carrier carrier
	ex      exchange
	command string // "prove" or "pair", for the audit
}

// run carries the conversation out.
func (h *handshake) run(ctx context.Context) (proved, error) {
	own, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return proved{}, err
	}
	h.command = "prove"
	h.ex.phoneID = phoneID(h.server.opts.Secret)
	h.ex.phoneNonce = randomHex(16)
	needCode := h.server.opts.Policy().Code
	err = h.say(ctx, struct {
		Type   string `json:"type"`
		V      int    `json:"v"`
		ID     string `json:"id"`
		Nonce  string `json:"nonce"`
		Commit string `json:"commit"`
		Code   bool   `json:"code"`
	}{"phone", 1, h.ex.phoneID, h.ex.phoneNonce, commitment(own.PublicKey()), needCode})
	if err != nil {
		return proved{}, err
	}
	hello, err := h.hear(ctx, "hello", proveTime)
	if err != nil {
		return proved{}, err
	}
	h.ex.pageNonce = hello.Nonce
	if hello.Client == "" {
		return h.pair(ctx, own, needCode)
	}
	key := pageKey(h.server.opts.Secret, h.ex.origin, hello.Client)
	err = h.say(ctx, struct {
		Type  string `json:"type"`
		Proof string `json:"proof"`
	}{"proof", h.ex.phoneProof(key)})
	if err != nil {
		return proved{}, err
	}
	return h.prove(ctx, key, proveTime)
}

// pair gives the page a key of its own under a new name.
func (h *handshake) pair(ctx context.Context, own *ecdh.PrivateKey, needCode bool) (proved, error) {
	h.command = "pair"
	if err := h.say(ctx, struct {
		Type string `json:"type"`
	}{"unpaired"}); err != nil {
		return proved{}, err
	}
	m, err := h.hear(ctx, "pair", proveTime)
	if err != nil {
		return proved{}, err
	}
	h.ex.pagePublic = m.Public
	h.ex.phonePublic = hexOf(own.PublicKey())
	z, err := sharedSecret(own, m.Public)
	if err != nil {
		return proved{}, refusal{closeUnproven, "bad-key"}
	}
	wait := proveTime
	if needCode || m.Code {
		hide, err := h.server.showCode(h.ex.origin, h.ex.shortCode(z))
		if err != nil {
			return proved{}, err
		}
		defer hide()
		wait = codeTime
	}
	client := randomHex(16)
	key := pageKey(h.server.opts.Secret, h.ex.origin, client)
	err = h.say(ctx, struct {
		Type    string `json:"type"`
		Public  string `json:"public"`
		Client  string `json:"client"`
		Wrapped string `json:"wrapped"`
		Proof   string `json:"proof"`
	}{"paired", h.ex.phonePublic, client, h.ex.wrap(key, z), h.ex.phoneProof(key)})
	if err != nil {
		return proved{}, err
	}
	return h.prove(ctx, key, wait)
}

// prove is the page's turn.
func (h *handshake) prove(ctx context.Context, key []byte, wait time.Duration) (proved, error) {
	m, err := h.hear(ctx, "prove", wait)
	if err != nil {
		return proved{}, err
	}
	if !sameProof(m.Proof, h.ex.pageProof(key)) {
		return proved{}, refusal{closeUnproven, "wrong-proof"}
	}
	return proved{m.Tab, m.Epoch, uint64(m.N)}, nil
}

func (h *handshake) say(ctx context.Context, v any) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if err := h.carrier.write(ctx, encode(v)); err != nil {
		return errGone
	}
	return nil
}

// hear waits for one message of this type; anything else is not the protocol.
func (h *handshake) hear(ctx context.Context, typ string, wait time.Duration) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	data, err := h.carrier.read(ctx)
	switch {
	case errors.Is(err, errNotText):
		return message{}, refusal{closeBinary, codeBadRequest}
	case err != nil && ctx.Err() != nil:
		return message{}, refusal{closeSlow, "timeout"}
	case err != nil:
		return message{}, errGone
	}
	m, err := decode(data)
	if err != nil || m.Type != typ {
		return message{}, refusal{closeBad, codeBadRequest}
	}
	return m, nil
}

// showCode puts the code on the phone's window, one at a time: two codes side
// by side would be read to the wrong page.
func (s *Server) showCode(origin, code string) (hide func(), err error) {
	if s.opts.ShowCode == nil {
		return nil, refusal{closeUnproven, "no-code"}
	}
	select {
	case s.code <- struct{}{}:
	default:
		return nil, refusal{closeBusyCode, "code-busy"}
	}
	take := s.opts.ShowCode(origin, code)
	return func() {
		if take != nil {
			take()
		}
		<-s.code
	}, nil
}

func hexOf(k *ecdh.PublicKey) string { return hex.EncodeToString(k.Bytes()) }
