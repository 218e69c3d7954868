package demosbc

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// This file decides whose a message is. It runs on the goroutine that reads
// the flow, so that every call gets its messages in their order.

// route gives a message to its call or answers it at once.
func (s *Server) route(f *flow, msg sip.Message) {
	switch msg := msg.(type) {
	case *sip.Request:
		if s.cfg.OnRequest != nil {
			s.cfg.OnRequest(string(msg.Method), msg.CallID().Value())
		}
		s.routeRequest(f, msg)
	case *sip.Response:
		// In responses to our requests the phone's tag is in the To.
		if c := s.find(msg.CallID().Value(), tagOf(msg.To().Params)); c != nil && tagOf(msg.From().Params) == c.dlg.localTag {
			c.inbox.put(input{f, msg})
		}
	}
}

// routeRequest answers what belongs to no call.
func (s *Server) routeRequest(f *flow, req *sip.Request) {
	if req.SipVersion != "SIP/2.0" {
		s.answer(f, req, 505, "Version Not Supported")
		return
	}
	c := s.find(req.CallID().Value(), tagOf(req.From().Params))
	toTag := tagOf(req.To().Params)
	switch {
	case c != nil && s.belongs(c, req, toTag):
		if !c.inbox.put(input{f, req}) && req.Method != sip.ACK {
			s.answer(f, req, 481, "Call/Transaction Does Not Exist")
		}
	case req.Method == sip.ACK:
		// The ACK of a refusal, or a stray one: never answered.
	case req.Method == sip.INVITE && toTag == "" && c != nil:
		s.answer(f, req, 482, "Loop Detected") // a merged request (RFC 3261 section 8.2.2.2)
	case req.Method == sip.INVITE && toTag == "":
		s.newCall(f, req)
	case req.Method == sip.REGISTER:
		s.register(f, req)
	case req.Method == sip.OPTIONS && toTag == "":
		s.answer(f, req, 200, "OK")
	case toTag != "" || strings.Contains(allowedMethods, string(req.Method)):
		s.answer(f, req, 481, "Call/Transaction Does Not Exist")
	default:
		s.answer(f, req, 405, "Method Not Allowed")
	}
}

// belongs reports whether a request with the call's Call-ID and From tag is
// for it: inside its dialog, or for the transaction of its INVITE.
func (s *Server) belongs(c *call, req *sip.Request, toTag string) bool {
	if toTag != "" {
		return toTag == c.dlg.localTag
	}
	switch req.Method {
	case sip.INVITE, sip.CANCEL, sip.ACK:
		return branchOf(req) == branchOf(c.invite)
	}
	return false
}

func (s *Server) answer(f *flow, req *sip.Request, code int, reason string) {
	s.reply(f, respond(req, code, reason, ""))
}

func (s *Server) reply(f *flow, res *sip.Response) {
	if err := f.send(res); err != nil {
		s.cfg.Logger.Debug("a response could not be sent", "error", err)
	}
}

func (s *Server) find(callID, tag string) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[callKey{callID, tag}]
}

// newCall answers an INVITE outside any dialog: it is refused here, or becomes
// a call with a goroutine of its own.
func (s *Server) newCall(f *flow, invite *sip.Request) {
	switch {
	case invite.Contact() == nil || invite.Contact().Address.Wildcard || tagOf(invite.From().Params) == "":
		s.answer(f, invite, 400, "Bad Request")
		return
	case invite.GetHeader("Require") != nil:
		// We know no extension that a phone could insist on (section 8.2.2.3).
		res := respond(invite, 420, "Bad Extension", "")
		for _, h := range invite.GetHeaders("Require") {
			res.AppendHeader(sip.NewHeader("Unsupported", h.Value()))
		}
		s.reply(f, res)
		return
	}
	if res := s.guard.challenge(invite, time.Now()); res != nil {
		s.reply(f, res)
		return
	}
	p := planFor(numberOf(invite), s.cfg.RingTime, s.cfg.earlyTime)
	if !p.silent {
		s.answer(f, invite, 100, "Trying")
	}
	if p.refuse != 0 {
		// Nothing to remember: on a WebSocket the refusal needs no repeating,
		// and its ACK no answer.
		s.answer(f, invite, p.refuse, p.reason)
		return
	}
	s.startCall(f, invite, p)
}

// startCall registers a call and runs it.
func (s *Server) startCall(f *flow, invite *sip.Request, p plan) {
	c := &call{
		inbox: newInbox(), plan: p, wire: f, invite: invite, grace: s.cfg.FlowGrace, log: s.cfg.Logger,
		dlg: newDialog(invite, f.transport, f.local),
		ear: newEar(s.cfg.Record),
	}
	c.open = func(ctx context.Context, o *offer) (voice, error) { return s.openVoice(ctx, o, c.ear) }
	c.sdp.session = uint64(rand.Int64N(1<<62-1)) + 1
	key := callKey{c.dlg.callID, c.dlg.remoteTag}

	s.mu.Lock()
	if s.closing || len(s.calls) >= maxCalls {
		s.mu.Unlock()
		s.answer(f, invite, 503, "Service Unavailable")
		return
	}
	s.calls[key] = c
	s.ears[key.callID] = c.ear
	s.calling.Add(1)
	s.mu.Unlock()

	go func() {
		defer s.calling.Done()
		c.run(s.talk)
		s.forget(key, c)
	}()
}

// openVoice keeps a nil *stream from becoming a voice that is not nil.
func (s *Server) openVoice(ctx context.Context, o *offer, e *ear) (voice, error) {
	v, err := s.media.open(ctx, o, e)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// forget removes a finished call; what was heard of it stays for a while.
func (s *Server) forget(key callKey, c *call) {
	c.ear.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, key)
	s.last = append(s.last, key.callID)
	if len(s.last) > keepFinished {
		delete(s.ears, s.last[0])
		s.last = append([]string(nil), s.last[1:]...)
	}
}

// numberOf is the user part of the Request-URI without parameters, or what
// follows "tel:".
func numberOf(req *sip.Request) string {
	number := req.Recipient.User
	if number == "" {
		number = req.Recipient.Raw()
	}
	number, _, _ = strings.Cut(number, ";")
	return number
}

// registerExpires is how long a registration lasts when the phone does not
// say, in seconds. Nobody is ever called through it.
const registerExpires = 600

// register says yes to a phone that registers (RFC 3261 section 10.3), as old
// pages insist on.
func (s *Server) register(f *flow, req *sip.Request) {
	if res := s.guard.challenge(req, time.Now()); res != nil {
		s.reply(f, res)
		return
	}
	expires := registerExpires
	if h := req.GetHeader("Expires"); h != nil {
		if n, err := strconv.Atoi(strings.TrimSpace(h.Value())); err == nil && n >= 0 {
			expires = n
		}
	}
	res := respond(req, 200, "OK", "")
	if contact := req.Contact(); contact != nil && !contact.Address.Wildcard {
		c := contact.Clone()
		if v, ok := c.Params.Get("expires"); ok {
			if n, err := strconv.Atoi(v); err == nil && n >= 0 {
				expires = n
			}
		}
		c.Params.Remove("expires")
		c.Params.Add("expires", strconv.Itoa(expires))
		if expires > 0 {
			res.AppendHeader(c)
		}
	}
	res.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(expires)))
	s.reply(f, res)
}
