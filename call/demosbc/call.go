package demosbc

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	// ringEvery is how often a 180 is repeated (RFC 3261 section 13.3.1.1).
	ringEvery = time.Minute
	// t1, t2 and timerB are RFC 3261's (section 17.1.1.2).
	t1     = 500 * time.Millisecond
	t2     = 4 * time.Second
	timerB = 64 * t1
	// mediaGrace is how long a lost transport waits for the BYE that usually
	// comes with it.
	mediaGrace = 2 * time.Second
	// retireAfter is how long a replaced stream lives on, so that a phone can
	// change over without a gap.
	retireAfter = 2 * time.Second
	// shutdownGrace is how long a closing server waits for the answer to its
	// BYE.
	shutdownGrace = 500 * time.Millisecond
)

// wire is where messages to the phone go: a flow, or a test.
type wire interface {
	send(msg sip.Message) error
}

// voice is the sound of a call: a stream, or a test's.
type voice interface {
	describe(o *offer, d direction, asOffer bool) string
	play(what sound, o *offer)
	prepare(what sound, o *offer)
	hold(on bool)
	lost() <-chan struct{}
	close()
}

// phase is how far a call has come.
type phase int

const (
	early    phase = iota // no final response yet
	answered              // 200 sent, no ACK yet
	talking               // ACK received
	ending                // BYE sent, its response awaited
	over
)

// call is one dialog and its sound. All of its state belongs to the goroutine
// in run; others only put into its inbox.
type call struct {
	inbox *inbox

	plan   plan
	dlg    *dialog
	wire   wire
	invite *sip.Request
	open   func(ctx context.Context, o *offer) (voice, error)
	ear    *ear
	grace  time.Duration // see Config.FlowGrace
	log    *slog.Logger

	phase  phase
	steps  []step
	alarms alarms

	voice   voice
	retired voice  // replaced, closed by alarmRetire
	offer   *offer // the phone's, in force
	theirs  direction
	ours    direction // what we want
	asked   direction // what we wanted when we last described ourselves
	said    direction // what our last offer or answer said; "" before the first
	sdp     describer

	provisional *sip.Response // the last one, for a repeated INVITE
	final       unacked
	pending     pending
}

// unacked is a 2xx that is repeated until its ACK comes (RFC 3261 section
// 13.3.1.4).
type unacked struct {
	res      *sip.Response
	interval time.Duration
	deadline time.Time
}

// pending is the one request of ours that is under way.
type pending struct {
	req *sip.Request // nil: none
	// before is what we had asked for before a re-INVITE, should it fail.
	before direction
	// ack repeats the ACK when the phone repeats its 2xx.
	ack    *sip.Request
	ackSeq uint32
}

// run is the call from its INVITE to its end.
func (c *call) run(ctx context.Context) {
	defer c.finish()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()

	c.begin(ctx)
	closing := ctx.Done()
	for c.phase != over {
		c.alarms.arm(timer)
		select {
		case <-closing:
			closing = nil
			c.shutdown()
		case <-c.inbox.wake:
			if in, ok := c.inbox.take(); ok {
				c.take(ctx, in)
			}
		case <-timer.C:
			if a, ok := c.alarms.due(time.Now()); ok {
				c.ring(a)
			}
		case <-c.voiceLost():
			c.mediaLost()
		}
	}
}

// finish releases the sound and answers requests that came too late.
func (c *call) finish() {
	c.closeVoices()
	for _, in := range c.inbox.close() {
		if req, ok := in.msg.(*sip.Request); ok && req.Method != sip.ACK {
			c.wire = in.from
			c.reply(req, 481, "Call/Transaction Does Not Exist", "")
		}
	}
}

// begin looks at the offer and starts the number's steps.
func (c *call) begin(ctx context.Context) {
	c.theirs, c.ours = sendrecv, sendrecv
	if err := c.accept(ctx, sdpOf(c.invite)); err != nil {
		c.log.Info("an offer was refused", "error", err)
		c.refuse(488, "Not Acceptable Here")
		return
	}
	if later := c.plan.later(); later != soundNone {
		c.voice.prepare(later, c.offer)
	}
	c.steps = c.plan.steps
	c.scheduleStep()
}

// accept reads the first offer, or a later one, and has a voice for it. An
// offer of the same transport keeps the voice; a new one builds another, and
// the old one fades out later.
func (c *call) accept(ctx context.Context, text string) error {
	o, err := parseOffer(text)
	if err != nil {
		return err
	}
	if c.offer == nil || !c.offer.sameTransport(o) {
		v, err := c.open(ctx, o)
		if err != nil {
			return err
		}
		c.replace(v)
	}
	c.ear.expect(o.formats)
	c.offer, c.theirs = o, o.direction
	return nil
}

// scheduleStep sets the alarm for the number's next step, or takes it at once
// when there is nothing to wait for.
func (c *call) scheduleStep() {
	switch {
	case len(c.steps) == 0:
	case c.steps[0].wait <= 0:
		c.nextStep()
	default:
		c.alarms.set(alarmStep, c.steps[0].wait)
	}
}

// nextStep does what the number does next.
func (c *call) nextStep() {
	if len(c.steps) == 0 {
		return
	}
	do := c.steps[0].do
	c.steps = c.steps[1:]
	switch do {
	case doRing:
		c.respondProvisional(180, "Ringing", "")
		c.alarms.set(alarmRing, ringEvery)
	case doEarly:
		c.voice.play(soundTone, c.offer)
		c.respondProvisional(183, "Session Progress", c.describe(false))
	case doAnswer:
		c.answer()
		return // the next step's time begins with the ACK
	case doHangup:
		c.hangup()
		return
	case doHold:
		c.ours = sendonly
		c.reoffer()
	case doResume:
		c.ours = sendrecv
		c.reoffer()
	}
	c.scheduleStep()
}

// describe writes our SDP: an answer to the offer in force, or an offer of our
// own.
func (c *call) describe(asOffer bool) string {
	c.said = c.offer.direction.reply(c.ours)
	if asOffer {
		c.said = c.ours
	}
	c.asked = c.ours
	return c.sdp.number(c.voice.describe(c.offer, c.said, asOffer))
}

func (c *call) respondProvisional(code int, reason, sdp string) {
	res := c.dlg.respond(c.invite, code, reason, sdp)
	c.provisional = res
	c.send(res)
}

// answer sends the 200. The sound changes first, so that whoever has seen the
// 200 finds it in place.
func (c *call) answer() {
	c.alarms.clear(alarmRing)
	c.phase = answered
	res := c.dlg.respond(c.invite, 200, "OK", c.describe(false))
	c.sound()
	c.sendFinal(res)
}

// sendFinal sends a 2xx to an INVITE and repeats it until acknowledged.
func (c *call) sendFinal(res *sip.Response) {
	c.final = unacked{res: res, interval: t1, deadline: time.Now().Add(timerB)}
	c.alarms.set(alarmResend, t1)
	c.send(res)
}

// refuse ends a call that was not answered.
func (c *call) refuse(code int, reason string) {
	c.send(c.dlg.respond(c.invite, code, reason, ""))
	c.phase = over
}

// sound makes the phone hear what the call's state says.
func (c *call) sound() {
	what := c.plan.sound
	if c.ours == sendonly {
		what = soundMusic
	}
	c.voice.play(what, c.offer)
	c.voice.hold(!c.said.sends() || !c.theirs.receives())
}

// hangup sends a BYE and goes silent. A phone that has no flow just now gets
// none, and the call is over.
func (c *call) hangup() {
	unreachable := c.alarms.running(alarmFlow)
	c.alarms = alarms{}
	c.final = unacked{}
	if unreachable {
		c.phase = over
		return
	}
	c.phase = ending
	c.closeVoices()
	c.request(sip.BYE, "")
	c.alarms.set(alarmPending, timerB)
}

// shutdown is what happens when the server closes.
func (c *call) shutdown() {
	switch c.phase {
	case early:
		c.refuse(503, "Service Unavailable")
	case answered, talking:
		c.hangup()
	}
	c.alarms.set(alarmPending, shutdownGrace)
}

// request sends a request of ours and remembers it. There is never more than
// one; a BYE takes the place of a re-INVITE, whose response no longer matters.
func (c *call) request(method sip.RequestMethod, sdp string) {
	req := c.dlg.request(method, sdp)
	c.pending = pending{req: req}
	c.send(req)
}

// reoffer sends a re-INVITE when we want something else than at the last time
// and no other exchange of offers is under way; else its end comes back here.
func (c *call) reoffer() {
	if c.phase != talking || c.pending.req != nil || c.final.res != nil || c.asked == c.ours {
		return
	}
	before := c.asked
	// The music begins with the hold and not with its answer, as with a PBX.
	sdp := c.describe(true)
	c.sound()
	c.request(sip.INVITE, sdp)
	c.pending.before = before
	c.alarms.set(alarmPending, timerB)
}

// ring acts on an alarm.
func (c *call) ring(a alarm) {
	switch a {
	case alarmStep:
		c.nextStep()
	case alarmRing:
		c.send(c.provisional)
		c.alarms.set(alarmRing, ringEvery)
	case alarmResend:
		c.resend()
	case alarmPending:
		if c.phase == ending {
			c.phase = over
			return
		}
		c.hangup() // a re-INVITE without any answer (RFC 3261 section 12.2.1.2)
	case alarmReoffer:
		c.reoffer()
	case alarmRetire:
		c.dropRetired()
	case alarmMedia:
		c.log.Info("a call was ended", "because", "its media is gone")
		c.end()
	case alarmFlow:
		c.log.Info("a call was ended", "because", "its phone did not come back")
		c.phase = over
	}
}

// end ends a call in whatever phase it is.
func (c *call) end() {
	switch c.phase {
	case early:
		c.refuse(500, "Media Lost")
	case answered, talking:
		c.hangup()
	}
}

// resend repeats the 2xx, at intervals that double up to T2, for 64*T1.
func (c *call) resend() {
	if c.final.res == nil {
		return
	}
	if !time.Now().Before(c.final.deadline) {
		c.hangup()
		return
	}
	c.send(c.final.res)
	c.final.interval = min(2*c.final.interval, t2)
	c.alarms.set(alarmResend, c.final.interval)
}

// send writes to the flow that the dialog lives on. A failure shows as the end
// of the flow.
func (c *call) send(msg sip.Message) {
	if err := c.wire.send(msg); err != nil {
		c.log.Debug("a message could not be sent", "error", err)
	}
}

// voiceLost is never ready once the loss is known.
func (c *call) voiceLost() <-chan struct{} {
	if c.voice == nil || c.alarms.running(alarmMedia) {
		return nil
	}
	return c.voice.lost()
}

func (c *call) mediaLost() { c.alarms.set(alarmMedia, mediaGrace) }

// replace puts a new voice in the place of the old one, which lives a little
// longer.
func (c *call) replace(v voice) {
	c.dropRetired()
	c.alarms.clear(alarmMedia)
	if c.voice != nil {
		c.retired = c.voice
		c.alarms.set(alarmRetire, retireAfter)
	}
	c.voice = v
}

func (c *call) dropRetired() {
	if c.retired != nil {
		c.retired.close()
		c.retired = nil
	}
}

func (c *call) closeVoices() {
	c.dropRetired()
	if c.voice != nil {
		c.voice.close()
		c.voice = nil
	}
}

// glareWait is how long the side that did not make the Call-ID waits after a
// 491: up to two seconds in steps of ten milliseconds (RFC 3261 section 14.1).
func glareWait() time.Duration { return time.Duration(rand.IntN(201)) * 10 * time.Millisecond }
