package doctor

import (
	"encoding/json"
	"time"
)

// Grade says how bad a finding is. A greater one is worse.
type Grade int

// The grades. The numbers are written out because reports show them.
const (
	// Skipped: it was not looked at, and why is the finding.
	Skipped Grade = 0
	// OK: nothing to do.
	OK Grade = 1
	// Warning: calls can be made; something should be better.
	Warning Grade = 2
	// Error: a call is impossible or would suffer.
	Error Grade = 3
)

func (g Grade) String() string {
	switch g {
	case OK:
		return "ok"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "skipped"
}

// MarshalJSON writes the grade as a word.
func (g Grade) MarshalJSON() ([]byte, error) { return json.Marshal(g.String()) }

// Area is what was looked at.
type Area string

// The areas, in the order in which they are told.
const (
	AreaSettings   Area = "settings"
	AreaPolicies   Area = "policies"
	AreaDisk       Area = "disk"
	AreaClock      Area = "clock"
	AreaDisplay    Area = "display"
	AreaKeyring    Area = "keyring"
	AreaMicrophone Area = "microphone"
	AreaSpeaker    Area = "speaker"
	AreaHeadset    Area = "headset"
	AreaName       Area = "name"
	AreaConnection Area = "connection"
	AreaTLS        Area = "encryption"
	AreaWebSocket  Area = "websocket"
	AreaSIP        Area = "sip"
	AreaRelay      Area = "relay"
	AreaWebAPI     Area = "web-api"
	AreaBrowser    Area = "browser"
	AreaCall       Area = "call"
)

// Areas lists every area, in order.
func Areas() []Area {
	return []Area{AreaSettings, AreaPolicies, AreaDisk, AreaClock, AreaDisplay, AreaKeyring, AreaMicrophone, AreaSpeaker, AreaHeadset,
		AreaName, AreaConnection, AreaTLS, AreaWebSocket, AreaSIP, AreaRelay, AreaWebAPI, AreaBrowser, AreaCall}
}

// Finding is one result. It holds no number of a person and no secret: hosts,
// counts, times and the names of devices and files only.
type Finding struct {
	Area  Area  `json:"check"`
	Grade Grade `json:"result"`
	// Code is stable; the catalogue has what happened under "doctor.CODE" and,
	// unless it is OK, what to do under "doctor.CODE.help".
	Code Code `json:"code"`
	// Args fill the blanks of those texts: name, value, name, value.
	Args []string `json:"args,omitempty"`
	// Detail tells a technician more, in the system's words; it may be empty.
	Detail string `json:"detail,omitempty"`
	// Took is how long this was looked at, in milliseconds.
	Took Milliseconds `json:"took_ms"`
}

// Milliseconds is a length of time that JSON shows as a number.
type Milliseconds time.Duration

// MarshalJSON writes whole milliseconds.
func (m Milliseconds) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(m).Milliseconds())
}

// Find makes a finding whose grade and area are the code's own.
func Find(code Code, args ...string) Finding {
	m := meanings()[code]
	return Finding{Area: m.area, Grade: m.grade, Code: code, Args: args}
}

// In says that the finding belongs to another area than its code's.
func (f Finding) In(a Area) Finding {
	f.Area = a
	return f
}

// With adds the system's words.
func (f Finding) With(detail string) Finding {
	f.Detail = tidy(detail)
	return f
}

// Worst is the worst grade among findings.
func Worst(all []Finding) Grade {
	worst := Skipped
	for _, f := range all {
		worst = max(worst, f.Grade)
	}
	return worst
}
