package sipua

import (
	"nxphone/call/sipua/internal/wire"
)

// stranger answers a request that belongs to no call of ours, without keeping
// any state (RFC 3261 section 8.2.7). This phone makes calls and takes none.
func (k *link) stranger(m *wire.Message) {
	code, phrase := 481, "Call/Transaction Does Not Exist"
	var fields []wire.Header
	switch {
	case m.Method == "ACK":
		return
	case m.ToTag != "" || m.Method == "CANCEL" || m.Method == "BYE":
		// It means a dialog that we do not know.
	case m.Method == "OPTIONS":
		// Registrars and SBCs ask so whether we are alive.
		code, phrase, fields = 200, "OK", capabilities()
	case m.Method == "INVITE":
		code, phrase = 486, "Busy Here"
	case m.Method == "UPDATE" || m.Method == "INFO" || m.Method == "NOTIFY" || m.Method == "PRACK":
	default: // RFC 3261 section 8.2.1
		code, phrase, fields = 405, "Method Not Allowed", []wire.Header{allow()}
	}
	res := wire.NewResponse(m, code, phrase, wire.Token(10))
	wire.Add(res, fields...)
	wire.SetBody(res, "", "")
	k.send(res)
}

// capabilities are the fields of an answer to OPTIONS (RFC 3261 section 11.2).
func capabilities() []wire.Header {
	return []wire.Header{allow(), supports(), {Name: "Accept", Value: wire.SDPType}}
}
