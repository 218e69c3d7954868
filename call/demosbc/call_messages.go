package demosbc

import (
	"context"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// This file is what a call does with what its phone sends.

// take acts on one input.
func (c *call) take(ctx context.Context, in input) {
	if in.msg == nil {
		c.flowLost(in.from)
		return
	}
	switch msg := in.msg.(type) {
	case *sip.Request:
		// The dialog moves to the flow that the phone uses now; a phone that
		// lost its connection comes back on another.
		c.wire = in.from
		c.alarms.clear(alarmFlow)
		c.takeRequest(ctx, msg)
	case *sip.Response:
		c.takeResponse(msg)
	}
}

// flowLost ends a call that still rings, and gives a phone in a conversation
// some time to come back.
func (c *call) flowLost(from wire) {
	if from != c.wire {
		return
	}
	if c.phase == early || c.phase == ending {
		c.phase = over
		return
	}
	c.alarms.set(alarmFlow, c.grace)
}

// takeRequest answers a request of this dialog, or one that belongs to its
// INVITE.
func (c *call) takeRequest(ctx context.Context, req *sip.Request) {
	switch {
	case req.Method == sip.INVITE && branchOf(req) == branchOf(c.invite):
		c.repeatResponse()
		return
	case req.Method == sip.ACK:
		c.takeAck(req)
		return
	case req.Method == sip.CANCEL:
		c.takeCancel(req)
		return
	case !c.dlg.inOrder(req):
		c.reply(req, 500, "Server Internal Error", "") // RFC 3261 section 12.2.2
		return
	case c.phase == ending && req.Method != sip.BYE:
		c.reply(req, 481, "Call/Transaction Does Not Exist", "")
		return
	}
	switch req.Method {
	case sip.BYE:
		c.takeBye(req)
	case sip.INVITE:
		c.takeReinvite(ctx, req)
	case sip.UPDATE:
		c.takeUpdate(ctx, req)
	case sip.INFO:
		c.takeInfo(req)
	case sip.OPTIONS, sip.NOTIFY:
		c.reply(req, 200, "OK", "")
	default:
		c.reply(req, 405, "Method Not Allowed", "")
	}
}

func (c *call) reply(req *sip.Request, code int, reason, sdp string) {
	c.send(c.dlg.respond(req, code, reason, sdp))
}

// repeatResponse answers an INVITE that came twice. On a WebSocket nothing
// gets lost, but a phone may send it again on another flow.
func (c *call) repeatResponse() {
	switch {
	case c.final.res != nil:
		c.send(c.final.res)
	case c.provisional != nil:
		c.send(c.provisional)
	}
}

// takeAck ends the repeating of a 2xx, ours to the INVITE or to a re-INVITE.
func (c *call) takeAck(ack *sip.Request) {
	if c.final.res == nil || ack.CSeq().SeqNo != c.final.res.CSeq().SeqNo {
		return
	}
	c.final = unacked{}
	c.alarms.clear(alarmResend)
	if c.phase == answered {
		c.phase = talking
		c.scheduleStep()
	}
	c.takeAnswer(sdpOf(ack))
	c.reoffer() // one that had to wait for this
}

// takeAnswer notes the direction in a phone's answer to an offer of ours;
// everything else in it is as it was.
func (c *call) takeAnswer(text string) {
	if text == "" || c.voice == nil {
		return
	}
	o, err := parseOffer(text)
	if err != nil {
		c.log.Info("an answer could not be used", "error", err)
		return
	}
	c.theirs = o.direction
	c.sound()
}

// takeCancel ends a call that was not answered (RFC 3261 section 9.2).
func (c *call) takeCancel(req *sip.Request) {
	c.reply(req, 200, "OK", "")
	if c.phase == early {
		c.refuse(487, "Request Terminated")
	}
}

// takeBye ends the call, also when our own BYE is under way.
func (c *call) takeBye(req *sip.Request) {
	c.reply(req, 200, "OK", "")
	if c.phase == early {
		c.refuse(487, "Request Terminated") // section 15.1.2
	}
	c.phase = over
}

// takeReinvite answers a new offer of the phone: hold, resume, other codecs or
// another transport. An empty one asks for our offer.
func (c *call) takeReinvite(ctx context.Context, req *sip.Request) {
	switch {
	case c.phase == early:
		res := c.dlg.respond(req, 500, "Server Internal Error", "") // section 14.2
		res.AppendHeader(sip.NewHeader("Retry-After", "1"))
		c.send(res)
		return
	case c.pending.req != nil:
		c.reply(req, 491, "Request Pending", "")
		return
	}
	text := sdpOf(req)
	if text != "" {
		if err := c.accept(ctx, text); err != nil {
			c.log.Info("an offer was refused", "error", err)
			c.reply(req, 488, "Not Acceptable Here", "")
			return
		}
	}
	c.dlg.refresh(req)
	res := c.dlg.respond(req, 200, "OK", c.describe(text == ""))
	c.sound()
	c.sendFinal(res)
}

// takeUpdate is a re-INVITE without ACK (RFC 3311), or only a refresh of the
// session timer when it carries nothing.
func (c *call) takeUpdate(ctx context.Context, req *sip.Request) {
	text := sdpOf(req)
	switch {
	case text == "":
		c.dlg.refresh(req)
		c.reply(req, 200, "OK", "")
		return
	case c.pending.req != nil || c.said == "":
		// Ours is under way, or the INVITE's offer was not answered yet
		// (section 5.2).
		c.reply(req, 491, "Request Pending", "")
		return
	}
	if err := c.accept(ctx, text); err != nil {
		c.log.Info("an offer was refused", "error", err)
		c.reply(req, 488, "Not Acceptable Here", "")
		return
	}
	c.dlg.refresh(req)
	sdp := c.describe(false)
	if c.phase != early {
		c.sound()
	}
	c.reply(req, 200, "OK", sdp)
}

// takeInfo notes a digit in application/dtmf-relay or application/dtmf.
func (c *call) takeInfo(req *sip.Request) {
	if d, ok := infoDigit(string(req.Body())); ok {
		c.ear.digit(d)
	}
	c.reply(req, 200, "OK", "")
}

// infoDigit reads "Signal=5", in any case and spacing, or a body of one digit.
func infoDigit(body string) (byte, bool) {
	signal := strings.TrimSpace(body)
	for line := range strings.Lines(body) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.EqualFold(strings.TrimSpace(key), "signal") {
			signal = strings.TrimSpace(value)
		}
	}
	// Some write the event's number (RFC 4733) instead of the sign.
	switch signal {
	case "10":
		signal = "*"
	case "11":
		signal = "#"
	}
	if len(signal) != 1 || !strings.Contains("0123456789*#ABCD", strings.ToUpper(signal)) {
		return 0, false
	}
	return strings.ToUpper(signal)[0], true
}

// takeResponse acts on the response to the request of ours that is under way.
func (c *call) takeResponse(res *sip.Response) {
	seq := res.CSeq()
	if c.pending.ack != nil && seq.MethodName == sip.INVITE && seq.SeqNo == c.pending.ackSeq && res.IsSuccess() {
		c.send(c.pending.ack) // the phone did not see our ACK
		return
	}
	req := c.pending.req
	if req == nil || branchOf(res) != branchOf(req) || seq.MethodName != req.Method {
		if seq.MethodName == sip.INVITE && res.IsSuccess() {
			c.send(c.dlg.ack(seq.SeqNo)) // overtaken by a BYE; still to be acknowledged
		}
		return
	}
	if res.StatusCode < 200 {
		return
	}
	c.alarms.clear(alarmPending)
	if req.Method == sip.BYE {
		c.phase = over // whatever the code (RFC 3261 section 15.1.1)
		return
	}
	if res.IsSuccess() {
		c.reofferTaken(res)
		return
	}
	c.send(ackRefusal(req, res))
	c.reofferRefused(res.StatusCode)
}

// reofferTaken: the phone agreed to our re-INVITE.
func (c *call) reofferTaken(res *sip.Response) {
	seq := res.CSeq().SeqNo
	c.pending = pending{ack: c.dlg.ack(seq), ackSeq: seq}
	c.send(c.pending.ack)
	if contact := res.Contact(); contact != nil {
		c.dlg.target = *contact.Address.Clone()
	}
	c.takeAnswer(sdpOf(res))
	c.reoffer() // the number may have gone on meanwhile
}

// reofferRefused: the session stays as it was (RFC 3261 section 14.1).
func (c *call) reofferRefused(code int) {
	before := c.pending.before
	c.pending = pending{}
	c.asked, c.said = before, c.offer.direction.reply(before)
	switch code {
	case 491:
		c.alarms.set(alarmReoffer, glareWait())
	case 408, 481:
		c.hangup() // the phone knows no such dialog (section 12.2.1.2)
	default:
		c.log.Info("a re-INVITE was refused", "code", strconv.Itoa(code))
		c.ours = before
		c.sound()
	}
}
