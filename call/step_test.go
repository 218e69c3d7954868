package call

import (
	"bufio"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// step.txt holds the expected outcome for every pair of state and input, one a
// line: "State | input | new state | effects". It was written by hand from the
// RFCs and the heritage contract and is the engine's specification; a pair
// that is missing fails the test.
//
//go:embed testdata/step.txt
var stepTable string

var (
	t0  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	req = Request{Realm: "example.net", DN: "1000", Tel: "01012345678", URL: "wss://sbc.example.net:6081/ws"}
)

// tableInputs are all inputs that an engine can be given, by name. %d of the
// call is always 7, the call of tableMachine.
func tableInputs() map[string]input {
	sig := func(ev SignalEvent) input { return signal{7, ev} }
	med := func(ev MediaEvent) input { return media{7, ev} }
	return map[string]input{
		"dial":            dial{1, req},
		"dial-bad":        dial{1, Request{Realm: "r", DN: "1", Tel: "1", URL: "http://h"}},
		"hangup":          hangup{1},
		"mute-on":         mute{1, true},
		"mute-off":        mute{1, false},
		"video-mute-on":   muteVideo{1, true},
		"video-mute-off":  muteVideo{1, false},
		"deafen-on":       deafen{1, true},
		"deafen-off":      deafen{1, false},
		"hold-on":         hold{1, true},
		"hold-off":        hold{1, false},
		"farewell":        farewell{1},
		"dtmf":            sendDTMF{1, "12#"},
		"dtmf-bad":        sendDTMF{1, "x"},
		"100":             sig(Provisional{Code: 100}),
		"180":             sig(Provisional{Code: 180}),
		"183":             sig(Provisional{Code: 183}),
		"183-sdp":         sig(Provisional{Code: 183, SDP: "early"}),
		"199":             sig(Provisional{Code: 199}),
		"200":             sig(Accepted{SDP: "final"}),
		"200-no-sdp":      sig(Accepted{}),
		"peer-offer":      sig(PeerOffer{Ref: 4, SDP: "offer"}),
		"peer-answer":     sig(PeerAnswer{SDP: "answer"}),
		"peer-ack":        sig(PeerAnswer{Ref: 4, SDP: "answer"}),
		"peer-refused":    sig(PeerRefused{Code: 488}),
		"ended-bye":       sig(LegEnded{Reason{Code: CodeRemoteHangup}}),
		"ended-busy":      sig(LegEnded{Reason{Code: CodeLineBusy, SIP: 486}}),
		"ended-local":     sig(LegEnded{Reason{Code: CodeHangup, Local: true}}),
		"ended-stale":     signal{6, LegEnded{Reason{Code: CodeRemoteHangup}}},
		"offer":           med(OfferReady{SDP: "local"}),
		"offer-needed":    med(OfferNeeded{SDP: "local2"}),
		"offer-again":     med(OfferNeeded{SDP: "local3", Again: true}),
		"applied":         med(PeerOfferApplied{Ref: 4, Code: 200, SDP: "ok"}),
		"applied-held":    med(PeerOfferApplied{Ref: 4, Code: 200, SDP: "ok", Held: true}),
		"applied-refused": med(PeerOfferApplied{Ref: 4, Code: 488, Held: true}),
		"hold-answered":   med(HoldAnswered{Held: true}),
		"early":           med(EarlyHeard{}),
		"media-up":        med(MediaStarted{Codec: "opus"}),
		"media-up-stale":  media{6, MediaStarted{Codec: "opus"}},
		"muted":           med(MuteConfirmed{On: true}),
		"unmuted":         med(MuteConfirmed{On: false}),
		"deafened":        med(DeafConfirmed{On: true}),
		"undeafened":      med(DeafConfirmed{On: false}),
		"held":            med(HoldConfirmed{On: true}),
		"resumed":         med(HoldConfirmed{On: false}),
		"hold-refused":    med(HoldRefused{}),
		"notice-began":    med(NoticeBegan{}),
		"notice-ended":    med(NoticeEnded{}),
		"notice-none":     med(NoticeFailed{Code: CodeNoNotice}),
		"notice-bad":      med(NoticeFailed{Code: CodeBadNotice}),
		"notice-nobody":   med(NoticeFailed{Code: CodeMedia}),
		"dtmf-sent":       med(DTMFSent{Digit: '5'}),
		"dtmf-by-info":    med(DTMFByInfo{Digit: '5'}),
		"stats":           med(StatsMeasured{Stats{PacketsSent: 9, LevelIn: -40}, t0}),
		"stats-silent":    med(StatsMeasured{Stats{PacketsSent: 9, LevelIn: -127}, t0}),
		"media-failed":    med(MediaFailed{Reason{Code: CodeMedia}}),
		"ring-time-out":   ringTimeout{7},
		"ring-stale":      ringTimeout{6},
		"clear-time-out":  clearTimeout{7},
		"notice-time-out": noticeTimeout{7},
		"notice-stale":    noticeTimeout{6},
		"stop":            stop{},
	}
}

// tableMachine is an ordinary call in the given state, its INVITE sent.
func tableMachine(s State) machine {
	m := machine{
		cfg:     timing{ring: time.Minute, clear: clearTime},
		req:     req,
		offered: s >= Trying,
		hasSDP:  s >= InCall,
		snap: Snapshot{Revision: 100, State: s, Call: Call{
			ID: 7, Realm: req.Realm, DN: req.DN, Tel: req.Tel, Dialed: t0,
		}},
	}
	if s == Clearing {
		m.ending = Reason{Code: CodeHangup, Local: true}
	}
	return m
}

// tableMachines are the machines of the table's first column: one for each
// state, and the moments of an answered call in which commands mean something
// else.
func tableMachines() (names []string, byName map[string]machine) {
	byName = map[string]machine{}
	add := func(name string, m machine) {
		names = append(names, name)
		byName[name] = m
	}
	for _, s := range States() {
		add(s.String(), tableMachine(s))
	}
	held := tableMachine(InCall)
	held.snap.Call.Hold.On, held.hold.asked = true, true
	add("held", held)
	holding := tableMachine(InCall) // a hold is under way
	holding.snap.Call.Hold.Pending, holding.hold, holding.offering = true, wish{true, []token{2}}, true
	add("holding", holding)
	muted := tableMachine(InCall) // for longer than the interval measured
	muted.snap.Call.Mute.On, muted.mute.asked, muted.mutedAt = true, true, t0.Add(-time.Second)
	add("muted", muted)
	leave := tableMachine(InCall)
	leave.leaving, leave.leavers = asked, []token{2}
	add("leaving", leave)
	notice := muted
	notice.leaving, notice.snap.Call.Farewell = playing, t0
	add("notice", notice)
	return names, byName
}

func TestStepTable(t *testing.T) {
	want := map[string]string{}
	sc := bufio.NewScanner(strings.NewReader(stepTable))
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 4 {
			t.Fatalf("bad row %q", line)
		}
		key := strings.TrimSpace(f[0]) + " " + strings.TrimSpace(f[1])
		if _, twice := want[key]; twice {
			t.Errorf("row %q stands twice", key)
		}
		want[key] = fmt.Sprintf("%-10s | %s", strings.TrimSpace(f[2]), strings.TrimSpace(f[3]))
	}
	inputs := tableInputs()
	var rows strings.Builder
	names, machines := tableMachines()
	for _, s := range names {
		for _, name := range slices.Sorted(maps.Keys(inputs)) {
			m := machines[s]
			before := m
			got, effects := step(m, inputs[name], t0.Add(time.Second))
			if !reflect.DeepEqual(before, m) {
				t.Errorf("%s + %s: step changed the machine it was given", s, name)
			}
			row := fmt.Sprintf("%-10v | %s", got.snap.State, describe(effects))
			fmt.Fprintf(&rows, "%-10s | %-15s | %s\n", s, name, row)
			key := s + " " + name
			switch w, ok := want[key]; {
			case !ok:
				t.Errorf("%s: no row; got %s", key, row)
			case w != row:
				t.Errorf("%s:\n got %s\nwant %s", key, row, w)
			}
			delete(want, key)
		}
	}
	for key := range want {
		t.Errorf("row %q matches no pair", key)
	}
	if f := os.Getenv("STEP_ROWS"); f != "" { // for whoever adds an input: then read every row
		if err := os.WriteFile(f, []byte(rows.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// describe writes effects the way step.txt does.
func describe(effects []effect) string {
	var w []string
	for _, e := range effects {
		switch e := e.(type) {
		case publish:
			if e.cause == nil {
				w = append(w, "update")
			} else {
				w = append(w, "tell:"+describeCause(e.cause))
			}
		case reply:
			code := CodeOf(e.err)
			if e.err == nil {
				code = "ok"
			}
			w = append(w, "reply:"+string(code))
		case openMedia:
			w = append(w, fmt.Sprintf("open-media:%d", e.call))
		case openLeg:
			w = append(w, fmt.Sprintf("open-leg:%d", e.call))
		case sendInvite:
			w = append(w, "invite:"+e.offer)
		case sendReinvite:
			w = append(w, "reinvite:"+e.offer)
		case sendInfo:
			w = append(w, "info:"+string(e.digit))
		case respond:
			w = append(w, fmt.Sprintf("respond:%d,%d,%s", e.ref, e.code, e.sdp))
		case hangLeg:
			w = append(w, "hang:"+string(e.reason.Code))
		case giveAnswer:
			w = append(w, fmt.Sprintf("answer:%s,early=%t", e.sdp, e.early))
		case giveAck:
			w = append(w, "ack:"+e.sdp)
		case reoffer:
			w = append(w, fmt.Sprintf("reoffer:%d,%s", e.ref, e.sdp))
		case setMute:
			w = append(w, fmt.Sprintf("mute:%t", e.on))
		case setDeaf:
			w = append(w, fmt.Sprintf("deafen:%t", e.on))
		case setHold:
			w = append(w, fmt.Sprintf("hold:%t", e.on))
		case playNotice:
			w = append(w, "play-notice")
		case startNotice:
			w = append(w, "start-notice")
		case playDigits:
			w = append(w, "digits:"+e.digits)
		case playTone:
			w = append(w, fmt.Sprintf("tone:%d", e.tone))
		case closeMedia:
			w = append(w, fmt.Sprintf("close-media:%d", e.last))
		case startRing:
			w = append(w, "start-ring")
		case startClear:
			w = append(w, "start-clear")
		case offerRefused:
			w = append(w, "refused")
		case stopTimers:
			w = append(w, "stop-timers")
		case stopped:
			w = append(w, "stopped")
		default:
			w = append(w, fmt.Sprintf("?%T", e))
		}
	}
	if len(w) == 0 {
		return "-"
	}
	return strings.Join(w, " ")
}

func describeCause(c Cause) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", c), "call.")
	switch c := c.(type) {
	case Ended:
		return name + "," + string(c.Reason.Code)
	case MuteChanged:
		return fmt.Sprintf("%s,%t", name, c.On)
	case DeafChanged:
		return fmt.Sprintf("%s,%t", name, c.On)
	case HoldChanged:
		return fmt.Sprintf("%s,%t", name, c.On)
	case VideoMuteChanged:
		return fmt.Sprintf("%s,%t", name, c.On)
	case RemoteHoldChanged:
		return fmt.Sprintf("%s,%t", name, c.On)
	case MediaUp:
		return name + "," + c.Codec
	}
	return name
}
