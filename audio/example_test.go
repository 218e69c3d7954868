package audio_test

import (
	"context"
	"fmt"
	"time"

	"nxphone/audio"
)

// echo is the smallest call there is: it plays what it has heard.
type echo struct{ ring *audio.Ring }

func (e echo) Capture(frame []int16) { e.ring.Write(frame) }
func (e echo) Playout(frame []int16) { clear(frame[e.ring.Read(frame):]) }

// A call without a sound card: silence in, nobody listens.
func ExampleRun() {
	port := audio.Join(audio.NewNullInput(nil), audio.NewNullOutput(nil))
	defer port.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	err := audio.Run(ctx, port, port, echo{audio.NewRing(audio.Rate / 5)})
	fmt.Println(err)
	// Output: context deadline exceeded
}
