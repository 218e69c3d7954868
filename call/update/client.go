package update

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const (
	// checkTime bounds one check, with all redirections.
	checkTime = 30 * time.Second
	// maxRedirects bounds what is followed.
	maxRedirects = 5
)

// Options of [New].
type Options struct {
	// URL is the feed's address, https.
	URL string
	// Keys are those of which one must have signed feed and files.
	Keys []Key
	// Version is the running program's.
	Version Version
	// Kind is how this program was installed; see [File]. "" is none that could
	// be downloaded.
	Kind string
	// OS and Arch are this computer's in Go's names, "" for what runs here.
	OS, Arch string
	// Kept is the path of the file for the last feed, "" for none.
	Kept string
	// Roots are trusted for the server, nil for the system's.
	Roots *x509.CertPool
	// Calls gives whether a call is going on, now and after each change, until ctx
	// ends; nil where there are none. It is followed by [Client.Run] and
	// [Client.Heed], and until it has said something a call may be going on.
	Calls func(ctx context.Context) iter.Seq[bool]
	// Waits is told, on the goroutine of [Client.Download], that it waits for the
	// end of a call; nil: nobody.
	Waits func()
	// Free says how many bytes may be written below a folder; nil where nobody
	// knows. A download that would leave less than 256 MiB is not begun.
	Free func(dir string) (uint64, error)
	// UserAgent names the program to the server.
	UserAgent string
	// Logger is told what happens, nil for nothing. No address stands there.
	Logger *slog.Logger
	// Transport is for tests, nil for the network.
	Transport http.RoundTripper
}

// Status is what a client knows.
type Status struct {
	// Feed is the last good one, nil for none.
	Feed *Feed
	// Newer: it has a version that is newer than the running one, and has not
	// expired.
	Newer bool
	// File is the feed's for this computer, nil for none.
	File *File
	// PutAway: the user does not want to be told of this version again.
	PutAway bool
	// Err is what is wrong at present, an [Error]; nil for nothing.
	Err error
}

// Client asks for a feed. Make it with [New].
type Client struct {
	o    Options
	base *url.URL
	http *http.Client
	log  *slog.Logger
	calm *calm

	checking    sync.Mutex // one check at a time
	downloading sync.Mutex // one download at a time

	mu      sync.Mutex
	loaded  bool
	kept    kept
	feed    *Feed
	err     error
	failure int // checks in a row that failed
}

// New checks the options; nothing is read or asked yet. The error has CodeConfig.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, wrong(CodeConfig, "the address must begin with https:// and hold no password")
	}
	if len(o.Keys) == 0 {
		return nil, wrong(CodeConfig, "no key is known that a feed could be signed by")
	}
	if _, err := ParseVersion(string(o.Version)); err != nil {
		return nil, wrong(CodeConfig, "the program's own version is none that can be compared")
	}
	if o.OS == "" {
		o.OS = runtime.GOOS
	}
	if o.Arch == "" {
		o.Arch = runtime.GOARCH
	}
	c := &Client{o: o, base: u, log: o.Logger, calm: newCalm(o.Calls != nil)}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
			ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true, // the next request is a day away
			DisableCompression: true, // what is announced in bytes comes in bytes
		}
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: redirect}
	return c, nil
}

// redirect follows to any host by https: what comes is signed, and nothing secret
// is sent along.
func redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects || req.URL.Scheme != "https" || req.URL.User != nil {
		return wrong(CodeRedirect, "to no https address, or too often")
	}
	return nil
}

// Last gives what was kept, verified again, and afterwards what was asked.
func (c *Client) Last() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	return c.status()
}

// status makes a Status. mu is held.
func (c *Client) status() Status {
	st := Status{Feed: c.feed, Err: c.err}
	if c.feed == nil {
		return st
	}
	st.File = c.feed.Find(c.o.Kind, c.o.OS, c.o.Arch)
	old := old(*c.feed, c.kept.Date)
	if st.Err == nil && old != nil {
		st.Err = old
	}
	own, _ := ParseVersion(string(c.o.Version))
	st.PutAway = c.feed.Version == c.kept.PutAway
	st.Newer = old == nil && c.feed.Version.Compare(own) > 0
	return st
}

// old says whether a feed has expired. A clock that was set back does not make it
// young again: it is at least as late as what was signed. What was signed is the
// date of the newest version: one that was dated wrongly, years ahead, is mended by
// a greater version, which does not count as expired by it.
func old(f Feed, signed time.Time) error {
	now := time.Now()
	if signed.After(now) {
		now = signed
	}
	if now.Before(f.Expires) {
		return nil
	}
	return wrong(CodeExpired, "since "+f.Expires.UTC().Format(time.RFC3339))
}

// load reads the kept feed once. mu is held.
func (c *Client) load() {
	if c.loaded {
		return
	}
	c.loaded = true
	k, err := readKept(c.o.Kept)
	if err != nil {
		c.err = err
		return
	}
	c.kept = k
	if len(k.Feed) == 0 {
		return
	}
	f, err := open(k.Feed, k.Signature, c.o.Keys)
	if err != nil {
		// Other keys are in force. Nor do its version and date count: whoever once
		// had a key that is no longer one could have signed the greatest of both,
		// and no honest feed would ever be taken again.
		c.kept = kept{PutAway: k.PutAway}
		return
	}
	c.feed = &f
}

// open verifies a feed, then reads it: no byte is parsed that is not signed.
func open(data, signature []byte, keys []Key) (Feed, error) {
	s, err := verifyText(data, signature, keys, FeedTarget)
	if err != nil {
		return Feed{}, err
	}
	f, err := ParseFeed(data)
	if err == nil && f.Version != s.Version {
		err = wrong(CodeComment, "signed for another version")
	}
	return f, err
}

// Check asks once and returns what is known then. Status.Err is why nothing newer
// was taken; CodeCall where a call is going on or began.
func (c *Client) Check(ctx context.Context) Status {
	c.checking.Lock()
	defer c.checking.Unlock()
	c.mu.Lock()
	c.load()
	c.mu.Unlock()
	within, done, err := c.calm.wait(ctx)
	if err == nil {
		within, cancel := context.WithTimeout(within, checkTime)
		err = c.ask(within)
		if err != nil && errors.Is(context.Cause(within), errCall) {
			err = because(CodeCall, errCall)
		}
		cancel()
		done()
	} else {
		err = because(CodeUnreachable, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	switch {
	case err == nil || CodeOf(err) == CodeKept:
		c.failure = 0
	case CodeOf(err) != CodeCall:
		c.failure++
	}
	return c.status()
}

// ask fetches feed and signature and puts them in the place of the last.
func (c *Client) ask(ctx context.Context) error {
	data, err := c.fetch(ctx, c.base, MaxFeed)
	if err != nil {
		return err
	}
	signature, err := c.fetch(ctx, signatureOf(c.base), maxSignature)
	if CodeOf(err) == CodeTooLarge {
		return wrong(CodeSignature, "not a signature of minisign")
	}
	if err != nil {
		return err
	}
	f, err := open(data, signature, c.o.Keys)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.take(f, data, signature)
}

// take puts a verified feed in the place of the last. mu is held.
func (c *Client) take(f Feed, data, signature []byte) error {
	if c.kept.Version != "" {
		switch n := f.Version.Compare(c.kept.Version); {
		case n < 0:
			return wrong(CodeRollback, fmt.Sprintf("version %s after %s", f.Version, c.kept.Version))
		case n == 0 && f.Date.Before(c.kept.Date):
			return wrong(CodeRollback, "an older feed of version "+string(f.Version))
		}
	}
	if err := old(f, f.Date); err != nil {
		return err
	}
	c.kept = kept{Format: keptFormat, Version: f.Version, Date: f.Date, Feed: data, Signature: signature, PutAway: c.kept.PutAway}
	c.feed = &f
	c.log.Info("the feed of versions was read", "version", string(f.Version))
	if err := writeKept(c.o.Kept, c.kept); err != nil {
		return because(CodeKept, err)
	}
	return nil
}

// signatureOf is where a file's signature lies.
func signatureOf(u *url.URL) *url.URL {
	s := *u
	s.Path += SignatureSuffix
	s.RawPath = ""
	return &s
}

// beside is the address of a feed's file.
func (c *Client) beside(name string) *url.URL {
	return c.base.ResolveReference(&url.URL{Path: "./" + name, RawQuery: c.base.RawQuery})
}

// fetch gets something short.
func (c *Client) fetch(ctx context.Context, u *url.URL, limit int64) ([]byte, error) {
	resp, err := c.get(ctx, u, 0)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, wrong(CodeStatus, strconv.Itoa(resp.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, unreachable(err)
	}
	if int64(len(data)) > limit {
		return nil, wrong(CodeTooLarge, fmt.Sprintf("more than %d bytes", limit))
	}
	return data, nil
}

// get asks for an address, from a byte on where from is not 0.
func (c *Client) get(ctx context.Context, u *url.URL, from int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, wrong(CodeConfig, "the address cannot be used")
	}
	if c.o.UserAgent != "" {
		req.Header.Set("User-Agent", c.o.UserAgent)
	}
	req.Header.Set("Accept-Encoding", "identity")
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
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
	return because(CodeUnreachable, err)
}
