package scene

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"nxphone/audio"
	"nxphone/audio/quality"
)

// Talker is a voice of espeak-ng: its name ("en-us+m3"), words a minute and pitch
// (0 to 99).
type Talker struct {
	Voice        string
	Speed, Pitch int
	// First is the sentence that is begun with.
	First int
}

// The two ends of a call.
func Male() Talker   { return Talker{Voice: "en-us+m3", Speed: 165, Pitch: 40} }
func Female() Talker { return Talker{Voice: "en-gb+f3", Speed: 160, Pitch: 60, First: 11} }

// sentences are everyday speech, with the sounds of the language about as often as
// they are.
func sentences() []string {
	return []string{
		"Good morning, this is the service desk, how may I help you today?",
		"I ordered a blue jacket last Thursday, and it still has not arrived.",
		"Let me look for your order, that will only take a moment.",
		"The parcel left our house on Friday and waits at the post office now.",
		"Could you please tell me the last four digits of your customer number?",
		"Yes, of course, they are seven, three, nine and five.",
		"Thank you, I see that the address on the label was not complete.",
		"That is strange, because I typed it exactly as I always do.",
		"We are going to send it again this afternoon, without any charge.",
		"Which colour would you choose if the blue one were sold out?",
		"My daughter thinks that green would suit me even better.",
		"She wanted a smooth voyage over the calm northern sea.",
		"Five young children were pushing a heavy wooden cart up the hill.",
		"Please speak a little louder, there is some noise on the line.",
		"The manager usually joins us between two and three in the afternoon.",
		"He breathed deeply, smiled, and began the story from the beginning.",
		"A whole week of thunder and rain had washed the old bridge away.",
		"Nobody was sure whether the shop would open before the holidays.",
		"I will write down everything that you told me and call you back.",
		"There is a short form on our page, where you can add a photograph.",
		"Fresh bread, yellow cheese and a cup of tea are all that I need.",
		"It was a pleasure to talk to you, I wish you a very good evening.",
	}
}

// ErrNoSpeech: espeak-ng is not there, or gave no sound.
var ErrNoSpeech = errors.New("scene: espeak-ng gave no speech; is the Debian package espeak-ng installed?")

// Speak is somebody who talks for so long, sentence after sentence with short
// pauses, at an active level in dBFS (quality.ActiveLevel). It runs espeak-ng until
// ctx ends.
func Speak(ctx context.Context, who Talker, d time.Duration, level float64) ([]float64, error) {
	all := sentences()
	n := samples(d)
	var out []float64
	for next := who.First; len(out) < n; next += 6 {
		var text []string
		for i := range 6 {
			text = append(text, all[(next+i)%len(all)])
		}
		pcm, err := say(ctx, who, strings.Join(text, " "))
		if err != nil {
			return nil, err
		}
		out = append(out, quality.Floats(pcm)...)
	}
	return Scale(out[:n], level), nil
}

// say is the speech of one text.
func say(ctx context.Context, who Talker, text string) ([]int16, error) {
	cmd := exec.CommandContext(ctx, "espeak-ng", "--stdout", "-v", who.Voice, "-s", strconv.Itoa(who.Speed), "-p", strconv.Itoa(who.Pitch))
	cmd.Stdin = strings.NewReader(text)
	wav, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoSpeech, err)
	}
	r, err := audio.NewWAVReader(bytes.NewReader(wav))
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoSpeech, err)
	}
	var pcm []int16
	block := make([]int16, audio.Rate)
	for {
		n, err := r.Read(block)
		pcm = append(pcm, block[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrNoSpeech, err)
		}
	}
	if len(pcm) == 0 {
		return nil, ErrNoSpeech
	}
	return pcm, nil
}

func samples(d time.Duration) int { return int(d * audio.Rate / time.Second) }
