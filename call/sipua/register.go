package sipua

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"nxphone/call"
	"nxphone/call/sipua/internal/txn"
	"nxphone/call/sipua/internal/wire"
)

const (
	// registerFor is the time that we ask for; servers often give less.
	registerFor = 600
	// registerAgain is the wait after a refresh that failed.
	registerAgain = 30 * time.Second
	// leaveWithin bounds the good-bye to the registrar.
	leaveWithin = time.Second
)

// registration is the REGISTER of one link (RFC 3261 section 10.2). Its actor
// is the link's goroutine.
type registration struct {
	identity
	*clock
	layer   *txn.Layer
	expires int  // seconds to ask for
	up      bool // the registrar has taken us
	leaving bool
	gone    bool // nothing more to do: the link may close
}

// register begins the registration that the settings ask for, or gives nil.
func (k *link) register() *registration {
	if !k.set.Register {
		return nil
	}
	r := &registration{identity: newIdentity(k.req, k.set), clock: newClock(k.box), expires: registerFor}
	r.link = k
	r.layer = txn.New(func(m sip.Message) { k.send(m) }, r.after)
	k.mu.Lock()
	k.parties[r.callID] = r
	k.mu.Unlock()
	k.box.put(r.send)
	return r
}

// party

func (r *registration) opened()            {}
func (r *registration) failed(call.Reason) {}

func (r *registration) receive(m *wire.Message) {
	if m.Request != nil {
		r.link.stranger(m)
		return
	}
	r.link.box.put(func() { r.layer.Response(m) })
}

func (r *registration) send() {
	r.seq++
	host := r.req.Realm
	if _, own, ok := strings.Cut(r.req.DN, "@"); ok {
		host = own
	}
	o := outgoing{
		method: "REGISTER", uri: "sip:" + host, to: "<" + address(r.req.DN, r.req.Realm) + ">",
		seq: r.seq, branch: newBranch(),
		fields: []wire.Header{{Name: "Expires", Value: strconv.Itoa(r.expires)}, allow(), supports()},
	}
	r.layer.Request(r.build(o), o.branch, r.answered)
}

func (r *registration) answered(m *wire.Message) {
	switch {
	case r.leaving && (m == nil || m.Code() != 401 && m.Code() != 407):
		r.gone = true
	case m == nil:
		r.fail(call.Reason{Code: call.CodeTimeout, Phrase: "no response to the REGISTER"})
	case m.Code() < 300:
		r.keys.Accepted()
		r.up = true
		r.after(refreshIn(r.granted(m)), r.send)
		r.link.open()
	case m.Code() == 423: // RFC 3261 section 10.2.8
		least, err := strconv.Atoi(strings.TrimSpace(m.Value("Min-Expires")))
		if err != nil || least <= r.expires {
			r.fail(refusal(m, false))
			return
		}
		r.expires = least
		r.send()
	case m.Code() == 401 || m.Code() == 407:
		if err := r.challenge(m); err != nil {
			reason := refusal(m, false)
			reason.Phrase = err.Error()
			r.fail(reason)
			return
		}
		r.send()
	default:
		r.fail(refusal(m, false))
	}
}

// fail ends the link when it was the first registration, which calls wait for.
// A refresh is tried again: a call that is up needs none.
func (r *registration) fail(reason call.Reason) {
	if r.leaving {
		r.gone = true
		return
	}
	if r.up {
		r.link.agent.log.Warn("the registration was not renewed", "code", reason.Code, "sip", reason.SIP)
		r.after(registerAgain, r.send)
		return
	}
	r.link.over(reason)
	r.gone = true
}

// granted is the time that the registrar gives our Contact, in seconds (RFC
// 3261 section 10.2.4).
func (r *registration) granted(m *wire.Message) int {
	for _, c := range m.List("Contact") {
		uri, params := wire.Address(c)
		if !strings.Contains(uri, r.link.host) {
			continue
		}
		v, _ := wire.Param(params, "expires")
		if s, err := strconv.Atoi(v); err == nil && s > 0 {
			return s
		}
	}
	if s, err := strconv.Atoi(strings.TrimSpace(m.Value("Expires"))); err == nil && s > 0 {
		return s
	}
	return r.expires
}

// refreshIn is when to register again, for a time granted in seconds.
func refreshIn(granted int) time.Duration {
	return max(time.Duration(granted)*time.Second/2, time.Second)
}

// leave takes the registration back and reports whether an answer is to be
// waited for; gone is set in the end.
func (r *registration) leave() bool {
	if !r.up || r.leaving {
		return false
	}
	r.leaving = true
	r.expires = 0
	r.after(leaveWithin, func() { r.gone = true })
	r.send()
	return true
}
