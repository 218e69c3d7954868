package provision

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	// fetchTime bounds one fetch, with all redirections.
	fetchTime = 30 * time.Second
	// maxRedirects bounds what is followed.
	maxRedirects = 5
	// maxToken bounds tokens and codes.
	maxToken = 4096
)

// Options of [New].
type Options struct {
	// URL is the document's address, https.
	URL string
	// Keys are those of which one must have signed it.
	Keys []ed25519.PublicKey
	// Roots are trusted for the server, nil for the system's.
	Roots *x509.CertPool
	// Certificate is the client's, nil for none. It is read at each
	// connection: certificates are renewed.
	Certificate func() (*tls.Certificate, error)
	// Token gives the token, "" for none; nil for none ever.
	Token func(ctx context.Context) (string, error)
	// Kept is the path of the file for the last good document, "" for none.
	Kept string
	// Check refuses a document whose settings cannot be taken.
	Check func(Document) error
	// Every is the time between two fetches, 0 for an hour.
	Every time.Duration
	// UserAgent names the program to the server.
	UserAgent string
	// Logger is told what happens, nil for nothing.
	Logger *slog.Logger
	// Transport is for tests, nil for the network.
	Transport http.RoundTripper
}

// Status is what a client knows.
type Status struct {
	// Document is in force, nil for none.
	Document *Document
	// Lost: something was kept, cannot be read, and nothing has come in its place.
	// What it said is not known.
	Lost bool
	// Err is what is wrong at present, nil for nothing: an [Error], or several
	// joined.
	Err error
}

// Client fetches a document. Make it with [New].
type Client struct {
	o    Options
	http *http.Client
	log  *slog.Logger
	poke chan struct{}

	fetching sync.Mutex // one fetch at a time

	mu      sync.Mutex
	loaded  bool
	kept    kept
	status  Status
	wait    time.Duration // what the server asked for by Retry-After
	failure int           // fetches in a row that failed
}

// New checks the options; nothing is read or fetched yet. The error has
// CodeConfig.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, &Error{Code: CodeConfig, Detail: "the address must begin with https:// and hold no password"}
	}
	if len(o.Keys) == 0 {
		return nil, &Error{Code: CodeConfig, Detail: "no key is known that a document could be signed by"}
	}
	if o.Every == 0 {
		o.Every = time.Hour
	}
	c := &Client{o: o, log: o.Logger, poke: make(chan struct{}, 1)}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	transport := o.Transport
	if transport == nil {
		transport = c.network()
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.redirect}
	return c, nil
}

func (c *Client) network() http.RoundTripper {
	t := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.o.Roots}
	if c.o.Certificate != nil {
		t.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.o.Certificate() }
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: t, ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true, // the next request is an hour away
	}
}

// redirect follows to the same server only: a token and a client certificate are
// for nobody else, and a document may be large.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	switch {
	case via[0].Method != http.MethodGet:
		return &Error{Code: CodeRedirect, Detail: "a code is given to nobody else"}
	case len(via) > maxRedirects:
		return &Error{Code: CodeRedirect, Detail: "too many redirections"}
	case req.URL.Scheme != "https" || !strings.EqualFold(hostPort(req.URL), hostPort(from)):
		return &Error{Code: CodeRedirect, Detail: "the server sends to another one"}
	}
	return nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return u.Hostname() + ":" + port
}

// Last gives what was kept, verified again, and afterwards what was fetched.
func (c *Client) Last() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	return c.status
}

// load reads the kept document once. mu is held.
func (c *Client) load() {
	if c.loaded {
		return
	}
	c.loaded = true
	k, err := readKept(c.o.Kept)
	if err != nil {
		c.status.Err, c.status.Lost = err, true
	}
	c.kept = k
	if len(k.Envelope) == 0 {
		return
	}
	// Its settings were looked at when it was taken. What an other version of
	// the program does not take of them is no reason to let go of the rest.
	doc, err := Open(k.Envelope, c.o.Keys)
	if err != nil {
		// Nor does its version count: whoever once had a key that is no longer one
		// could have signed the greatest number there is, and no honest document
		// would ever be taken again (The Update Framework, section 5.3.11, resets
		// its versions for the same reason).
		c.kept = kept{}
		c.status.Err, c.status.Lost = err, true
		return
	}
	c.kept.Version = max(c.kept.Version, doc.Version)
	if k.URL != c.o.URL {
		// It is of another server, which counts for itself; what it ordered holds
		// until the new one has spoken.
		c.kept.ETag, c.kept.Version = "", 0
	}
	c.status.Document = &doc
	c.status.Err = c.old(doc)
}

// check is Options.Check with a code.
func (c *Client) check(doc Document) error {
	if c.o.Check == nil {
		return nil
	}
	if err := c.o.Check(doc); err != nil {
		return &Error{Code: CodeSettings, Detail: err.Error(), Err: err}
	}
	return nil
}

func (c *Client) old(doc Document) error {
	if time.Now().Before(doc.Expires) {
		return nil
	}
	return &Error{Code: CodeExpired, Detail: "since " + doc.Expires.UTC().Format(time.RFC3339)}
}

// Fetch asks the server once and returns what is known then. Status.Err is why
// nothing newer was taken.
func (c *Client) Fetch(ctx context.Context) Status {
	c.fetching.Lock()
	defer c.fetching.Unlock()
	c.mu.Lock()
	c.load()
	etag, floor, have := c.kept.ETag, c.kept.Version, c.status.Document
	if c.kept.URL != c.o.URL {
		have = nil
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	got, err := c.get(ctx, etag)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait = got.wait
	if err == nil && !got.same {
		err = c.take(got, floor, have)
	}
	if c.failure++; err == nil || CodeOf(err) == CodeKept {
		c.failure = 0
	}
	if c.status.Document != nil && CodeOf(err) != CodeExpired {
		err = errors.Join(err, c.old(*c.status.Document))
	}
	c.status.Err = err
	return c.status
}

// take verifies what was fetched and puts it in the place of what was in force.
// mu is held.
func (c *Client) take(got answer, floor int64, have *Document) error {
	doc, err := Open(got.body, c.o.Keys)
	if err != nil {
		return err
	}
	switch {
	case doc.URL != "" && doc.URL != c.o.URL:
		return &Error{Code: CodeAddress}
	case doc.Version < floor:
		return &Error{Code: CodeRollback, Detail: fmt.Sprintf("version %d after %d", doc.Version, floor)}
	case doc.Version == floor && have != nil && !bytes.Equal(doc.payload, have.payload):
		return &Error{Code: CodeRollback, Detail: fmt.Sprintf("version %d with another content", doc.Version)}
	}
	if err := c.old(doc); err != nil {
		return err
	}
	if err := c.check(doc); err != nil {
		return err
	}
	c.kept = kept{Format: keptFormat, URL: c.o.URL, ETag: got.etag, Version: doc.Version, Envelope: got.body}
	c.status.Document, c.status.Lost = &doc, false
	c.log.Info("the organisation's document was fetched", "version", doc.Version)
	if err := writeKept(c.o.Kept, c.kept); err != nil {
		return &Error{Code: CodeKept, Detail: err.Error(), Err: err}
	}
	return nil
}

// answer is what a server said.
type answer struct {
	body []byte
	etag string
	same bool // nothing newer than what the etag stands for
	wait time.Duration
}

func (c *Client) get(ctx context.Context, etag string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.o.URL, nil)
	if err != nil {
		return answer{}, &Error{Code: CodeConfig, Detail: "the address cannot be used"}
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	req.Header.Set("Accept", "application/json")
	if c.o.Token != nil {
		token, err := c.o.Token(ctx)
		if err != nil {
			return answer{}, &Error{Code: CodeConfig, Detail: "the token cannot be read: " + err.Error(), Err: err}
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
	}
	resp, err := c.do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{etag: resp.Header.Get("ETag"), wait: retryAfter(resp.Header)}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		if etag == "" {
			return a, &Error{Code: CodeStatus, Detail: "304 to a request that had nothing to compare"}
		}
		a.same = true
		return a, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return a, &Error{Code: CodeDenied, Detail: strconv.Itoa(resp.StatusCode)}
	default:
		return a, &Error{Code: CodeStatus, Detail: strconv.Itoa(resp.StatusCode)}
	}
	if len(a.etag) > maxToken {
		a.etag = ""
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, MaxSize+1))
	if err != nil {
		return a, unreachable(err)
	}
	return a, nil // Open refuses one that is too large
}

func (c *Client) do(req *http.Request) (*http.Response, error) {
	if c.o.UserAgent != "" {
		req.Header.Set("User-Agent", c.o.UserAgent)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	return resp, nil
}

// unreachable gives an error of the network its code. The address stays out of
// it: a key may stand there.
func unreachable(err error) error {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	if ours := new(Error); errors.As(err, &ours) {
		return ours
	}
	var verify *tls.CertificateVerificationError
	if errors.As(err, &verify) {
		return &Error{Code: CodeCertificate, Detail: verify.Err.Error(), Err: err}
	}
	return &Error{Code: CodeUnreachable, Detail: err.Error(), Err: err}
}

// retryAfter is what a server asks to wait, 0 for nothing (RFC 9110 section
// 10.2.3).
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return time.Duration(min(n, 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, time.Until(at)), 24*time.Hour)
	}
	return 0
}

// Enrol exchanges a one-time code for a token, which the caller keeps. Errors as
// for a fetch; CodeDenied where the code is wrong or was used.
func (c *Client) Enrol(ctx context.Context, code string) (token string, err error) {
	if code = strings.TrimSpace(code); code == "" || len(code) > maxToken || strings.ContainsFunc(code, unicode.IsControl) {
		return "", &Error{Code: CodeDenied, Detail: "this is no code"}
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	body, err := json.Marshal(map[string]string{"code": code})
	if err != nil {
		return "", &Error{Code: CodeDenied, Detail: "this is no code"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, bytes.NewReader(body))
	if err != nil {
		return "", &Error{Code: CodeConfig, Detail: "the address cannot be used"}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusGone:
		return "", &Error{Code: CodeDenied, Detail: strconv.Itoa(resp.StatusCode)}
	case resp.StatusCode != http.StatusOK:
		return "", &Error{Code: CodeStatus, Detail: strconv.Itoa(resp.StatusCode)}
	}
	var got struct {
		Token string `json:"token"`
	}
	d := json.NewDecoder(io.LimitReader(resp.Body, 4*maxToken))
	if err := d.Decode(&got); err != nil || got.Token == "" || len(got.Token) > maxToken || strings.ContainsFunc(got.Token, notToken) {
		return "", &Error{Code: CodeBroken, Detail: "the answer holds no token"}
	}
	return got.Token, nil
}

// notToken is what a bearer token is not made of (RFC 6750 section 2.1).
func notToken(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }
