package present

import (
	"strconv"
	"strings"
	"time"

	"nxphone/call"
	"nxphone/call/kiosk"
)

// KioskFacts are all that the screen of a booth shows something of.
type KioskFacts struct {
	Status kiosk.Status
	Now    time.Time

	// Low: everything that can be touched lies in the low part of the screen.
	// LowFixed: the organisation has said so, and there is no other layout.
	Low, LowFixed bool
	// Contrast: black, white and yellow alone.
	Contrast bool
	// Label is what the emergency number is known by ("119"); empty names it
	// by what it is.
	Label string
	// Asking: the visitor has pressed the emergency button and is asked.
	Asking bool
	// Helping: the visitor cannot hear well and has said so.
	Helping bool
	// Volume is how loud the far end is played, from 1 to Loudest. A Loudest of
	// 0: it cannot be changed.
	Volume, Loudest int

	// PIN is the administrator's pad.
	PIN KioskPad
}

// KioskPad is the administrator's pad as the window knows it.
type KioskPad struct {
	Open bool
	// Digits is how many have been entered.
	Digits int
	// Wrong: the last PIN was not right. Checking: one is being looked at.
	Wrong, Checking bool
}

// KioskDo is what a button of a booth does.
type KioskDo int

// The actions.
const (
	KioskNothing  KioskDo = 0
	KioskCall     KioskDo = 1 // the counsellor
	KioskAsk      KioskDo = 2 // ask about the emergency number
	KioskUrgent   KioskDo = 3 // call it
	KioskBack     KioskDo = 4 // out of the question
	KioskHangup   KioskDo = 5
	KioskStay     KioskDo = 6 // "I am still here"
	KioskHear     KioskDo = 7 // "I cannot hear well"
	KioskLouder   KioskDo = 8
	KioskQuieter  KioskDo = 9
	KioskLanguage KioskDo = 10
	KioskLow      KioskDo = 11
	KioskContrast KioskDo = 12
)

// KioskButton is one button of a booth; without an action it is not there.
type KioskButton struct {
	Do          KioskDo
	Icon        string
	Role        Role
	Label, Sub  string
	Name        string // for those who do not see an icon without a label
	Key         rune   // the key that presses it too, 0 for none
	Unavailable bool   // shown, and does nothing now
}

// Sign is the picture that says how it stands, for those who do not read.
type Sign struct {
	Icon string
	Role Role
	// Step is which of three dots is lit while something is on its way, from
	// 1; 0 shows no dots.
	Step int
	// Level of Most bars show how loud it is; Most is 0 for none.
	Level, Most int
}

// KioskView is everything that the screen of a booth shows. Views are
// comparable with ==.
type KioskView struct {
	Sign        Sign
	Title, Help string
	// Note is a line for those who look closely: the network, a self-test.
	Note string

	// Main is the big button, Apart the other one, which lies well away from
	// it. Where Pair is there, the two share the place of Apart.
	Main, Apart, Pair KioskButton
	// Low, Contrast and Language are in the line at the bottom.
	Low, Contrast, Language KioskButton

	// PIN is the administrator's pad, over all.
	PIN KioskPINView
	// Low layout, and dark because nobody is there.
	LowLayout, Dim bool
	// Next is when this view changes although nothing happens; zero for never.
	Next time.Time
}

// KioskPINView is the administrator's pad as it is shown.
type KioskPINView struct {
	Open        bool
	Title, Help string
	Role        Role
	// Dots is one mark for each digit.
	Dots string
	// Enabled: digits are taken. CanEnter: there is something to be checked.
	Enabled, CanEnter bool
	Enter, Close      string
	Erase             string // of a key that shows an icon
}

const (
	// kioskWait is how long it may ring before the visitor is told that it
	// takes its time.
	kioskWait = 20 * time.Second
	// kioskSoundDue is when silence after the answer is worth a word.
	kioskSoundDue = 4 * time.Second
)

// KioskOf says what the screen of a booth shows.
func KioskOf(f KioskFacts, t Texts) KioskView {
	k := kioskBuilder{f: f, t: t}
	k.v.LowLayout = f.Low || f.LowFixed
	k.v.Dim = !f.Status.Bright && !f.Status.Screen.InCall()
	switch f.Status.Screen {
	case kiosk.Calling:
		k.calling()
	case kiosk.Talking:
		k.talking()
	case kiosk.Ending:
		k.say(Sign{Icon: "hangup", Role: Neutral}, "kiosk.ending.title", "")
	case kiosk.Over:
		k.over()
	case kiosk.Closed:
		k.closed()
	default:
		k.ready()
	}
	if f.Asking && f.Status.Emergency && f.Status.Screen != kiosk.Talking && f.Status.Screen != kiosk.Ending {
		k.asking()
	}
	k.service()
	if f.PIN.Open && !f.Status.Screen.InCall() {
		k.pin()
	}
	return k.v
}

// kioskBuilder fills a view.
type kioskBuilder struct {
	f KioskFacts
	t Texts
	v KioskView
}

// say sets the sign and the two sentences; a key of "" leaves one out.
func (k *kioskBuilder) say(s Sign, title, help string) {
	k.v.Sign, k.v.Title, k.v.Help = s, k.text(title), k.text(help)
}

// text is a text with the emergency number's name in it. Where the number has
// none, the text of the same key and ".plain" stands in.
func (k *kioskBuilder) text(key string) string {
	if key == "" {
		return ""
	}
	s := k.t.Text(key, "number", k.f.Label)
	if k.f.Label == "" {
		if plain := k.t.Text(key + ".plain"); plain != key+".plain" {
			return plain
		}
	}
	return s
}

// next brings the time of the next change forward.
func (k *kioskBuilder) next(at time.Time) { k.v.Next = earliest(k.v.Next, at) }

// step lights one of three dots after the other, a second each. On a dark
// screen, which may be so for days, nothing moves.
func (k *kioskBuilder) step(since time.Time) int {
	if k.v.Dim {
		return 1
	}
	if since.IsZero() { // nobody has said
		since = k.f.Now
	}
	k.next(nextSecond(k.f.Now, since))
	return int(max(k.f.Now.Sub(since), 0)/time.Second)%3 + 1
}

func (k *kioskBuilder) ready() {
	s := k.f.Status
	k.say(Sign{Icon: "phone", Role: Good}, "kiosk.ready.title", "kiosk.ready.help")
	k.buttons("kiosk.call")
	switch {
	case s.Network.State == kiosk.NetDown:
		k.say(Sign{Icon: "offline", Role: Warn, Step: k.step(s.Network.Since)}, "kiosk.offline.title", "kiosk.offline.help")
		if s.Emergency {
			k.v.Help += " " + k.text("kiosk.elsewhere")
		}
		k.v.Main.Label = k.text("kiosk.call.try")
	case s.Network.State == kiosk.NetConnecting:
		k.v.Note = k.text("kiosk.network.connecting")
	case s.Testing:
		k.v.Note = k.text("kiosk.testing")
	}
}

// buttons are those of a booth that waits for a visitor.
func (k *kioskBuilder) buttons(call string) {
	k.v.Main = KioskButton{Do: KioskCall, Icon: "phone", Role: Good, Label: k.text(call), Key: '1'}
	k.urgent()
}

// urgent is the emergency button, where there is one.
func (k *kioskBuilder) urgent() {
	if k.f.Status.Emergency {
		k.v.Apart = KioskButton{Do: KioskAsk, Icon: "alert", Role: Bad, Label: k.text("kiosk.urgent"), Sub: k.text("kiosk.urgent.sub"), Key: '2'}
	}
}

// asking asks before the emergency number is called. The yes is not where the
// emergency button was: who hits that twice has not said yes.
func (k *kioskBuilder) asking() {
	k.say(Sign{Icon: "alert", Role: Bad}, "kiosk.ask.title", "kiosk.ask.help")
	k.v.Note = ""
	k.v.Main = KioskButton{Do: KioskUrgent, Icon: "phone", Role: Bad, Label: k.text("kiosk.ask.yes"), Key: '2'}
	k.v.Apart = KioskButton{Do: KioskBack, Icon: "back", Role: Neutral, Label: k.text("kiosk.ask.no"), Key: '1'}
}

func (k *kioskBuilder) calling() {
	s := k.f.Status
	emergency := s.Button == kiosk.Emergency
	sign := Sign{Icon: "phone", Role: Accent, Step: k.step(s.Since)}
	title, help := "kiosk.calling.title", "kiosk.calling.help"
	if s.Ringing {
		sign.Icon, title, help = "bell", "kiosk.ringing.title", "kiosk.ringing.help"
		if due := s.Since.Add(kioskWait); k.f.Now.Before(due) {
			k.next(due)
		} else {
			title, help = "kiosk.wait.title", "kiosk.wait.help"
		}
	}
	if emergency {
		title, help = "kiosk.calling.urgent.title", "kiosk.calling.urgent.help"
	}
	k.say(sign, title, help)
	k.v.Main = KioskButton{Do: KioskHangup, Icon: "hangup", Role: Neutral, Label: k.text("kiosk.cancel"), Key: '1'}
	if !emergency {
		k.urgent()
	}
}

func (k *kioskBuilder) talking() {
	f, s := k.f, k.f.Status
	emergency := s.Button == kiosk.Emergency
	title, help := "kiosk.talk.title", "kiosk.talk.help"
	if emergency {
		title, help = "kiosk.talk.urgent.title", "kiosk.talk.urgent.help"
	}
	sign := Sign{Icon: "waves", Role: Good}
	k.v.Main = KioskButton{Do: KioskHangup, Icon: "hangup", Role: Neutral, Label: k.text("kiosk.hangup"), Key: '1'}
	k.v.Apart = KioskButton{Do: KioskHear, Icon: "ear", Role: Accent, Label: k.text("kiosk.hear"), Key: '2'}
	switch {
	case !s.SilenceEnds.IsZero():
		k.silence()
		return
	case s.Held:
		sign, title, help = Sign{Icon: "hold", Role: Accent}, "kiosk.held.title", "kiosk.held.help"
	case !s.Hears && f.Now.Before(s.Answered.Add(kioskSoundDue)):
		k.next(s.Answered.Add(kioskSoundDue))
	case !s.Hears:
		sign, title, help = Sign{Icon: "ear", Role: Warn}, "kiosk.quiet.title", "kiosk.quiet.help"
	}
	if f.Helping {
		sign, title, help = Sign{Icon: "speaker", Role: Accent, Level: f.Volume, Most: f.Loudest}, "kiosk.hear.title", "kiosk.hear.help"
		if f.Loudest > 0 {
			k.v.Apart = KioskButton{Do: KioskLouder, Icon: "louder", Role: Accent, Label: k.text("kiosk.louder"), Key: '2',
				Unavailable: f.Volume >= f.Loudest}
			k.v.Pair = KioskButton{Do: KioskQuieter, Icon: "quieter", Role: Accent, Label: k.text("kiosk.quieter"),
				Unavailable: f.Volume <= 1}
		}
	}
	k.say(sign, title, help)
}

// silence asks whether somebody is still there. The big button says yes.
func (k *kioskBuilder) silence() {
	left := k.f.Status.SilenceEnds.Sub(k.f.Now)
	seconds := max(int((left+time.Second-1)/time.Second), 0)
	k.v.Sign = Sign{Icon: "ear", Role: Warn}
	k.v.Title = k.text("kiosk.silence.title")
	k.v.Help = k.t.Text("kiosk.silence.help", "seconds", strconv.Itoa(seconds))
	if seconds > 0 {
		k.next(k.f.Status.SilenceEnds.Add(-time.Duration(seconds-1) * time.Second))
	}
	k.v.Main = KioskButton{Do: KioskStay, Icon: "check", Role: Good, Label: k.text("kiosk.stay"), Key: '1'}
	k.v.Apart = KioskButton{Do: KioskHangup, Icon: "hangup", Role: Neutral, Label: k.text("kiosk.hangup"), Key: '2'}
	k.v.Pair = KioskButton{}
}

// over says how the call ended; the next one can be made at once.
func (k *kioskBuilder) over() {
	s := k.f.Status
	sign, words := Sign{Icon: "clock", Role: Accent}, "failed"
	switch s.End.Code {
	case call.CodeHangup, call.CodeRemoteHangup, call.CodeCancelled, call.CodeShutdown:
		sign, words = Sign{Icon: "check", Role: Good}, "done"
		if s.End.Code == call.CodeCancelled {
			words = "cancelled"
		}
	case kiosk.CodeSilence:
		sign, words = Sign{Icon: "check", Role: Good}, "silence"
	case call.CodeLineBusy:
		words = "busy"
	case call.CodeNoAnswer, call.CodeUnavailable, call.CodeDeclined:
		words = "noanswer"
	case call.CodeUnreachable, call.CodeCertificate, call.CodeHandshake, call.CodeTimeout, call.CodeFlowLost:
		sign, words = Sign{Icon: "offline", Role: Warn}, "network"
	}
	k.say(sign, "kiosk.over."+words+".title", "kiosk.over."+words+".help")
	if words == "network" && s.Emergency {
		k.v.Help += " " + k.text("kiosk.elsewhere")
	}
	k.buttons("kiosk.call.again")
	if s.Button == kiosk.Emergency {
		k.urgentOver(sign)
	}
}

// urgentOver is the end of an emergency call: one that did not come about can be
// made again without a question. Whose line was busy helps nobody then, and
// "in a little while" would be wrong.
func (k *kioskBuilder) urgentOver(sign Sign) {
	k.v.Main.Label = k.text("kiosk.call")
	switch sign.Role {
	case Good:
		k.v.Help = k.text("kiosk.over.urgent.help")
		return
	case Accent:
		k.say(Sign{Icon: "alert", Role: Bad}, "kiosk.over.urgent.failed.title", "kiosk.over.urgent.failed.help")
	}
	k.v.Apart = k.v.Main
	k.v.Main = KioskButton{Do: KioskUrgent, Icon: "phone", Role: Bad, Label: k.text("kiosk.urgent.again"), Key: '2'}
}

// closed is a booth that can call nobody. The words for the visitor are large,
// those for whoever mends it stand in the note.
func (k *kioskBuilder) closed() {
	s := k.f.Status
	k.say(Sign{Icon: "alert", Role: Warn}, "kiosk.closed.title", "kiosk.closed.help")
	if s.Fault != kiosk.FaultNone {
		k.v.Note = k.t.Text("kiosk.fault." + string(s.Fault))
	}
	if len(s.Missing) > 0 {
		k.v.Note += " (" + strings.Join(s.Missing, ", ") + ")"
	}
}

// service is the line at the bottom.
func (k *kioskBuilder) service() {
	k.v.Language = KioskButton{Do: KioskLanguage, Icon: "globe", Role: Neutral, Label: k.text("kiosk.language")}
	k.v.Contrast = KioskButton{Do: KioskContrast, Icon: "contrast", Role: Neutral, Label: k.text("kiosk.contrast")}
	if k.f.Contrast {
		k.v.Contrast.Label = k.text("kiosk.contrast.off")
	}
	if !k.f.LowFixed {
		k.v.Low = KioskButton{Do: KioskLow, Icon: "lower", Role: Neutral, Label: k.text("kiosk.low")}
		if k.f.Low {
			k.v.Low.Icon, k.v.Low.Label = "higher", k.text("kiosk.low.off")
		}
	}
}

func (k *kioskBuilder) pin() {
	p, again := k.f.PIN, k.f.Status.PINAgain
	v := KioskPINView{
		Open: true, Role: Neutral, Title: k.text("kiosk.pin.title"), Help: k.text("kiosk.pin.help"),
		Dots: strings.Repeat("●", p.Digits), Enter: k.text("kiosk.pin.enter"), Close: k.text("kiosk.pin.close"),
		Erase: k.text("button.erase"),
	}
	left := again.Sub(k.f.Now)
	switch {
	case p.Checking:
		v.Help = k.text("kiosk.pin.checking")
	case !again.IsZero() && left > 0:
		seconds := int((left + time.Second - 1) / time.Second)
		v.Role, v.Help = Warn, k.t.Text("kiosk.pin.again", "seconds", strconv.Itoa(seconds))
		k.next(again.Add(-time.Duration(seconds-1) * time.Second))
	default:
		v.Enabled, v.CanEnter = true, p.Digits > 0
		if p.Wrong && p.Digits == 0 {
			v.Role, v.Help = Warn, k.text("kiosk.pin.wrong")
		}
	}
	k.v.PIN = v
}
