package call

// Cause is one thing that happened, delivered together with the [Snapshot]
// that it led to. The set is closed: a switch over the types below is complete.
// Causes of one call always come in the order Began, Tried, Rang, Answered,
// Ended, with Tried, Rang and Answered possibly left out.
type Cause interface{ cause() }

type (
	// Began: a Dial was accepted and the server is being reached. In heritage
	// terms "Connecting".
	Began struct{ ID int }
	// Tried: the server has taken the call (100). Heritage "Trying".
	Tried struct{ ID int }
	// Rang: the far end is being alerted (180 to 183). Heritage "Ringing".
	// It comes once a call, however often the server repeats itself.
	Rang struct {
		ID   int
		Code int // the SIP status that said so
	}
	// EarlyMediaHeard: sound of the network arrives before the answer.
	EarlyMediaHeard struct{ ID int }
	// Answered: 2xx received and acknowledged. Heritage "InCall".
	Answered struct{ ID int }
	// MediaUp: the first packet of the far end has been decoded.
	MediaUp struct {
		ID    int
		Codec string
	}
	// MuteChanged: the capture path has confirmed the microphone's state.
	MuteChanged struct {
		ID int
		On bool
	}
	// MuteLeaked: sound was measured behind the mute gate although the mute was
	// confirmed, and the gate was asked to shut again. Once a call at most; see
	// [Call].MuteLeak.
	MuteLeaked struct{ ID int }
	// VideoMuteChanged: the user wants no picture sent in this call, or allows
	// it again.
	VideoMuteChanged struct {
		ID int
		On bool
	}
	// DeafChanged: the playout has confirmed whether the user hears the call.
	DeafChanged struct {
		ID int
		On bool
	}
	// HoldChanged: the far end has accepted that we hold or resume the call.
	HoldChanged struct {
		ID int
		On bool
	}
	// FarewellBegan: the notice of a lawful ending is being played to the far
	// end; the call ends after it.
	FarewellBegan struct{ ID int }
	// RemoteHoldChanged: the far end held or resumed the call.
	RemoteHoldChanged struct {
		ID int
		On bool
	}
	// DigitSent: one DTMF digit has been sent completely.
	DigitSent struct {
		ID    int
		Digit rune
	}
	// HangingUp: the user has hung up; the server's answer is awaited.
	HangingUp struct{ ID int }
	// Ended: the call is over. Exactly one for each Began. Heritage "Clear".
	Ended struct {
		ID     int
		Reason Reason
	}
)

func (Began) cause()             {}
func (Tried) cause()             {}
func (Rang) cause()              {}
func (EarlyMediaHeard) cause()   {}
func (Answered) cause()          {}
func (MediaUp) cause()           {}
func (MuteChanged) cause()       {}
func (MuteLeaked) cause()        {}
func (VideoMuteChanged) cause()  {}
func (DeafChanged) cause()       {}
func (HoldChanged) cause()       {}
func (FarewellBegan) cause()     {}
func (RemoteHoldChanged) cause() {}
func (DigitSent) cause()         {}
func (HangingUp) cause()         {}
func (Ended) cause()             {}
