package ui

import (
	"context"
	"log/slog"
	"sync"

	"nxphone/assets/text"
	"nxphone/call/kiosk"
)

// kioskVoice speaks prompts, one at a time; a newer one cuts an older one
// short. One goroutine plays; say and close may be called from any other.
type kioskVoice struct {
	opts KioskOptions
	log  *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex
	next *kioskSaying  // waits to be spoken
	now  *kioskSaying  // is being spoken
	cut  func()        // ends what is being spoken
	wake chan struct{} // one slot
}

// kioskSaying is one prompt in one language. Its id is the booth's, 0 for none.
type kioskSaying struct {
	lang   text.Lang
	prompt kiosk.Prompt
	id     uint64
}

func newKioskVoice(ctx context.Context, opts KioskOptions, log *slog.Logger) *kioskVoice {
	v := &kioskVoice{opts: opts, log: log, wake: make(chan struct{}, 1), cut: func() {}}
	v.ctx, v.cancel = context.WithCancel(ctx)
	v.wg.Go(v.run)
	return v
}

// say has a prompt spoken as soon as the one before has been cut.
func (v *kioskVoice) say(l text.Lang, p kiosk.Prompt, id uint64) {
	v.mu.Lock()
	v.next = &kioskSaying{l, p, id}
	v.cut()
	v.mu.Unlock()
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// again begins what is being spoken anew, in another language.
func (v *kioskVoice) again(l text.Lang) {
	v.mu.Lock()
	now := v.now
	v.mu.Unlock()
	if now != nil {
		v.say(l, now.prompt, now.id)
	}
}

func (v *kioskVoice) run() {
	for {
		select {
		case <-v.wake:
		case <-v.ctx.Done():
			return
		}
		for v.one() {
		}
	}
}

// one speaks what waits and reports whether there was anything.
func (v *kioskVoice) one() bool {
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	v.mu.Lock()
	s := v.next
	v.next, v.now, v.cut = nil, s, cancel
	v.mu.Unlock()
	if s == nil {
		return false
	}
	v.speak(ctx, *s)
	v.mu.Lock()
	v.now = nil
	v.mu.Unlock()
	if s.id != 0 && ctx.Err() == nil {
		v.opts.Booth.Spoken(s.id)
	}
	return true
}

// speak plays one prompt. What cannot be spoken stands on the screen all the
// same.
func (v *kioskVoice) speak(ctx context.Context, s kioskSaying) {
	if s.prompt == kiosk.PromptNone || v.opts.Voice == nil || v.opts.Play == nil {
		return
	}
	pcm, err := v.opts.Voice(s.lang, s.prompt)
	if err != nil {
		v.log.Warn("a recording is missing or broken", "prompt", string(s.prompt), "lang", string(s.lang), "err", err)
	}
	if len(pcm) == 0 {
		return
	}
	if err := v.opts.Play(ctx, pcm); err != nil && ctx.Err() == nil {
		v.log.Warn("a prompt was not spoken", "prompt", string(s.prompt), "lang", string(s.lang), "err", err)
	}
}

func (v *kioskVoice) close() {
	v.cancel()
	v.wg.Wait()
}
