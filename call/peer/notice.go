package peer

import (
	"time"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/call"
)

const (
	// maxNotice bounds what is played of a notice.
	maxNotice = time.Minute
	// hearOut is the silence behind a notice: the far end's playout buffer has
	// to be empty before the call is over.
	hearOut = 400 * time.Millisecond
	// resumeWithin is how long a notice waits for the far end to be taken off
	// hold. It is played then in any case: a far end that we hold listens.
	resumeWithin = 3 * time.Second
	// readWithin is how long a lawful ending waits for a notice that is still
	// being read.
	readWithin = 3 * time.Second
)

// notice is what a lawful ending says. at and told belong to the voice
// goroutine.
type notice struct {
	pcm  []int16
	at   int
	told bool // NoticeBegan
	over bool // NoticeEnded
}

// next gives the next 20 ms, silence after the end.
func (n *notice) next(pcm []int16) {
	i := min(n.at, len(n.pcm))
	clear(pcm[copy(pcm, n.pcm[i:]):])
	n.at += len(pcm)
}

// heard reports whether the far end has had time to hear all of it.
func (n *notice) heard() bool {
	return n.at >= len(n.pcm)+int(hearOut*audio.Rate/time.Second)+codec.PacketLen
}

// loadNotice asks for the notice while the call is being made, on the side: it
// may come from a slow disk.
func (s *Session) loadNotice(req call.Request) {
	ask := s.eng.opts.Notice
	if ask == nil {
		s.noticeReady = true
		return
	}
	s.wg.Go(func() {
		pcm, err := ask(req)
		if err != nil {
			s.log.Warn("the notice of a lawful ending cannot be used", "error", err)
			pcm = nil
		}
		if most := int(maxNotice * audio.Rate / time.Second); len(pcm) > most {
			s.log.Warn("the notice of a lawful ending is too long, and is cut", "seconds", maxNotice.Seconds())
			pcm = pcm[:most]
		}
		s.inbox.post(func() { s.noticeRead(pcm, err != nil) })
	})
}

// noticeRead takes the notice, or that there is none in time.
func (s *Session) noticeRead(pcm []int16, bad bool) {
	if s.noticeReady {
		return
	}
	s.notice, s.noticeReady, s.noticeBad = pcm, true, bad
	if s.leaveAsked {
		s.leave()
	}
}

// leave begins a lawful ending.
func (s *Session) leave() {
	first := !s.leaveAsked
	s.leaveAsked = true
	switch {
	case s.leaving:
	case !s.noticeReady:
		if first {
			s.resume = time.AfterFunc(readWithin, func() {
				s.inbox.post(func() { s.noticeRead(nil, true) })
			})
		}
	case len(s.notice) == 0:
		s.leaveAsked = false
		code := call.CodeNoNotice
		if s.noticeBad {
			code = call.CodeBadNotice
		}
		s.tell(call.NoticeFailed{Code: code})
	case s.cur == nil || !s.cur.secure || s.cur.remote == nil || s.ours.theirs:
		// Nobody can hear it, or wants to.
		s.tell(call.NoticeFailed{Code: call.CodeMedia})
	default:
		s.leaving = true
		s.voice.shutForGood()
		if !s.ours.want && !s.ours.agreed {
			s.speak()
			return
		}
		// The far end is held by us. A PBX may play it music in our place, so
		// it is taken off hold first, while both microphone and ear stay shut.
		s.ours.want, s.ours.asked = false, true
		s.ear.held.Store(true)
		s.resume = time.AfterFunc(resumeWithin, func() { s.inbox.post(s.speak) })
		s.exchange()
	}
}

// resumed goes on with a lawful ending that waited for the end of a hold, in
// whatever way that ended.
func (s *Session) resumed() {
	if s.leaving && s.resume != nil && s.resume.Stop() {
		s.speak()
	}
}

// speak hands the notice to the voice goroutine, once.
func (s *Session) speak() {
	if s.notice != nil {
		s.voice.notice.Store(&notice{pcm: s.notice})
		s.notice = nil
	}
}
