package main

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"nxphone/call"
	"nxphone/call/peer"
	"nxphone/call/profile"
	"nxphone/call/sipua"
)

// A Dial need not come from the settings: a page brings a realm, an extension
// and a server of its own. This file decides what of the settings such a call
// may use. What belongs to the settings' server goes to no other.

// keepIdle is how long the connection to a server that a page named is kept
// after a call, so that the page's next one starts at once.
const keepIdle = 10 * time.Minute

// secrets are the passwords, and what they were fetched for.
type secrets struct {
	mu       sync.Mutex
	owner    profile.Settings // whose password it is
	password string
	turn     map[string]string // TURN passwords by profile.TURNAccount
}

// digest is the name and password that may answer a challenge of the server of
// req: those of the settings that they were fetched for, or none. A page could
// otherwise draw an answer out of the phone, and guess at the password, with
// no more than a server of its own.
func (s *secrets) digest(req call.Request) (user, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.owner
	if s.password == "" || req.Realm != o.Realm || req.DN != o.DN || !sameServer(req.URL, o.URL) {
		return "", ""
	}
	return o.AuthUser(), s.password
}

// sameServer compares two SBC addresses by scheme, host and port: another port
// may be another user's, and ws:// would carry in the open what wss:// hides.
func sameServer(a, b string) bool {
	x, err := serverOf(a)
	if err != nil {
		return false
	}
	y, err := serverOf(b)
	return err == nil && x == y
}

// serverOf is an SBC's address without path, query and ways of writing.
func serverOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	port := u.Port()
	scheme := strings.ToLower(u.Scheme)
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[scheme]
	}
	if port == "" || u.Hostname() == "" {
		return "", errors.New("no SBC's address")
	}
	return scheme + " " + strings.ToLower(u.Hostname()) + " " + port, nil
}

// loadPassword fetches the passwords for the present settings. The keyring may
// take seconds, so this happens when settings change, never at a Dial.
func (ph *phone) loadPassword(ctx context.Context) error {
	s := ph.store.Get()
	pw, err := profile.Password(ctx, s, ph.keyring)
	if errors.Is(err, profile.ErrNoPassword) {
		err = nil
	}
	turn := map[string]string{}
	for _, server := range s.ICEServers {
		if server.User == "" {
			continue
		}
		account := profile.TURNAccount(server)
		secret, terr := ph.keyring.Get(ctx, account)
		turn[account] = secret
		err = errors.Join(err, terr)
	}
	ph.secrets.mu.Lock()
	defer ph.secrets.mu.Unlock()
	ph.secrets.owner, ph.secrets.password, ph.secrets.turn = s, pw, turn
	return err
}

// signalling is what package sipua needs of the settings, read at each call.
func (ph *phone) signalling(req call.Request) sipua.Settings {
	s := ph.store.Get()
	out := sipua.Settings{
		PushProvider: s.PushProvider, PushHeader: s.PushHeader,
		UserAgent: "nxphone/" + version, Header: http.Header{}, RootCAs: ph.authorities(s),
	}
	out.User, out.Password = ph.secrets.digest(req)
	if !sameServer(req.URL, s.URL) {
		out.KeepIdle = keepIdle
	}
	// Header fields may hold a cookie or a key. Where the settings name no
	// server they are for whichever is called, else for that one only.
	if s.URL == "" || sameServer(req.URL, s.URL) {
		out.Register = s.Register
		if s.Origin != "" {
			out.Header.Set("Origin", s.Origin)
		}
		for _, h := range s.HandshakeHeaders {
			out.Header.Add(h.Name, h.Value)
		}
		for _, h := range s.SIPHeaders {
			out.SIPHeaders = append(out.SIPHeaders, sipua.Header{Name: h.Name, Value: h.Value})
		}
	}
	return out
}

// authorities are the certificates that are trusted beside the system's, for
// every server.
func (ph *phone) authorities(s profile.Settings) []byte {
	var out []byte
	if s.CA != "" {
		pem, err := profile.ReadPlain(s.CA)
		if err != nil {
			// The call then fails by the certificate, with a sentence; this
			// line says why.
			ph.log.Error("the CA file cannot be read", "error", err)
		}
		out = pem
	}
	if ph.demo != nil {
		out = slices.Concat(out, []byte{'\n'}, ph.demo.CA())
	}
	return out
}

// onLoopback reports whether an SBC's address is this machine's own.
func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// mediaSettings is what package peer needs of the settings, read at each call.
func (ph *phone) mediaSettings(req call.Request) peer.Settings {
	s := ph.store.Get()
	// Only a server on this machine can reach a loopback address of ours.
	out := peer.Settings{
		IncludeLoopback: onLoopback(req.URL),
		MaxBitrate:      s.Bitrate * 1000, DTX: s.DTX, NoRED: !s.Redundancy,
	}
	if s.Codec != "" {
		// First, not only: a call in another codec beats no call.
		out.Codecs = append(out.Codecs, s.Codec)
		for _, c := range []string{"opus", "pcma", "pcmu"} {
			if c != s.Codec {
				out.Codecs = append(out.Codecs, c)
			}
		}
	}
	ph.secrets.mu.Lock()
	defer ph.secrets.mu.Unlock()
	for _, ice := range s.ICEServers {
		out.ICEServers = append(out.ICEServers, peer.ICEServer{
			URLs: []string{ice.URL}, Username: ice.User, Credential: ph.secrets.turn[profile.TURNAccount(ice)],
		})
	}
	return out
}
