package present

import (
	"time"

	"nxphone/call"
)

// Role is what a colour means. The theme says which colour that is; a role is
// never the only sign of its meaning.
type Role string

// The roles.
const (
	Neutral Role = "neutral"
	Accent  Role = "accent" // the program's own colour: going on, please look
	Good    Role = "good"   // call, connected
	Warn    Role = "warn"   // not as it should be, or not certain yet
	Bad     Role = "bad"    // end, refused, muted
)

// Texts are the words; package assets/text has them.
type Texts interface {
	// Text gives the text of a key, its blanks filled in by name and value.
	Text(key string, pairs ...string) string
	// Code gives the words for a stable code of package call.
	Code(code string) (title, help string)
}

// Facts are all that the window shows something of.
type Facts struct {
	Snapshot call.Snapshot
	// Now is the time that call timers are measured against.
	Now time.Time

	// Line is where calls go through.
	Line Line
	// Number is what has been typed or pasted, as it would be dialled.
	Number string
	// Fetched is the same where it came out of a list of ours (recent calls,
	// speed dials, redial) or has been called: both show it masked. It is empty
	// for what is being written.
	Fetched string
	// Notice is a refused command or a hint, shown until the next key.
	Notice Notice
	// PutAway is the ID of the last call whose end the user has put away.
	PutAway int
	// Details: the user wants to see the details.
	Details bool
	// Observed is what the call has shown over time.
	Observed Observed
	// Mask is how much of a number may be seen, Reveal that the user holds it
	// to see all.
	Mask   Mask
	Reveal bool
	// Presented is the number that the far end sees.
	Presented string
	// Dials: there are speed dials.
	Dials bool
	// Redial is the number that can be called again; empty for none.
	Redial string
	// Keypad: the dial pad is open in the call.
	Keypad bool
	// Meters: the levels of both voices are drawn.
	Meters bool
	// CanFarewell: there is a notice for a lawful ending. FarewellAt is when it
	// begins, zero where it was not asked for.
	CanFarewell bool
	FarewellAt  time.Time

	// Size is how much of the window there is.
	Size Size
	// Leaving: the program ends as soon as the call is cleared.
	Leaving bool

	// Front: the window has the keyboard, so that its user sees it. Seen is what
	// has been seen so far.
	Front bool
	Seen  Seen
	// Hotkeys is what keeps the global keys from working.
	Hotkeys HotkeyFaults

	// Headset is what a headset with buttons tells.
	Headset Headset
	// Shift is what the counsellor does between calls.
	Shift ShiftFacts
	// Update is what is known of a newer version.
	Update Update
	// Web is what the web API asks for and tells.
	Web Web
	// WebRoom: pages may come, and the line that names them has its place.
	WebRoom bool
	// Handed is a number that a link or another program asks to call, as it
	// would be dialled; empty for none.
	Handed string
	// Revoking is who the user wants to revoke and is asked about; may be empty.
	Revoking string
	// Answered is the ID of the last question of Web that was answered.
	Answered int
	// CodeAway is the About of the code that the user has put away.
	CodeAway string
	// Asked is the question on the screen, and AskedAt since when it can have
	// been read.
	Asked   AskKey
	AskedAt time.Time
}

// Line is the phone's own side of a call.
type Line struct {
	Realm, DN, URL string
	// Demo: the line is the demo SBC inside the process.
	Demo bool
}

// Ready reports whether a call can be placed at all.
func (l Line) Ready() bool { return l.Realm != "" && l.DN != "" && l.URL != "" }

// Notice is one sentence or two for the user. Code is a refused command's;
// else Key names a text of the catalogue. Both empty is no notice.
type Notice struct {
	Code call.Code
	Key  string
	// Help is the key of what there is to do, About fills the blank {about} of
	// both, and Settings offers to open them; they go with a Key.
	Help, About string
	Settings    bool
	// Until is when the notice goes by itself; zero for never.
	Until time.Time
}

// at is the notice as it stands at now.
func (n Notice) at(now time.Time) Notice {
	if n.Code == "" && n.Key == "" || !n.Until.IsZero() && !now.Before(n.Until) {
		return Notice{}
	}
	return n
}

// Screen is the arrangement of the window.
type Screen int

// The screens.
const (
	Dial    Screen = 0 // number and dial pad
	Calling Screen = 1 // from Dial to the answer
	Talk    Screen = 2 // answered
)

// View is everything the window shows. Views are comparable with ==.
type View struct {
	Screen Screen
	Size   Size
	// Status is the state of the phone in one sentence. It is also what a
	// screen reader or a test reads.
	Status string
	Header Header
	Strip  Strip
	Ask    Ask
	Card   Card
	Banner Banner
	// Alarm stands over the microphone's switch and says what is wrong with it.
	Alarm   Banner
	Number  Number
	Pad     Pad
	Mute    Mute
	Actions Actions
	Primary Primary
	Compact Mini
	Shift   Shift
	// Next is when this view changes although nothing happens; zero for never.
	Next time.Time
}

// Header names the line.
type Header struct {
	Title, Sub string
	Role       Role
	// Settings: the settings can be opened.
	Settings bool
}

// Card is the call that is up.
type Card struct {
	Show  bool
	Icon  string
	Role  Role
	Title string
	// Short is the title in two words, for where there is little room.
	Short  string
	Number string
	// Timer is the call's length, empty before the answer.
	Timer string
	// Sub explains the title, or says what to do; may be empty.
	Sub string
	// Reveal: digits of Number are hidden, and can be held to be seen.
	Reveal bool
	// Presented says which number the far end sees.
	Presented string
	// Quality says how the sound fares; empty words for nothing.
	QualityIcon string
	QualityRole Role
	Quality     string
	// Meters: the levels of both voices have their place.
	Meters  bool
	Details Details
	// CanDetail: there are details to be shown or hidden.
	CanDetail bool
}

// Banner is something to tell on the dial screen: the end of a call, a refused
// command, a first step.
type Banner struct {
	Show        bool
	Icon        string
	Role        Role
	Title, Help string
	// Details holds codes; empty until the user asks for them.
	Details   string
	CanDetail bool
	// Dismiss: the banner can be put away.
	Dismiss bool
	// Settings: the banner offers to open the settings.
	Settings bool
	// Numbers: the banner offers the demo SBC's numbers.
	Numbers bool
	// Act is the label of the one thing that the banner offers to do, "" for
	// nothing.
	Act string
}

// Number is the number entry. In a call it shows the digits sent.
type Number struct {
	// Text is the number in the usual groups; what is dialled has no groups.
	Text        string
	Placeholder string
	Erasable    bool
	// Presented says which number the far end will see.
	Presented string
	// Reveal: digits of Text are hidden, and can be held to be seen.
	Reveal bool
	// Redial: the last number can be fetched back.
	Redial bool
}

// Pad is the dial pad.
type Pad struct {
	Enabled bool
	// Tones: keys send DTMF instead of writing the number.
	Tones bool
	// Sent are the digits that have gone out in this call.
	Sent string
	// Open: it is shown in the call.
	Open bool
	// Low leaves room for something to be told above it.
	Low bool
}

// Mute is the microphone switch.
type Mute struct {
	Show, Enabled bool
	Icon          string
	Role          Role
	Title, Sub    string
	// Short is the title where there is little room.
	Short string
	// On and Pending are as the capture path reported them.
	On, Pending bool
	// Ask is what a press asks for.
	Ask bool
	// Doubt is why the switch is shown as muted although that is not certain.
	Doubt Doubt
}

// Action is what the big button does.
type Action int

// The actions.
const (
	DoCall   Action = 0
	DoHangup Action = 1
	DoRedial Action = 2 // fetches the last number back
)

// Primary is the big button.
type Primary struct {
	Action  Action
	Enabled bool
	Icon    string
	Role    Role
	Label   string
}
