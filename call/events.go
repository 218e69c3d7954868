package call

// newEvent is the form of every event that old pages do not know:
//
//	{"Kind":"nxphone","Type":"MediaUp","Data":{"id":3,"rev":17,"codec":"opus"}}
//
// Members of Data that say nothing are left out; programs must ignore members
// and types that they do not know.
type newEvent struct {
	Kind string
	Type string
	Data eventData
}

type eventData struct {
	ID     int    `json:"id"`
	Rev    uint64 `json:"rev"`
	On     *bool  `json:"on,omitempty"`
	Codec  string `json:"codec,omitempty"`
	Digit  string `json:"digit,omitempty"`
	Code   Code   `json:"code,omitempty"`
	SIP    int    `json:"sip,omitempty"`
	Phrase string `json:"phrase,omitempty"`
	Local  bool   `json:"local,omitempty"`
}

// EventJSON encodes a cause as a new event, one compact JSON object. Causes
// that old pages know have one too where there is more to say: Ended carries
// the code and the reason that the heritage Clear may not. It reports false
// for causes whose heritage event says it all.
func EventJSON(s Snapshot, c Cause) (string, bool) {
	d := eventData{ID: s.Call.ID, Rev: s.Revision}
	typ := ""
	switch c := c.(type) {
	case EarlyMediaHeard:
		typ = "EarlyMedia"
	case MediaUp:
		typ, d.Codec = "MediaUp", c.Codec
	case MuteChanged:
		typ, d.On = "Mute", &c.On
	case VideoMuteChanged:
		typ, d.On = "VideoMute", &c.On
	case DeafChanged:
		typ, d.On = "Deaf", &c.On
	case HoldChanged:
		typ, d.On = "Hold", &c.On
	case FarewellBegan:
		typ = "Farewell"
	case MuteLeaked:
		typ = "MuteLeak"
	case RemoteHoldChanged:
		typ, d.On = "RemoteHold", &c.On
	case DigitSent:
		typ, d.Digit = "DigitSent", string(c.Digit)
	case HangingUp:
		typ = "HangingUp"
	case Ended:
		typ = "Ended"
		d.Code, d.SIP, d.Phrase, d.Local = c.Reason.Code, c.Reason.SIP, c.Reason.Phrase, c.Reason.Local
	default:
		return "", false
	}
	return compact(newEvent{Kind: "nxphone", Type: typ, Data: d}), true
}
