package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"nxphone/assets"
	"nxphone/call/profile"
	"nxphone/call/webapi"
)

// web is the web API of this process: the server of package webapi, its secret
// and log, and the switch in the settings that opens it.
type web struct {
	phone webapi.Phone
	shift webapi.Shift // nil where there is none
	store *profile.Store
	log   *slog.Logger
	audit *audit
	face  webFace
	ports []int // webapi's where nil

	mu     sync.Mutex
	server *webapi.Server // nil after close
	stop   context.CancelFunc
	ended  sync.WaitGroup // the server and those who follow it
	real   bool           // the server has the secret of the file
	addr   netip.AddrPort // where it listens; the zero value: it does not
	over   bool           // no page is let in any more
	barred []string       // programs that were revoked; each server is told

	following sync.WaitGroup
	unfollow  func()
}

// webFace is who is in front of a web API.
type webFace struct {
	window *webWindow // nil: nobody can be asked
	// code shows the short code of a pairing.
	code func(origin, code string) (hide func())
}

// newWeb makes the web API and its control socket. No port is opened yet: see
// follow. Without a real secret the server is made all the same, with one that
// no page will ever be shown, because the control socket needs none.
func (p *program) newWeb(ph *phone, shift webapi.Shift, face webFace) (*web, error) {
	path, err := auditPath()
	if err != nil {
		return nil, err
	}
	w := &web{phone: ph.engine, shift: shift, store: ph.store, log: ph.log, face: face, ports: p.ports}
	w.audit = newAudit(path, func(err error) {
		p.tell(p.text("cli.web.audit"), "("+err.Error()+")")
	})
	if face.window != nil {
		face.window.web = w
	}
	secret := make([]byte, secretLen)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.start(secret); err != nil {
		w.audit.close()
		return nil, err
	}
	return w, nil
}

// start runs a server with this secret in the place of the last one. mu is
// held.
func (w *web) start(secret []byte) error {
	opts := webapi.Options{
		Phone: w.phone, Shift: w.shift, Secret: secret, Version: version, Script: assets.WebAPI(),
		Policy: w.policy, Allowed: w.allowed, Revoked: w.revoked, ShowCode: w.face.code,
		Audit: w.audit.add, Logger: w.log, Ports: w.ports,
	}
	if w.face.window != nil {
		opts.Ask, opts.Show = w.face.window.ask, w.face.window.show
	}
	server, err := webapi.New(opts)
	if err != nil {
		return err
	}
	if w.server != nil {
		w.stop()
		w.ended.Wait()
	}
	ctx, stop := context.WithCancel(context.Background())
	w.server, w.stop, w.addr = server, stop, netip.AddrPort{}
	w.ended.Go(func() {
		if err := server.Run(ctx); err != nil {
			w.log.Error("the web API has ended", "error", err)
		}
	})
	for _, origin := range w.barred {
		_ = server.Revoke(origin)
	}
	if w.face.window != nil {
		w.ended.Go(func() { w.face.window.follow(server.Watch(ctx)) })
	}
	if path, err := controlPath(); err != nil {
		w.log.Info("other instances will not find this one", "error", err)
	} else if err := server.ListenControl(path); err != nil {
		// As a rule another window has the place.
		w.log.Info("other instances will not find this one", "error", err)
	}
	return nil
}

// follow opens or shuts the port as the settings say, and gives the address. It
// is the zero value where web pages are not let in.
func (w *web) follow(ctx context.Context) (netip.AddrPort, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wanted := w.store.Get().WebAPI && !w.over
	switch {
	case !wanted && w.addr.IsValid():
		w.server.Shut()
		w.addr = netip.AddrPort{}
	case wanted && !w.addr.IsValid():
		if err := w.useSecret(); err != nil {
			return netip.AddrPort{}, err
		}
		addr, err := w.server.Open(ctx)
		if err != nil {
			return netip.AddrPort{}, err
		}
		w.addr = addr
	}
	return w.addr, nil
}

// port is where pages find the phone, 0 for nowhere.
func (w *web) port() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.addr.Port())
}

// useSecret gives the server the secret of the file, which is made when pages
// are let in for the first time. mu is held.
func (w *web) useSecret() error {
	if w.real {
		return nil
	}
	path, err := secretPath(w.store)
	if err != nil {
		return err
	}
	secret, err := loadSecret(path)
	if err != nil {
		return err
	}
	if err := w.start(secret); err != nil {
		return err
	}
	w.real = true
	return nil
}

// watch follows the settings until close; faulty is told what keeps it from
// doing so.
func (w *web) watch(faulty func(error)) {
	changed, unwatch := w.store.Watch()
	ctx, cancel := context.WithCancel(context.Background())
	w.unfollow = func() { cancel(); unwatch() }
	w.following.Go(func() {
		for {
			select {
			case <-changed:
				if _, err := w.follow(ctx); err != nil && ctx.Err() == nil {
					faulty(err)
				}
			case <-ctx.Done():
				return
			}
		}
	})
}

// policy is webapi.Options.Policy.
func (w *web) policy() webapi.Policy {
	s := w.store.Get()
	return webapi.Policy{Origins: s.WebAPIOrigins, Ask: s.WebAPIAsk, Code: s.WebAPICode}
}

// allowed writes the user's Yes into the user's file.
func (w *web) allowed(origin string) error {
	return w.store.Set(func(s *profile.Settings) {
		if !slices.Contains(s.WebAPIOrigins, origin) {
			s.WebAPIOrigins = append(s.WebAPIOrigins, origin)
		}
	})
}

// revoked takes it out again.
func (w *web) revoked(origin string) error {
	return w.store.Set(func(s *profile.Settings) {
		s.WebAPIOrigins = slices.DeleteFunc(s.WebAPIOrigins, func(o string) bool { return o == origin })
	})
}

// revoke ends what an origin may do, at once and for later.
func (w *web) revoke(origin string) error {
	w.mu.Lock()
	server := w.server
	if strings.HasPrefix(origin, "local:") {
		w.barred = append(w.barred, origin)
	}
	w.mu.Unlock()
	return server.Revoke(origin)
}

// drain lets no page in any more and takes no further call; those that are
// there hear how the present one ends.
func (w *web) drain() {
	if w.unfollow != nil {
		w.unfollow()
		w.following.Wait()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.server.Drain()
}

// close ends the server, which has ended by itself where the engine has, and
// completes the log. drain comes first.
func (w *web) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
	w.ended.Wait()
	w.audit.close()
}

// webFault is the text for what keeps web pages from the phone.
func webFault(err error) string {
	switch {
	case errors.Is(err, webapi.ErrNoPort):
		return "cli.web.ports"
	case errors.Is(err, errSecret):
		return "cli.web.secret"
	}
	return "cli.web.failed"
}

// sayWeb tells what keeps web pages from the phone.
func (p *program) sayWeb(err error) {
	p.tell(p.text(webFault(err)), "("+err.Error()+")")
}
