package webapitest

import (
	"context"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// Options say how a page connects. The zero value of everything but Origin is
// a page that behaves.
type Options struct {
	Origin string
	// Key is what an earlier connection was paired with; nil pairs anew.
	Key *Key
	// Tab, Epoch and N are what a page keeps over a reload. An empty Tab gets
	// a random one.
	Tab, Epoch string
	N          uint64
	// WantCode asks for the short code; Code is then given the one that this
	// side has computed, as the page's user would compare it, and may fail.
	WantCode bool
	Code     func(code string) error
	// Received is called by the client's goroutine for each event as it is
	// read.
	Received func(Event)
	// Dial replaces the network.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	// How to misbehave.

	// Host is sent instead of the address.
	Host string
	// Header is added to the request; NoSubprotocol leaves that out.
	Header        http.Header
	NoSubprotocol bool
	// Proof changes the page's proof before it is sent.
	Proof func(right string) string
	// Nonce is used instead of a fresh one.
	Nonce string
	// Deaf reads nothing any more once it has been welcomed.
	Deaf bool
	// TrustAnybody goes on although the phone has not proved itself.
	TrustAnybody bool
}

// Key is what a page keeps of a pairing.
type Key struct {
	Phone, Client string
	Secret        []byte
}

// Event is one numbered event. Old and New are empty where it has none; Busy is
// nil for events of a call of this origin.
type Event struct {
	N     uint64          `json:"n"`
	State string          `json:"state"`
	Old   string          `json:"old"`
	New   json.RawMessage `json:"new"`
	Busy  *bool           `json:"busy"`
}

// Type is the Type member of Old, or of New where there is no Old.
func (e Event) Type() string {
	var t struct{ Type string }
	text := e.Old
	if text == "" {
		text = string(e.New)
	}
	_ = json.Unmarshal([]byte(text), &t)
	return t.Type
}

// State is STATE of the protocol.
type State struct {
	Busy, Control, Free bool
	Call                *Call
}

// Shift is SHIFT of the protocol.
type Shift struct {
	State        string
	Since, Until int64
	Help, Seen   bool
	HelpCall     int
}

// Call is the call in a State.
type Call struct {
	ID                                                  int
	State, DN, Codec, Old                               string
	Mute, MutePending, Video, Hold, EarlyMedia, MediaUp bool
	Since                                               int64
}

// Result is the outcome of a command.
type Result struct {
	ID   int64
	OK   bool
	Code string
	Call int
}

// Client is one connection that has been welcomed.
type Client struct {
	// Key, Tab, Epoch, Start, Version and Welcome are what the handshake has
	// given; Start is the number of the last event before the welcome.
	Key     Key
	Tab     string
	Epoch   string
	Start   uint64
	Version string
	Welcome State
	Shift   *Shift // as the welcome has it
	// Transcript holds the page's nonce and proof, for a replay.
	Nonce, Proof string

	conn *Conn
	done chan struct{}

	mu      sync.Mutex
	last    int64
	results map[int64]chan Result
	events  []Event
	states  []State
	quality []json.RawMessage
	seen    uint64
	placed  bool          // the first events have come
	change  chan struct{} // closed and replaced when something has come
	err     error
}

// Conn is a connection after the upgrade and before the handshake.
type Conn struct {
	ws     *websocket.Conn
	origin string
	port   string
}

// Connect upgrades and does no more. The response tells the status of a
// refusal.
func Connect(ctx context.Context, addr string, o Options) (*Conn, *http.Response, error) {
	header := http.Header{}
	for k, v := range o.Header {
		header[k] = v
	}
	if o.Origin != "" {
		header.Set("Origin", o.Origin)
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: o.Dial}
	defer transport.CloseIdleConnections()
	dial := &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: header, Host: o.Host,
		Subprotocols: []string{"nxphone.v1"},
	}
	if o.NoSubprotocol {
		dial.Subprotocols = nil
	}
	ws, response, err := websocket.Dial(ctx, "ws://"+addr+"/v1", dial)
	if err != nil {
		return nil, response, err
	}
	ws.SetReadLimit(4 << 20)
	_, port, _ := strings.Cut(addr, ":")
	return &Conn{ws: ws, origin: o.Origin, port: port}, response, nil
}

// Send writes one message as JSON, or a string as it is.
func (c *Conn) Send(ctx context.Context, v any) error {
	text, ok := v.(string)
	if !ok {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		text = string(b)
	}
	return c.ws.Write(ctx, websocket.MessageText, []byte(text))
}

// SendBinary writes a binary message, which the protocol does not have.
func (c *Conn) SendBinary(ctx context.Context, b []byte) error {
	return c.ws.Write(ctx, websocket.MessageBinary, b)
}

// Read reads one message.
func (c *Conn) Read(ctx context.Context) ([]byte, error) {
	_, data, err := c.ws.Read(ctx)
	return data, err
}

// Receive reads one message into v and returns its type.
func (c *Conn) Receive(ctx context.Context, v any) (string, error) {
	data, err := c.Read(ctx)
	if err != nil {
		return "", err
	}
	var head struct{ Type string }
	if err := json.Unmarshal(data, &head); err != nil {
		return "", err
	}
	return head.Type, json.Unmarshal(data, v)
}

// Close ends the connection as a page does that is left.
func (c *Conn) Close() { _ = c.ws.Close(websocket.StatusGoingAway, "") }

// Cut breaks the connection.
func (c *Conn) Cut() { _ = c.ws.CloseNow() }

// CloseCode is the close code that an error carries, -1 for none.
func CloseCode(err error) int { return int(websocket.CloseStatus(err)) }

// Dial connects, proves and is welcomed.
func Dial(ctx context.Context, addr string, o Options) (*Client, error) {
	conn, response, err := Connect(ctx, addr, o)
	if err != nil {
		if response != nil {
			err = &RefusedError{Status: response.StatusCode}
		}
		return nil, err
	}
	c, err := handshake(ctx, conn, o)
	if err != nil {
		conn.Cut()
		return nil, err
	}
	if o.Deaf {
		close(c.done)
		return c, nil
	}
	go c.read(o.Received)
	return c, nil
}

// RefusedError is the refusal of an upgrade.
type RefusedError struct{ Status int }

func (e *RefusedError) Error() string { return fmt.Sprintf("refused with status %d", e.Status) }

// ErrNotProven: what answers is not the phone that the key is of.
var ErrNotProven = errors.New("webapitest: the phone has not proved itself")

// all is every message of the handshake in one.
type all struct {
	ID, Nonce, Commit, Proof, Public, Client, Wrapped string
	Code                                              bool
	Epoch, Version                                    string
	N                                                 uint64
	State                                             State
	Shift                                             *Shift
}

// page is the page's side of a handshake.
type page struct {
	conn  *Conn
	o     Options
	phone all // its first message
	nonce string
	key   Key
}

func handshake(ctx context.Context, conn *Conn, o Options) (*Client, error) {
	p := &page{conn: conn, o: o, nonce: o.Nonce}
	if p.nonce == "" {
		p.nonce = Random(16)
	}
	if err := p.expect(ctx, "phone", &p.phone); err != nil {
		return nil, err
	}
	if err := p.agree(ctx); err != nil {
		return nil, err
	}
	c := &Client{
		Key: p.key, Tab: o.Tab, Nonce: p.nonce, conn: conn, done: make(chan struct{}),
		results: make(map[int64]chan Result), change: make(chan struct{}),
	}
	if c.Tab == "" {
		c.Tab = Random(16)
	}
	c.Proof = p.proof("page")
	if o.Proof != nil {
		c.Proof = o.Proof(c.Proof)
	}
	err := conn.Send(ctx, map[string]any{"type": "prove", "proof": c.Proof, "tab": c.Tab, "epoch": o.Epoch, "n": o.N})
	if err != nil {
		return nil, err
	}
	var welcome all
	if err := p.expect(ctx, "welcome", &welcome); err != nil {
		return nil, err
	}
	c.Epoch, c.Start, c.Version, c.Welcome, c.Shift = welcome.Epoch, welcome.N, welcome.Version, welcome.State, welcome.Shift
	c.seen = o.N
	if o.Epoch != c.Epoch {
		c.seen = c.Start
	}
	return c, nil
}

// agree finds or makes the key.
func (p *page) agree(ctx context.Context) error {
	client := ""
	if p.o.Key != nil {
		p.key = *p.o.Key
		client = p.key.Client
	}
	if err := p.conn.Send(ctx, map[string]any{"type": "hello", "nonce": p.nonce, "client": client}); err != nil {
		return err
	}
	if p.o.Key == nil {
		return p.pair(ctx)
	}
	var m all
	if err := p.expect(ctx, "proof", &m); err != nil {
		return err
	}
	if m.Proof != p.proof("phone") && !p.o.TrustAnybody {
		return ErrNotProven
	}
	return nil
}

func (p *page) pair(ctx context.Context) error {
	if err := p.expect(ctx, "unpaired", &all{}); err != nil {
		return err
	}
	own, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	public := hex.EncodeToString(own.PublicKey().Bytes())
	if err := p.conn.Send(ctx, map[string]any{"type": "pair", "public": public, "code": p.o.WantCode}); err != nil {
		return err
	}
	var m all
	if err := p.expect(ctx, "paired", &m); err != nil {
		return err
	}
	raw, err := hex.DecodeString(m.Public)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != p.phone.Commit {
		return ErrNotProven
	}
	theirs, err := ecdh.X25519().NewPublicKey(raw)
	if err != nil {
		return err
	}
	z, err := own.ECDH(theirs)
	if err != nil {
		return err
	}
	text := strings.Join([]string{p.o.Origin, p.conn.port, p.phone.ID, p.nonce, p.phone.Nonce, public, m.Public}, "\n")
	secret, err := hex.DecodeString(m.Wrapped)
	if err != nil || len(secret) != 32 {
		return ErrNotProven
	}
	for i, b := range sum256(z, "nxphone-v1 wrap\n"+text) {
		secret[i] ^= b
	}
	p.key = Key{Phone: p.phone.ID, Client: m.Client, Secret: secret}
	if m.Proof != p.proof("phone") {
		return ErrNotProven
	}
	if (p.phone.Code || p.o.WantCode) && p.o.Code != nil {
		n := binary.BigEndian.Uint32(sum256(z, "nxphone-v1 code\n"+text))
		return p.o.Code(fmt.Sprintf("%06d", n%1000000))
	}
	return nil
}

func (p *page) proof(side string) string {
	text := strings.Join([]string{"nxphone-v1 " + side, p.o.Origin, p.conn.port, p.nonce, p.phone.Nonce}, "\n")
	return hex.EncodeToString(sum256(p.key.Secret, text))
}

func (p *page) expect(ctx context.Context, typ string, m *all) error {
	got, err := p.conn.Receive(ctx, m)
	if err != nil {
		return err
	}
	if got != typ {
		return fmt.Errorf("webapitest: a message %q where %q was to come", got, typ)
	}
	return nil
}

func sum256(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// Random is n random bytes in hex.
func Random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
