package sipua

import (
	"strconv"
	"strings"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/internal/wire"
)

// sessionTimer is RFC 4028: the two ends agree that a call which nobody
// confirms for a while is over. The far end asks for it; we never do.
type sessionTimer struct {
	interval time.Duration // 0: none
	ours     bool          // we refresh
	stops    []func()
}

// minSession is below what any honest server sends (RFC 4028 section 5 forbids
// less than 90 s) and above what would flood the flow.
const minSession = 10 * time.Second

// begin reads the Session-Expires of a 2xx to a request of ours and starts
// anew. Without one there is no timer (section 7.2).
func (t *sessionTimer) begin(l *leg, m *wire.Message) {
	interval, refresher := sessionExpires(m)
	// We are the UAC of this exchange.
	t.set(l, interval, refresher != "uas")
}

// set starts the timers of one interval (section 10).
func (t *sessionTimer) set(l *leg, interval time.Duration, ours bool) {
	t.stop()
	t.interval, t.ours = interval, ours
	if interval == 0 {
		return
	}
	expire := interval
	if ours {
		t.stops = append(t.stops, l.after(interval/2, func() { t.refresh(l) }))
	} else {
		expire -= min(32*time.Second, interval/3)
	}
	t.stops = append(t.stops, l.after(expire, func() {
		if l.phase == confirmed {
			l.sayBye(call.Reason{Code: call.CodeTimeout, Phrase: "the session was not refreshed"})
		}
	}))
}

func (t *sessionTimer) stop() {
	for _, stop := range t.stops {
		stop()
	}
	t.stops = nil
}

// again sets the next attempt to refresh; the expiry stays.
func (t *sessionTimer) again(l *leg, d time.Duration) {
	t.stops = append(t.stops, l.after(d, func() { t.refresh(l) }))
}

// fields is what a refreshing request of ours says.
func (t *sessionTimer) fields() []wire.Header {
	if t.interval == 0 {
		return nil
	}
	refresher := "uas"
	if t.ours {
		refresher = "uac"
	}
	return []wire.Header{{Name: "Session-Expires", Value: seconds(t.interval) + ";refresher=" + refresher}}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// refresh sends an UPDATE, or a re-INVITE with what the far end knows already
// where it takes no UPDATE.
func (t *sessionTimer) refresh(l *leg) {
	switch {
	case l.phase != confirmed:
	case l.offers.theirs != nil || l.offers.ours != nil:
		t.again(l, time.Second) // an exchange is under way
	case !l.dialog.updates:
		l.offers.ours = &ourOffer{sdp: l.localSDP, refresh: true}
		l.flushOffer()
	default:
		o := l.within(l.dialog, "UPDATE")
		o.fields = append([]wire.Header{allow(), supports()}, t.fields()...)
		l.exchange(l.dialog, o, func(m *wire.Message) {
			switch {
			case l.phase != confirmed || l.gone(m):
			case m.Code() < 300:
				l.dialog.refresh(m)
				t.begin(l, m)
			default:
				t.refused(l, m)
			}
		})
	}
}

// refused tries another way, as far as there is one; the expiry goes on.
func (t *sessionTimer) refused(l *leg, m *wire.Message) {
	switch code := m.Code(); code {
	case 422: // too short for somebody on the way (section 6)
		if s, err := strconv.Atoi(strings.TrimSpace(m.Value("Min-SE"))); err == nil {
			t.set(l, max(time.Duration(s)*time.Second, t.interval), t.ours)
			t.refresh(l)
		}
	case 405, 501:
		if l.dialog.updates {
			l.dialog.updates = false
			t.refresh(l)
		}
	case 491:
		t.again(l, glareWait())
	default:
		t.again(l, t.interval/8)
	}
}

// refreshFields takes the session timer of a re-INVITE or UPDATE of the far end
// and gives the fields of our 2xx (section 9).
func (l *leg) refreshFields(m *wire.Message) []wire.Header {
	out := []wire.Header{{Name: "Contact", Value: l.contact()}, allow(), supports()}
	interval, refresher := sessionExpires(m)
	if l.phase == confirmed {
		// They are the UAC here.
		l.timer.set(l, interval, refresher == "uas")
	}
	if interval == 0 {
		return out
	}
	if refresher == "" {
		refresher = "uac"
	}
	out = append(out, wire.Header{Name: "Session-Expires", Value: seconds(interval) + ";refresher=" + refresher})
	if refresher == "uac" {
		out = append(out, wire.Header{Name: "Require", Value: "timer"})
	}
	return out
}

// sessionExpires reads "1800;refresher=uac"; 0 when there is none.
func sessionExpires(m *wire.Message) (interval time.Duration, refresher string) {
	v, params, _ := strings.Cut(m.Value("Session-Expires"), ";")
	s, err := strconv.ParseUint(strings.TrimSpace(v), 10, 31)
	if err != nil || s == 0 {
		return 0, ""
	}
	refresher, _ = wire.Param(params, "refresher")
	return max(time.Duration(s)*time.Second, minSession), strings.ToLower(refresher)
}
