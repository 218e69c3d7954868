package peer

import (
	"time"

	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/transport"
)

// begin makes the offer for the INVITE.
func (s *Session) begin() {
	s.open("", "", func(p *path, err error) {
		if err != nil {
			s.fail(call.CodeMedia, err)
			return
		}
		p.offerer = true
		s.cur = p
		s.tell(call.OfferReady{SDP: s.write(p, false)})
	})
}

// open makes a path and gathers for it, for a bounded time; done runs on the
// session's goroutine.
func (s *Session) open(ufrag, pwd string, done func(*path, error)) {
	cert, err := s.eng.certificate()
	if err != nil {
		done(nil, err)
		return
	}
	s.openWith(cert, ufrag, pwd, done)
}

func (s *Session) openWith(cert *transport.Certificate, ufrag, pwd string, done func(*path, error)) {
	p := &path{s: s}
	cfg := transport.Config{
		Certificate: cert, IncludeLoopback: s.set.IncludeLoopback,
		Handler: p, Logger: s.log, Ufrag: ufrag, Pwd: pwd,
		Disconnected: s.eng.limits.disconnected, Failed: s.eng.limits.failed,
	}
	for _, srv := range s.set.ICEServers {
		cfg.Servers = append(cfg.Servers, transport.Server(srv))
	}
	t, err := transport.Open(cfg)
	if err != nil {
		done(nil, err)
		return
	}
	p.t = t
	s.paths = append(s.paths, p)
	s.gather(p, t.Gathered(), func(err error) {
		if err != nil {
			s.drop(p)
			done(nil, err)
			return
		}
		done(p, nil)
	})
}

// gather waits for candidates on the side and then takes them into p.local.
func (s *Session) gather(p *path, gathered <-chan struct{}, done func(error)) {
	s.wg.Go(func() {
		limit := time.NewTimer(s.eng.limits.gather)
		defer limit.Stop()
		select {
		case <-gathered:
		case <-limit.C:
			s.log.Info("an ICE server does not answer; calling without it")
		case <-s.ctx.Done():
			return
		}
		s.inbox.post(func() {
			params, err := p.t.Params()
			if err == nil && len(params.Candidates) == 0 {
				err = errNoNetwork
			}
			if err != nil {
				done(err)
				return
			}
			p.local.Ufrag, p.local.Pwd = params.Ufrag, params.Pwd
			p.local.Fingerprint, p.local.Candidates = params.Fingerprint, params.Candidates
			done(nil)
		})
	})
}

// write renders our side of a path as a full offer, held or not.
func (s *Session) write(p *path, hold bool) string {
	s.version++
	if p.local.Mid == "" {
		p.local.Mid = "0"
	}
	l := p.local // what was agreed on it stays
	l.SessionID, l.Version = s.session, s.version
	l.Setup, l.Codecs = sdp.Undecided, s.codecs
	l.Direction = narrowed(sdp.SendRecv, hold)
	l.SSRC, l.CName = s.books.out.SSRC(), s.books.cname
	l.Bundle, l.NoMux, l.Proto = true, false, ""
	return l.String()
}
