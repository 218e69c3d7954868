package web

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// squatter is another program on a port that pages look for the phone on. It
// takes every WebSocket and keeps what it is sent.
type squatter struct {
	port int

	mu   sync.Mutex
	sent []string
}

// squat takes the first port that a phone would take.
func squat(t *testing.T, serve func(context.Context, *squatter, string, *websocket.Conn)) *squatter {
	t.Helper()
	var l net.Listener
	s := &squatter{}
	for s.port = 17070; l == nil; s.port++ {
		var err error
		if l, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", s.port)); err != nil && s.port == 17079 {
			t.Fatal(err)
		}
	}
	s.port--
	ctx, cancel := context.WithCancel(t.Context())
	var open sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		open.Add(1)
		defer open.Done()
		c, err := websocket.Accept(rw, r, &websocket.AcceptOptions{InsecureSkipVerify: true, Subprotocols: []string{"nxphone.v1"}})
		if err != nil {
			return // no WebSocket: the script's look whether anybody is there
		}
		defer c.CloseNow()
		serve(ctx, s, r.Header.Get("Origin"), c)
	})}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	t.Cleanup(func() {
		cancel()
		_ = server.Close()
		<-served
		open.Wait()
	})
	return s
}

// read takes one message of the page.
func (s *squatter) read(ctx context.Context, c *websocket.Conn) (message, error) {
	_, text, err := c.Read(ctx)
	if err != nil {
		return message{}, err
	}
	s.mu.Lock()
	s.sent = append(s.sent, string(text))
	s.mu.Unlock()
	var m message
	err = json.Unmarshal(text, &m)
	return m, err
}

// message is what these tests look at in the messages of both sides.
type message struct {
	Type    string `json:"type"`
	V       int    `json:"v,omitempty"`
	ID      any    `json:"id,omitempty"`
	Nonce   string `json:"nonce,omitempty"`
	Commit  string `json:"commit,omitempty"`
	Code    bool   `json:"code"`
	Client  string `json:"client,omitempty"`
	Public  string `json:"public,omitempty"`
	Wrapped string `json:"wrapped,omitempty"`
	Proof   string `json:"proof,omitempty"`
}

func (m message) write(ctx context.Context, c *websocket.Conn) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return c.Write(ctx, websocket.MessageText, text)
}

// learnt checks what pages have told the squatter: the number of messages that
// are allowed by their type, and no other.
func (s *squatter) learnt(t *testing.T, allowed ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range s.sent {
		var m message
		if err := json.Unmarshal([]byte(text), &m); err != nil || count(allowed, m.Type) == 0 {
			t.Errorf("the page told a stranger %s", text)
		}
		for _, secret := range []string{"600", "602", "demo.invalid", "sbc"} {
			if strings.Contains(text, `"`+secret+`"`) {
				t.Errorf("a stranger has learnt %q: %s", secret, text)
			}
		}
	}
}

// visited is how often pages have connected and said something.
func (s *squatter) visited() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

// callPast makes a call to the real phone past whoever else is there.
func (p *tab) callPast() {
	p.t.Helper()
	p.reachable()
	if got := p.place("600"); got != 0 {
		p.t.Errorf("directCall = %d", got)
	}
	n := count(p.types(), "InCall")
	p.await("InCall", n+1)
	p.want(`nxWebApi.Clear()`, 0)
	p.await("Clear", n+1)
	if got := count(p.Seen("dialog"), "발신 실패 "); got > 0 {
		p.t.Errorf("the page could not call %d times", got)
	}
}

// testStranger: a WebSocket server of another kind, which talks at once.
func testStranger(t *testing.T, w *world) {
	s := squat(t, func(ctx context.Context, s *squatter, _ string, c *websocket.Conn) {
		for _, hello := range []string{`{"jsonrpc":"2.0","method":"welcome"}`, `not JSON at all`, `[]`, `null`, `{"type":"welcome","state":{}}`} {
			if c.Write(ctx, websocket.MessageText, []byte(hello)) != nil {
				return
			}
		}
		for {
			if _, err := s.read(ctx, c); err != nil {
				return
			}
		}
	})
	h := w.run(t, []string{w.origin("127.0.0.1")})
	if strings.HasSuffix(h.base, fmt.Sprint(":", s.port)) {
		t.Fatalf("both listen on %s", h.base)
	}
	w.visitor(t).counsel("127.0.0.1", "").callPast()
	s.learnt(t)
}

// pairThenReplace lets a page meet the real phone, then puts a squatter on the
// phone's port and the phone on the next one. It gives the page and the first
// message of the real phone, as anybody on the computer may have it.
func pairThenReplace(t *testing.T, w *world, serve func(context.Context, *squatter, string, *websocket.Conn)) (*tab, *squatter, *headless) {
	t.Helper()
	home, origins := t.TempDir(), []string{w.origin("127.0.0.1")}
	h := w.runIn(t, home, origins)
	p := w.visitor(t).counsel("127.0.0.1", "")
	p.callPast()
	h.end(t)
	s := squat(t, serve)
	if !strings.HasSuffix(h.base, fmt.Sprint(":", s.port)) {
		t.Fatalf("the squatter is on port %d, the phone was at %s", s.port, h.base)
	}
	return p, s, w.runIn(t, home, origins)
}

// greet is the first message of a real phone to a page of this origin.
func greet(ctx context.Context, h *headless, origin string) (*websocket.Conn, message, error) {
	c, _, err := websocket.Dial(ctx, "ws://"+h.address()+"/v1", &websocket.DialOptions{
		Subprotocols: []string{"nxphone.v1"}, HTTPHeader: http.Header{"Origin": {origin}}})
	if err != nil {
		return nil, message{}, err
	}
	_, text, err := c.Read(ctx)
	var m message
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		c.CloseNow()
	}
	return c, m, err
}

// testImpostor speaks the protocol under the real phone's name: to a page that
// has a key it says that it has none, or gives a proof out of thin air; or it
// says that it is a new phone.
func testImpostor(t *testing.T, w *world) {
	for name, act := range map[string]func(ctx context.Context, c *websocket.Conn){
		"says unpaired": func(ctx context.Context, c *websocket.Conn) {
			_ = message{Type: "unpaired"}.write(ctx, c)
		},
		"a proof that is none": func(ctx context.Context, c *websocket.Conn) {
			_ = message{Type: "proof", Proof: strings.Repeat("0f", 32)}.write(ctx, c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			phones := make(chan *headless, 1)
			p, s, h := pairThenReplace(t, w, func(ctx context.Context, s *squatter, origin string, c *websocket.Conn) {
				h := <-phones // every phone's greeting is the same but for its nonce
				phones <- h
				honest, m, err := greet(ctx, h, origin)
				if err != nil {
					return
				}
				honest.CloseNow()
				if m.write(ctx, c) != nil {
					return
				}
				if _, err := s.read(ctx, c); err != nil {
					return
				}
				act(ctx, c)
				for {
					if _, err := s.read(ctx, c); err != nil {
						return
					}
				}
			})
			phones <- h
			p.callPast()
			eventually(t, "that the page has met the impostor", func() bool { return s.visited() > 0 })
			s.learnt(t, "hello")
		})
	}
	// An honest phone in all but that nobody has asked for it. What pairs with
	// it by itself belongs to the first program that takes the port; so the page
	// wants the digits that the phone shows, and this one shows none.
	t.Run("a new phone", func(t *testing.T) {
		p, s, _ := pairThenReplace(t, w, func(ctx context.Context, s *squatter, origin string, c *websocket.Conn) {
			if newPhone(ctx, s, origin, c) != nil {
				return
			}
			for {
				if _, err := s.read(ctx, c); err != nil {
					return
				}
			}
		})
		p.callPast()
		eventually(t, "that the page has met the impostor", func() bool { return s.visited() > 0 })
		s.learnt(t, "hello", "pair")
	})
}

// newPhone pairs a page as a phone does that it has never met.
func newPhone(ctx context.Context, s *squatter, origin string, c *websocket.Conn) error {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	public, commit := private.PublicKey().Bytes(), sha256.Sum256(private.PublicKey().Bytes())
	id, nonce := strings.Repeat("ab", 8), strings.Repeat("cd", 16)
	if err := (message{Type: "phone", V: 1, ID: id, Nonce: nonce, Commit: hex.EncodeToString(commit[:])}).write(ctx, c); err != nil {
		return err
	}
	hello, err := s.read(ctx, c)
	if err != nil {
		return err
	}
	if err := (message{Type: "unpaired"}).write(ctx, c); err != nil {
		return err
	}
	pair, err := s.read(ctx, c)
	if err != nil {
		return err
	}
	theirs, err := hex.DecodeString(pair.Public)
	if err != nil {
		return err
	}
	page, err := ecdh.X25519().NewPublicKey(theirs)
	if err != nil {
		return err
	}
	shared, err := private.ECDH(page)
	if err != nil {
		return err
	}
	mac := func(key []byte, lines ...string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(strings.Join(lines, "\n")))
		return m.Sum(nil)
	}
	port := strconv.Itoa(s.port)
	key := bytes.Repeat([]byte{9}, 32)
	wrapped := mac(shared, "nxphone-v1 wrap", origin, port, id, hello.Nonce, nonce, pair.Public, hex.EncodeToString(public))
	subtle.XORBytes(wrapped, wrapped, key)
	return message{Type: "paired", Public: hex.EncodeToString(public), Client: strings.Repeat("ef", 16), Wrapped: hex.EncodeToString(wrapped),
		Proof: hex.EncodeToString(mac(key, "nxphone-v1 phone", origin, port, hello.Nonce, nonce))}.write(ctx, c)
}

// testRelay passes everything on to the real phone and back. The port is in
// the proofs: the page believes nothing that came through another one.
func testRelay(t *testing.T, w *world) {
	phones := make(chan *headless, 1)
	p, s, h := pairThenReplace(t, w, func(ctx context.Context, s *squatter, origin string, c *websocket.Conn) {
		h := <-phones
		phones <- h
		phone, m, err := greet(ctx, h, origin)
		if err != nil {
			return
		}
		defer phone.CloseNow()
		if m.write(ctx, c) != nil {
			return
		}
		both, stop := context.WithCancel(ctx)
		defer stop()
		var back sync.WaitGroup
		back.Go(func() {
			defer stop()
			for {
				_, text, err := phone.Read(both)
				if err != nil || c.Write(both, websocket.MessageText, text) != nil {
					return
				}
			}
		})
		for {
			_, text, err := c.Read(both)
			if err != nil {
				break
			}
			s.mu.Lock()
			s.sent = append(s.sent, string(text))
			s.mu.Unlock()
			if phone.Write(both, websocket.MessageText, text) != nil {
				break
			}
		}
		stop()
		back.Wait()
	})
	phones <- h
	p.callPast()
	eventually(t, "that the page has met the relay", func() bool { return s.visited() > 0 })
	s.learnt(t, "hello")
}
