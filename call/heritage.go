package call

import (
	"bytes"
	"encoding/json"
)

// The heritage events are what nxWebApi.js pages have always been given: the
// names, the order of the members and the values below are a contract with
// pages that nobody will change, the leading blank in " i_ao_request"
// included. They carry nothing more; what is new travels in EventJSON.

type heritageEvent struct {
	Kind string `json:",omitempty"`
	Type string
	Data any
}

type heritageData struct {
	Status string `json:"status"`
	Desc   string `json:"desc"`
	DN     string `json:"dn"`
	ID     int    `json:"id"`
}

// SetCallBackJSON is the event that answers the registration of a callback.
func SetCallBackJSON() string {
	return compact(heritageEvent{Type: "SetCallBack", Data: struct {
		Result string `json:"result"`
	}{"Success"}})
}

// HeritageJSON encodes a cause for an old page, as one compact JSON object. It
// reports false for causes that old pages know nothing of. s is the snapshot
// that came with the cause.
func HeritageJSON(s Snapshot, c Cause) (string, bool) {
	typ, status, desc := "", "", ""
	switch c.(type) {
	case Began:
		typ, status, desc = "Connecting", "connecting", "Call in progress..."
	case Tried:
		typ, status, desc = "Trying", " i_ao_request", "Trying"
	case Rang:
		typ, status, desc = "Ringing", " i_ao_request", "Ringing"
	case Answered:
		typ, status, desc = "InCall", "connected", "In call"
	case Ended:
		typ, status, desc = "Clear", "terminated", "Call terminated"
	default:
		return "", false
	}
	return compact(heritageEvent{Kind: "SIP", Type: typ, Data: heritageData{
		Status: status, Desc: desc, DN: s.Call.DN, ID: s.Call.ID,
	}}), true
}

// compact encodes without the escapes for HTML that encoding/json adds: the
// heritage pages compare strings.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// The values are structs of strings and numbers: they always encode.
	if err := enc.Encode(v); err != nil {
		return "{}"
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
