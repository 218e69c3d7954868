package ui

import (
	"context"
	"time"

	"nxphone/ui/present"
)

// levelTime is how often the levels are looked at: often enough for a bar to
// move with the voice, and few enough frames where there is no graphics card.
const levelTime = 250 * time.Millisecond

// watchLevels begins or ends looking at the levels of the call. They are wanted
// while somebody sees the bars, or may be talking into a muted microphone.
func (d *desk) watchLevels(v present.View) {
	seen := !d.hidden && v.Card.Meters && d.card.meters.root.Visible() && v.Size != present.Compact && d.page == pageNone && !d.asking()
	wanted := d.opts.Levels != nil && v.Screen == present.Talk && (seen || v.Mute.On)
	d.drawLevels = seen
	switch {
	case wanted && d.endLevels == nil:
		ctx, cancel := context.WithCancel(d.cmds.ctx)
		d.endLevels = cancel
		d.cmds.run(func(context.Context) error {
			d.followLevels(ctx)
			return nil
		})
	case !wanted && d.endLevels != nil:
		d.endLevels()
		d.endLevels = nil
	}
}

func (d *desk) followLevels(ctx context.Context) {
	tick := time.NewTicker(levelTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		l := d.opts.Levels()
		d.pump.run(func() {
			d.facts.Observed = d.facts.Observed.Heard(l)
			if d.drawLevels {
				d.card.meters.set(l)
			}
		})
	}
}
