package sipua

import (
	"strings"

	"nxphone/call"
	"nxphone/call/sipua/internal/txn"
	"nxphone/call/sipua/internal/wire"
)

// request takes a request of the far end in this call.
func (l *leg) request(m *wire.Message) {
	if m.ToTag != l.localTag || !l.knows(m.FromTag) {
		l.link.stranger(m)
		return
	}
	tx := l.layer.Incoming(m)
	if tx == nil {
		return // an ACK, or a repetition
	}
	switch {
	case m.Method == "CANCEL":
		l.cancelled(tx)
		return
	case l.dialog != nil && int64(m.CSeq) <= l.dialog.remoteSeq:
		// RFC 3261 section 12.2.2. Repetitions have been sorted out above.
		l.reply(tx, 500, "CSeq Out of Order")
		return
	case l.dialog != nil:
		l.dialog.remoteSeq = int64(m.CSeq)
	}
	if unknown := unsupported(m); len(unknown) > 0 {
		l.reply(tx, 420, "Bad Extension", wire.Header{Name: "Unsupported", Value: strings.Join(unknown, ", ")})
		return
	}
	switch m.Method {
	case "BYE":
		l.byeReceived(tx)
	case "INVITE", "UPDATE":
		l.peerOffers(tx)
	case "OPTIONS":
		l.reply(tx, 200, "OK", capabilities()...)
	case "INFO", "NOTIFY":
		l.reply(tx, 200, "OK")
	default:
		l.reply(tx, 405, "Method Not Allowed", allow())
	}
}

// knows reports whether a tag is that of a far end of this call.
func (l *leg) knows(tag string) bool {
	if l.dialog != nil {
		return tag == l.dialog.remoteTag
	}
	return l.invite.early[tag]
}

// unsupported lists what a Require field asks for in vain (RFC 3261 section
// 8.2.2.3).
func unsupported(m *wire.Message) []string {
	var out []string
	for _, tag := range m.List("Require") {
		if !strings.EqualFold(tag, "timer") && !strings.EqualFold(tag, "outbound") {
			out = append(out, tag)
		}
	}
	return out
}

// reply answers a request without a body.
func (l *leg) reply(tx *txn.Server, code int, phrase string, fields ...wire.Header) {
	res := wire.NewResponse(tx.Request, code, phrase, l.localTag)
	wire.Add(res, fields...)
	wire.SetBody(res, "", "")
	tx.Respond(res, nil)
}

// byeReceived ends the call from the far end.
func (l *leg) byeReceived(tx *txn.Server) {
	l.reply(tx, 200, "OK")
	if l.phase == inviting {
		// A callee may not say BYE before its answer (RFC 3261 section 15),
		// but one that does has gone.
		l.cancel()
	}
	l.end(l.ours(call.Reason{Code: call.CodeRemoteHangup, Phrase: explain(tx.Request)}))
}

// sendInfo sends one DTMF digit after the other: digits in two INFO requests at
// once could change places behind the server.
func (l *leg) sendInfo(digit rune) {
	if l.phase != confirmed {
		return
	}
	l.digits = append(l.digits, digit)
	if len(l.digits) == 1 {
		l.nextDigit()
	}
}

func (l *leg) nextDigit() {
	o := l.within(l.dialog, "INFO")
	o.bodyType = "application/dtmf-relay"
	o.body = "Signal=" + string(l.digits[0]) + "\r\nDuration=160\r\n"
	l.exchange(l.dialog, o, func(m *wire.Message) {
		if l.phase != confirmed || l.gone(m) {
			return
		}
		if l.digits = l.digits[1:]; len(l.digits) > 0 {
			l.nextDigit()
		}
	})
}

// gone ends the call when the response to a request of ours in the dialog says
// that the far end has lost it: 481, 408, or none at all (RFC 3261 section
// 12.2.1.2). It reports whether it did.
func (l *leg) gone(m *wire.Message) bool {
	switch {
	case m == nil:
		l.sayBye(call.Reason{Code: call.CodeTimeout, Phrase: "no response within the call"})
	case m.Code() == 408:
		l.sayBye(call.Reason{Code: call.CodeTimeout, SIP: 408, Phrase: explain(m)})
	case m.Code() == 481:
		l.sayBye(call.Reason{Code: call.CodeServerError, SIP: 481, Phrase: explain(m)})
	default:
		return false
	}
	return true
}
